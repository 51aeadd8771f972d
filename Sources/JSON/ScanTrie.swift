/// The paths of a plan as a tree of plain values, so that a key that no path wants costs one
/// test of a bit.
struct ScanTrie: Sendable {
    struct Node: Sendable {
        /// Bit `hash & 63` is set for each wanted key.
        var bloom: UInt64 = 0
        /// The node of a member or element that has none of its own; negative for none.
        var other: Int32 = -1
        /// For records: the node of an object that is itself the one record.
        var single: Int32 = -1
        var keys: Range<Int32> = 0..<0
        var indexes: Range<Int32> = 0..<0
        var captures: Range<Int32> = 0..<0
        var flags: Flags = []
    }

    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8
        /// The value does not count for the fingerprint.
        static let ignored = Flags(rawValue: 1)
        /// Only parts of the value count; if there are none, it does not count at all.
        static let partial = Flags(rawValue: 2)
        /// The order of the elements does not count.
        static let unordered = Flags(rawValue: 4)
        /// The value is the list of records.
        static let records = Flags(rawValue: 8)
        /// The value is a record.
        static let record = Flags(rawValue: 16)
        static let iterates = Flags(rawValue: 32)
        /// A string that holds a number is that number.
        static let number = Flags(rawValue: 64)
        /// A string that holds a time is that moment.
        static let time = Flags(rawValue: 128)
        static let normal: Flags = [.number, .time]
        /// What must be looked at when a member or element has been read.
        static let mask: Flags = [.ignored, .partial]
    }

    struct KeyEntry: Sendable {
        let hash: Meaning
        let node: Int32
    }

    struct IndexEntry: Sendable {
        let index: Int
        let node: Int32
    }

    fileprivate(set) var nodes: [Node] = []
    fileprivate(set) var keys: [KeyEntry] = []
    fileprivate(set) var indexes: [IndexEntry] = []
    /// Slots: a field of the record if not negative, else the page field `-1 - slot`.
    fileprivate(set) var captures: [Int32] = []
    private(set) var recordFieldCount: Int
    private(set) var pageFieldCount: Int

    init(
        records: JSONPath?, recordFields: [JSONPath], pageFields: [JSONPath], mask: ScanPlan.Mask,
        unordered: [JSONPath], normal: [Normalization] = []
    ) {
        recordFieldCount = recordFields.count
        pageFieldCount = pageFields.count
        var rules = records.map { [TrieRule($0.steps[...], .records)] } ?? []
        for (slot, path) in pageFields.enumerated() {
            rules.append(TrieRule(path.steps[...], .capture(-1 - Int32(slot))))
        }
        var inside = unordered.map { TrieRule($0.steps[...], .unordered) }
        inside += normal.map { TrieRule($0.path.steps[...], .normalize($0.kind)) }
        for (slot, path) in recordFields.enumerated() {
            inside.append(TrieRule(path.steps[...], .capture(Int32(slot))))
        }
        var isPartial = false
        switch mask {
        case .all: break
        case .ignoring(let paths): inside += paths.map { TrieRule($0.steps[...], .ignore) }
        case .only(let paths):
            inside += paths.map { TrieRule($0.steps[...], .include) }
            isPartial = true
        }
        var compiler = TrieCompiler(
            trie: self, inside: inside, isPartial: isPartial, iterates: records?.iterates ?? false)
        _ = compiler.node(rules, counts: .whole, isRecord: false)
        self = compiler.trie
    }

    @inline(__always)
    func child(of node: Int32, key: Meaning) -> Int32 {
        let parent = nodes[Int(node)]
        guard parent.bloom & (1 &<< (key.first & 63)) != 0 else { return parent.other }
        return find(key, in: parent)
    }

    @inline(never)
    private func find(_ key: Meaning, in parent: Node) -> Int32 {
        var (low, high) = (Int(parent.keys.lowerBound), Int(parent.keys.upperBound))
        while low < high {
            let middle = (low + high) / 2
            if keys[middle].hash.first < key.first { low = middle + 1 } else { high = middle }
        }
        while low < Int(parent.keys.upperBound), keys[low].hash.first == key.first {
            if keys[low].hash == key { return keys[low].node }
            low += 1
        }
        return parent.other
    }

    @inline(__always)
    func child(of node: Int32, index: Int) -> Int32 {
        let parent = nodes[Int(node)]
        guard !parent.indexes.isEmpty else { return parent.other }
        return find(index, in: parent)
    }

    @inline(never)
    private func find(_ index: Int, in parent: Node) -> Int32 {
        var (low, high) = (Int(parent.indexes.lowerBound), Int(parent.indexes.upperBound))
        while low < high {
            let middle = (low + high) / 2
            if indexes[middle].index < index { low = middle + 1 } else { high = middle }
        }
        guard low < Int(parent.indexes.upperBound), indexes[low].index == index else {
            return parent.other
        }
        return indexes[low].node
    }
}

/// One path and what is to be done at its end.
private struct TrieRule {
    enum Action {
        case records, capture(Int32), ignore, include, unordered
        case normalize(Normalization.Kind)
    }

    let steps: ArraySlice<JSONPath.Step>
    let action: Action

    init(_ steps: ArraySlice<JSONPath.Step>, _ action: Action) {
        self.steps = steps
        self.action = action
    }
}

/// Builds the tree from the root; `[]` in a path is merged into every sibling, so that reading
/// never has to follow two nodes at once.
private struct TrieCompiler {
    enum Counts { case whole, partial }

    var trie: ScanTrie
    let inside: [TrieRule]
    let isPartial: Bool
    let iterates: Bool

    mutating func node(_ rules: [TrieRule], counts: Counts, isRecord: Bool) -> Int32 {
        let number = trie.nodes.count
        trie.nodes.append(ScanTrie.Node())
        var built = ScanTrie.Node()
        var counts = counts
        var children = rules.filter { !$0.steps.isEmpty }
        let here = rules.filter(\.steps.isEmpty).map(\.action)
        var isList = false
        let captureStart = Int32(trie.captures.count)
        for action in here {
            switch action {
            case .capture(let slot): trie.captures.append(slot)
            case .ignore: built.flags.insert(.ignored)
            case .include: counts = .whole
            case .unordered: built.flags.insert(.unordered)
            case .normalize(.number): built.flags.insert(.number)
            case .normalize(.time): built.flags.insert(.time)
            case .records: isList = true
            }
        }
        built.captures = captureStart..<Int32(trie.captures.count)
        if isRecord { built.flags.insert(.record) }
        if counts == .partial { built.flags.insert(.partial) }
        if isList {
            built.flags.formUnion(iterates ? [.records, .iterates] : .records)
            built.single = node(
                children + inside, counts: isPartial ? .partial : .whole, isRecord: true)
            children += inside.map { TrieRule([.each] + $0.steps, $0.action) }
        }
        addChildren(children, to: &built, counts: counts, isList: isList)
        trie.nodes[number] = built
        return Int32(number)
    }

    private mutating func addChildren(
        _ rules: [TrieRule], to built: inout ScanTrie.Node, counts: Counts, isList: Bool
    ) {
        var groups: [JSONPath.Step: [TrieRule]] = [:]
        for rule in rules {
            guard let first = rule.steps.first else { continue }
            groups[first, default: []].append(TrieRule(rule.steps.dropFirst(), rule.action))
        }
        let each = groups.removeValue(forKey: .each) ?? []
        var keys: [ScanTrie.KeyEntry] = []
        var indexes: [ScanTrie.IndexEntry] = []
        for (step, group) in groups {
            let child = child(group + each, counts: counts, isList: isList)
            switch step {
            case .key(let key):
                let hash = Meaning.text(key.utf8, seed: .key)
                keys.append(ScanTrie.KeyEntry(hash: hash, node: child))
                built.bloom |= 1 &<< (hash.first & 63)
            case .index(let index):
                indexes.append(ScanTrie.IndexEntry(index: index, node: child))
            case .each: break
            }
        }
        if !each.isEmpty || isList || counts == .partial {
            built.other = child(each, counts: counts, isList: isList)
        }
        keys.sort { $0.hash.first < $1.hash.first }
        indexes.sort { $0.index < $1.index }
        let keyStart = Int32(trie.keys.count)
        trie.keys += keys
        built.keys = keyStart..<Int32(trie.keys.count)
        let indexStart = Int32(trie.indexes.count)
        trie.indexes += indexes
        built.indexes = indexStart..<Int32(trie.indexes.count)
    }

    private mutating func child(
        _ rules: [TrieRule], counts: Counts, isList: Bool
    ) -> Int32 {
        if isList {
            return node(rules, counts: isPartial ? .partial : .whole, isRecord: true)
        }
        guard counts == .partial else { return node(rules, counts: .whole, isRecord: false) }
        let isIncluded = rules.contains { if case .include = $0.action { true } else { false } }
        guard !isIncluded else { return node(rules, counts: .partial, isRecord: false) }
        let child = node(rules, counts: .whole, isRecord: false)
        trie.nodes[Int(child)].flags.insert(.ignored)
        return child
    }
}
