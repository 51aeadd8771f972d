import PullcordModel

/// What differs between two texts of one record.
///
/// Values are equal where their fingerprints would be: the order of members, white space,
/// escapes and the spelling of numbers do not count.
package struct JSONDifference: Sendable {
    /// What of a record means something, as its stream's adapter says.
    package struct Rules: Sendable {
        let trie: ScanTrie

        package init(
            mask: ScanPlan.Mask = .all, unordered: [JSONPath] = [], normal: [Normalization] = []
        ) {
            trie =
                ScanPlan(records: .root, mask: mask, unordered: unordered, normal: normal).trie
        }

        /// Everything means something.
        package static let all = Rules()
    }

    /// One value that differs.
    package struct Entry: Sendable, Equatable {
        /// Where it is, as a JSON Pointer (RFC 6901).
        package let pointer: String
        /// The old value as it was written; nil if there was none.
        package let old: [UInt8]?
        /// The new value as it is written; nil if there is none.
        package let new: [UInt8]?
    }

    let old: JSONTree
    let new: JSONTree

    /// Reads both texts.
    ///
    /// Throws ``JSONError`` where one of them is not JSON.
    package init(
        from old: [UInt8], to new: [UInt8], rules: Rules = .all
    ) throws(JSONError) {
        self.old = try JSONTree(old, rules: rules)
        self.new = try JSONTree(new, rules: rules)
    }

    /// Whether nothing differs that means something.
    package var isEmpty: Bool { old.nodes[0].counted == new.nodes[0].counted }

    /// The JSON Pointers of what differs, in the order of the old record, then of the new one.
    ///
    /// Objects are descended, arrays only where they have kept their number of elements and their
    /// order counts; else the array itself is named. Where that were more than
    /// ``Limits/changedPathsMax`` pointers or ``Limits/changedBytesMax`` bytes of them, only
    /// members of the record itself are named, and if those are too many, the record: `""`.
    package func changedPaths() -> [String] {
        for depthMax in [Int.max, 1] {
            var walk = Walk(self, depthMax: depthMax)
            walk.compare(0, 0, depth: 0)
            if !walk.isOver { return walk.found.map(\.pointer) }
        }
        return [""]
    }

    /// The values that differ, with both texts; bounded as ``changedPaths()``.
    package func entries() -> [Entry] {
        for depthMax in [Int.max, 1, 0] {
            var walk = Walk(self, depthMax: depthMax)
            walk.compare(0, 0, depth: 0)
            guard !walk.isOver else { continue }
            return walk.found.map { place in
                Entry(
                    pointer: place.pointer, old: place.old.map { Array(old.text($0)) },
                    new: place.new.map { Array(new.text($0)) })
            }
        }
        return []
    }
}

/// Walks along both trees at once.
private struct Walk {
    struct Place {
        let pointer: String
        let old: Int?
        let new: Int?
    }

    private let old: JSONTree
    private let new: JSONTree
    private let depthMax: Int
    private(set) var found: [Place] = []
    /// Whether more differs than may be told.
    private(set) var isOver = false
    private var path: [UInt8] = []
    private var bytesTold = 0

    init(_ difference: JSONDifference, depthMax: Int) {
        old = difference.old
        new = difference.new
        self.depthMax = depthMax
    }

    mutating func compare(_ before: Int, _ after: Int, depth: Int) {
        let (left, right) = (old.nodes[before], new.nodes[after])
        guard left.counts || right.counts, !isOver else { return }
        guard left.counted != right.counted || left.counts != right.counts else { return }
        if depth < depthMax, old.isObject(before), new.isObject(after) {
            return compareMembers(before, after, depth: depth)
        }
        if depth < depthMax, old.isArray(before), new.isArray(after), left.count == right.count,
            !left.isUnordered, !right.isUnordered
        {
            let pairs = zip(old.children(of: before), new.children(of: after))
            for (index, pair) in pairs.enumerated() {
                descend(Array(String(index).utf8)) { walk in
                    walk.compare(pair.0, pair.1, depth: depth + 1)
                }
            }
            return
        }
        tell(before, after)
    }

    private mutating func compareMembers(_ before: Int, _ after: Int, depth: Int) {
        let index = MemberIndex(new, after)
        let members = old.children(of: before)
        for (position, member) in members.enumerated() {
            let twin = index.member(old.nodes[member].keyMeaning, near: position)
            guard twin != nil || old.nodes[member].counts else { continue }
            if let twin, old.nodes[member].counted == new.nodes[twin].counted,
                old.nodes[member].counts == new.nodes[twin].counts
            {
                continue
            }
            descend(JSONPointer.escaped(old.key(member))) { walk in
                if let twin {
                    walk.compare(member, twin, depth: depth + 1)
                } else {
                    walk.tell(member, nil)
                }
            }
        }
        let earlier = MemberIndex(old, before)
        for (position, member) in new.children(of: after).enumerated()
        where new.nodes[member].counts {
            let key = new.nodes[member].keyMeaning
            guard earlier.member(key, near: position) == nil else { continue }
            descend(JSONPointer.escaped(new.key(member))) { $0.tell(nil, member) }
        }
    }

    private mutating func descend(_ token: [UInt8], _ body: (inout Walk) -> Void) {
        guard !isOver else { return }
        let count = path.count
        path.append(0x2F)
        path += token
        body(&self)
        path.removeSubrange(count...)
    }

    private mutating func tell(_ before: Int?, _ after: Int?) {
        bytesTold += path.count + 3
        guard found.count < Limits.changedPathsMax, bytesTold <= Limits.changedBytesMax else {
            // Above all else the whole record can always be named.
            if depthMax > 0 { isOver = true }
            return
        }
        found.append(
            Place(pointer: String(decoding: path, as: UTF8.self), old: before, new: after))
    }
}
