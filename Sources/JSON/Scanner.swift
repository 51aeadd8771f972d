/// Reads a page in one pass by recursive descent: validates, hashes, and follows the trie.
///
/// Positions travel as values, not as state, so that they stay in registers.
struct Scanner: ~Copyable {
    let page: PageBytes
    let trie: ScanTrie
    let bounds: ScanPlan.Bounds
    var result: ScanResult
    /// The keys of all objects that are open, for finding duplicates.
    var openKeys = ScratchStack<OpenKey>(capacity: 256)

    /// Where a value ended, and what it means.
    struct Step {
        let end: Int
        let meaning: Meaning
    }

    struct OpenKey: BitwiseCopyable {
        let hash: UInt64
        /// Where the text between the quotes begins and ends.
        let start: UInt32
        let end: UInt32
    }

    init(page: PageBytes, trie: ScanTrie, bounds: ScanPlan.Bounds) {
        self.page = page
        self.trie = trie
        self.bounds = bounds
        result = ScanResult(
            pageSlots: Array(repeating: ScanResult.Slot(), count: trie.pageFieldCount))
    }

    mutating func scan() throws(ScanStop) {
        if page[0] == 0xEF && page[1] == 0xBB && page[2] == 0xBF {
            throw ScanStop(code: .byteOrderMark, offset: 0)
        }
        let start = page.skipSpace(0)
        guard start < page.count else { throw ScanStop(code: .empty, offset: 0) }
        let step = try marked(at: start, node: 0, depth: 0)
        let end = page.skipSpace(step.end)
        guard end == page.count else { throw ScanStop(code: .trailing, offset: end) }
    }

    /// A value below which no path leads, or whose node is known to hold no captures itself.
    @inline(__always)
    mutating func value(at start: Int, node: Int32, depth: Int) throws(ScanStop) -> Step {
        let byte = page[start]
        if byte == 0x22 {
            let text = try page.string(at: start, seed: .string)
            return Step(end: text.end, meaning: text.meaning)
        }
        if byte == 0x7B { return try object(at: start, node: node, depth: depth) }
        if byte == 0x5B { return try array(at: start, node: node, depth: depth) }
        if byte &- 0x30 < 10 || byte == 0x2D { return try page.number(at: start) }
        return try page.literal(at: start)
    }

    /// A value on the way of a path: a record, the list of them, or one that is captured.
    @inline(never)
    mutating func marked(at start: Int, node: Int32, depth: Int) throws(ScanStop) -> Step {
        var node = node
        if trie.nodes[Int(node)].flags.contains(.records) { node = enterList(at: start, node) }
        let (flags, captures) = (trie.nodes[Int(node)].flags, trie.nodes[Int(node)].captures)
        if flags.contains(.record) { try beginRecord(at: start) }
        var step = try value(at: start, node: node, depth: depth)
        if !flags.isDisjoint(with: .normal) { step = page.normal(step, at: start, flags) }
        if flags.contains(.partial), page[start] != 0x7B, page[start] != 0x5B {
            step = Step(end: step.end, meaning: .zero)
        }
        for index in captures { capture(trie.captures[Int(index)], start, step.end) }
        if flags.contains(.record) { endRecord(step) }
        return step
    }

    mutating func object(at open: Int, node: Int32, depth: Int) throws(ScanStop) -> Step {
        guard depth < bounds.depth else { throw ScanStop(code: .tooDeep, offset: open) }
        let base = openKeys.count
        var sum = Meaning.zero
        var counted = 0
        var bloom: UInt64 = 0
        var position = page.skipSpace(open &+ 1)
        if page[position] == 0x7D {
            return Step(end: position &+ 1, meaning: closed(sum, 0, node))
        }
        while true {
            guard page[position] == 0x22 else { throw page.unexpected(at: position) }
            let key = try page.string(at: position, seed: .key)
            let bit: UInt64 = 1 &<< (key.meaning.first & 63)
            if bloom & bit != 0 { try checkTwin(key, at: position, base: base) }
            bloom |= bit
            openKeys.push(
                OpenKey(
                    hash: key.meaning.first, start: UInt32(truncatingIfNeeded: position &+ 1),
                    end: UInt32(truncatingIfNeeded: key.end &- 1)))
            position = key.end
            if page[position] != 0x3A {
                position = page.skipSpace(position)
                guard page[position] == 0x3A else { throw page.unexpected(at: position) }
            }
            position = page.skipSpace(position &+ 1)
            let child = node < 0 ? -1 : trie.child(of: node, key: key.meaning)
            let step: Step
            var counts = true
            if child < 0 {
                step = try value(at: position, node: -1, depth: depth &+ 1)
            } else {
                step = try marked(at: position, node: child, depth: depth &+ 1)
                counts = self.counts(step.meaning, child)
            }
            if counts {
                sum.add(.member(key.meaning, step.meaning))
                counted &+= 1
            }
            position = step.end
            if page[position] == 0x2C, page[position &+ 1] == 0x22 {
                position &+= 1
                continue
            }
            position = page.skipSpace(position)
            let byte = page[position]
            if byte == 0x2C {
                position = page.skipSpace(position &+ 1)
                continue
            }
            guard byte == 0x7D else { throw page.unexpected(at: position) }
            break
        }
        if openKeys.count &- base > Self.twinsCheckedAtOnce { try checkTwins(base: base) }
        openKeys.drop(to: base)
        return Step(end: position &+ 1, meaning: closed(sum, counted, node))
    }

    mutating func array(at open: Int, node: Int32, depth: Int) throws(ScanStop) -> Step {
        guard depth < bounds.depth else { throw ScanStop(code: .tooDeep, offset: open) }
        let isOrdered = node < 0 || !trie.nodes[Int(node)].flags.contains(.unordered)
        var sum = isOrdered ? Meaning.array : .zero
        var counted = 0
        var index = 0
        var position = page.skipSpace(open &+ 1)
        if page[position] == 0x5D {
            return Step(end: position &+ 1, meaning: closed(array: sum, 0, node))
        }
        while true {
            let child = node < 0 ? -1 : trie.child(of: node, index: index)
            let step: Step
            var counts = true
            if child < 0 {
                step = try value(at: position, node: -1, depth: depth &+ 1)
            } else {
                step = try marked(at: position, node: child, depth: depth &+ 1)
                counts = self.counts(step.meaning, child)
            }
            if counts {
                if isOrdered {
                    sum.absorb(step.meaning)
                } else {
                    sum.add(.member(.array, step.meaning))
                }
                counted &+= 1
            }
            index &+= 1
            position = page.skipSpace(step.end)
            let byte = page[position]
            if byte == 0x2C {
                position = page.skipSpace(position &+ 1)
                continue
            }
            guard byte == 0x5D else { throw page.unexpected(at: position) }
            return Step(end: position &+ 1, meaning: closed(array: sum, counted, node))
        }
    }
}
