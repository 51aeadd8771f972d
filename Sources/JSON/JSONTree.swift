import PullcordModel

/// A JSON text as a tree over its own bytes: nothing is copied, and every value knows its meaning.
struct JSONTree {
    /// One value; what is in it follows it in ``nodes``.
    struct Node {
        let range: Range<Int>
        /// Where the key stands between its quotes; empty for what is no member.
        let key: Range<Int>
        let keyMeaning: Meaning
        /// What the value means, whatever the rules say.
        var meaning: Meaning = .zero
        /// What of it means something by the rules.
        var counted: Meaning = .zero
        /// Whether anything of it means something.
        var counts = true
        var isUnordered = false
        /// How many members or elements it has.
        var count = 0
        /// How many nodes it is, itself included.
        var size = 1
    }

    let bytes: [UInt8]
    private(set) var nodes: [Node] = []

    /// Reads a text that is one record.
    ///
    /// Throws ``JSONError`` where the text is not JSON; that keys are given once is not checked.
    init(_ bytes: [UInt8], rules: JSONDifference.Rules) throws(JSONError) {
        self.bytes = bytes
        let trie = rules.trie
        let outcome = PageBytes.with(bytes) { page -> Result<[Node], ScanStop> in
            var builder = TreeNodes(page: page, trie: trie)
            do throws(ScanStop) {
                try builder.read()
                return .success(builder.nodes)
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success(let nodes)?: self.nodes = nodes
        case .failure(let stop)?: throw JSONError(stop, in: bytes)
        case nil: throw JSONError(ScanStop(code: .empty, offset: 0), in: bytes)
        }
    }

    func isObject(_ node: Int) -> Bool { bytes[nodes[node].range.lowerBound] == 0x7B }
    func isArray(_ node: Int) -> Bool { bytes[nodes[node].range.lowerBound] == 0x5B }

    func text(_ node: Int) -> ArraySlice<UInt8> { bytes[nodes[node].range] }

    /// The nodes of the members or elements.
    func children(of node: Int) -> [Int] {
        var result: [Int] = []
        result.reserveCapacity(nodes[node].count)
        var child = node + 1
        for _ in 0..<nodes[node].count {
            result.append(child)
            child += nodes[child].size
        }
        return result
    }

    /// A member's key as UTF-8, decoded.
    func key(_ node: Int) -> [UInt8] {
        let range = nodes[node].key
        guard bytes[range].contains(0x5C) else { return Array(bytes[range]) }
        return PageBytes.with(bytes) { StringText.decoded($0, range) } ?? []
    }
}

/// Finds the members of an object by their keys.
struct MemberIndex {
    private let tree: JSONTree
    private let children: [Int]
    private var places: [UInt64: Int] = [:]
    private var isSmall: Bool { children.count <= 8 }

    init(_ tree: JSONTree, _ node: Int) {
        self.tree = tree
        children = tree.children(of: node)
        guard !isSmall else { return }
        for child in children { places[tree.nodes[child].keyMeaning.first] = child }
    }

    /// The member with this key; `position` is where it mostly is.
    func member(_ key: Meaning, near position: Int) -> Int? {
        if children.indices.contains(position), has(key, children[position]) {
            return children[position]
        }
        guard isSmall else {
            return places[key.first].flatMap { has(key, $0) ? $0 : nil }
        }
        return children.first { has(key, $0) }
    }

    private func has(_ key: Meaning, _ child: Int) -> Bool {
        tree.nodes[child].keyMeaning == key
    }
}

/// Builds the nodes from the root, following the rules as ``Scanner`` does.
private struct TreeNodes {
    let page: PageBytes
    let trie: ScanTrie
    var nodes: [JSONTree.Node] = []

    init(page: PageBytes, trie: ScanTrie) {
        self.page = page
        self.trie = trie
    }

    mutating func read() throws(ScanStop) {
        let start = page.skipSpace(0)
        // The trie's root stands for a list; the record is what a list of one would hold.
        let record = trie.nodes.first?.single ?? -1
        let end = try value(at: start, key: 0..<0, .zero, record, depth: 0)
        guard page.skipSpace(end) == page.count else {
            throw ScanStop(code: .trailing, offset: end)
        }
    }

    /// Reads a value and what is in it; returns where it ends.
    private mutating func value(
        at start: Int, key: Range<Int>, _ keyMeaning: Meaning, _ rule: Int32, depth: Int
    ) throws(ScanStop) -> Int {
        let number = nodes.count
        let byte = page[start]
        if byte == 0x7B || byte == 0x5B {
            guard depth < Limits.depthMax else { throw ScanStop(code: .tooDeep, offset: start) }
            nodes.append(JSONTree.Node(range: start..<start, key: key, keyMeaning: keyMeaning))
            var node =
                try byte == 0x7B
                ? object(at: start, rule, depth: depth) : array(at: start, rule, depth: depth)
            node = JSONTree.Node(
                range: start..<node.range.upperBound, key: key, keyMeaning: keyMeaning,
                meaning: node.meaning, counted: node.counted, counts: true,
                isUnordered: node.isUnordered, count: node.count, size: nodes.count - number)
            node.counts = counts(node.counted, rule)
            nodes[number] = node
            return node.range.upperBound
        }
        let step = try scalar(at: start)
        let flags = flags(rule)
        let normal = flags.isDisjoint(with: .normal) ? step : page.normal(step, at: start, flags)
        let counted = flags.contains(.partial) ? .zero : normal.meaning
        nodes.append(
            JSONTree.Node(
                range: start..<step.end, key: key, keyMeaning: keyMeaning,
                meaning: step.meaning, counted: counted, counts: counts(counted, rule)))
        return step.end
    }

    private func scalar(at start: Int) throws(ScanStop) -> Scanner.Step {
        let byte = page[start]
        if byte == 0x22 {
            let text = try page.string(at: start, seed: .string)
            return Scanner.Step(end: text.end, meaning: text.meaning)
        }
        if byte &- 0x30 < 10 || byte == 0x2D { return try page.number(at: start) }
        return try page.literal(at: start)
    }

    private mutating func object(
        at open: Int, _ rule: Int32, depth: Int
    ) throws(ScanStop) -> JSONTree.Node {
        var sums = (all: Meaning.zero, counted: Meaning.zero, counting: 0, count: 0)
        var position = page.skipSpace(open + 1)
        while page[position] != 0x7D {
            guard page[position] == 0x22 else { throw page.unexpected(at: position) }
            let key = try page.string(at: position, seed: .key)
            let inner = position + 1..<key.end - 1
            position = page.skipSpace(key.end)
            guard page[position] == 0x3A else { throw page.unexpected(at: position) }
            position = page.skipSpace(position + 1)
            let child = rule < 0 ? -1 : trie.child(of: rule, key: key.meaning)
            let number = nodes.count
            position = try value(at: position, key: inner, key.meaning, child, depth: depth + 1)
            let node = nodes[number]
            sums.all.add(.member(key.meaning, node.meaning))
            sums.count += 1
            if node.counts {
                sums.counted.add(.member(key.meaning, node.counted))
                sums.counting += 1
            }
            position = try next(after: position, closing: 0x7D)
        }
        let isNothing = sums.counting == 0 && flags(rule).contains(.partial)
        return JSONTree.Node(
            range: open..<position + 1, key: 0..<0, keyMeaning: .zero,
            meaning: sums.all.closed(.object, count: sums.count),
            counted: isNothing ? .zero : sums.counted.closed(.object, count: sums.counting),
            count: sums.count)
    }

    private mutating func array(
        at open: Int, _ rule: Int32, depth: Int
    ) throws(ScanStop) -> JSONTree.Node {
        let isUnordered = flags(rule).contains(.unordered)
        var all = Meaning.array
        var sum = isUnordered ? Meaning.zero : .array
        var (counting, count) = (0, 0)
        var position = page.skipSpace(open + 1)
        while page[position] != 0x5D {
            let child = rule < 0 ? -1 : trie.child(of: rule, index: count)
            let number = nodes.count
            position = try value(at: position, key: 0..<0, .zero, child, depth: depth + 1)
            let node = nodes[number]
            all.absorb(node.meaning)
            count += 1
            if node.counts {
                counting += 1
                if isUnordered {
                    sum.add(.member(.array, node.counted))
                } else {
                    sum.absorb(node.counted)
                }
            }
            position = try next(after: position, closing: 0x5D)
        }
        let isNothing = counting == 0 && flags(rule).contains(.partial)
        return JSONTree.Node(
            range: open..<position + 1, key: 0..<0, keyMeaning: .zero,
            meaning: all.closed(.array, count: count),
            counted: isNothing
                ? .zero : sum.closed(isUnordered ? .unordered : .array, count: counting),
            isUnordered: isUnordered, count: count)
    }

    /// Goes past a comma, or stops at the closing bracket.
    private func next(after end: Int, closing: UInt8) throws(ScanStop) -> Int {
        let position = page.skipSpace(end)
        if page[position] == closing { return position }
        guard page[position] == 0x2C else { throw page.unexpected(at: position) }
        let following = page.skipSpace(position + 1)
        guard page[following] != closing else { throw page.unexpected(at: following) }
        return following
    }

    private func flags(_ rule: Int32) -> ScanTrie.Flags {
        rule < 0 ? [] : trie.nodes[Int(rule)].flags
    }

    private func counts(_ meaning: Meaning, _ rule: Int32) -> Bool {
        let flags = flags(rule)
        guard !flags.isDisjoint(with: .mask) else { return true }
        return !flags.contains(.ignored) && meaning != .zero
    }
}
