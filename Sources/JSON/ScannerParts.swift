import PullcordModel

extension Scanner {
    @inline(__always)
    func counts(_ meaning: Meaning, _ node: Int32) -> Bool {
        let flags = trie.nodes[Int(node)].flags
        guard !flags.isDisjoint(with: .mask) else { return true }
        return !flags.contains(.ignored) && meaning != .zero
    }

    @inline(__always)
    func closed(_ sum: Meaning, _ counted: Int, _ node: Int32) -> Meaning {
        if counted == 0, isPartial(node) { return .zero }
        return sum.closed(.object, count: counted)
    }

    @inline(__always)
    func closed(array sum: Meaning, _ counted: Int, _ node: Int32) -> Meaning {
        if counted == 0, isPartial(node) { return .zero }
        let isUnordered = node >= 0 && trie.nodes[Int(node)].flags.contains(.unordered)
        return sum.closed(isUnordered ? .unordered : .array, count: counted)
    }

    private func isPartial(_ node: Int32) -> Bool {
        node >= 0 && trie.nodes[Int(node)].flags.contains(.partial)
    }
}

// MARK: Records and captures

extension Scanner {
    /// Notes that the list of records begins; returns the node to go on with.
    mutating func enterList(at start: Int, _ node: Int32) -> Int32 {
        let found = trie.nodes[Int(node)]
        switch page[start] {
        case 0x5B: result.isRecordsFound = true
        case 0x7B:
            result.isRecordsFound = true
            if !found.flags.contains(.iterates) { return found.single }
        default: break
        }
        return node
    }

    mutating func beginRecord(at start: Int) throws(ScanStop) {
        guard result.places.count < bounds.records else {
            throw ScanStop(code: .tooManyRecords, offset: start)
        }
        result.places.append(ScanResult.Slot(start: UInt32(truncatingIfNeeded: start)))
        for _ in 0..<trie.recordFieldCount { result.recordSlots.append(ScanResult.Slot()) }
    }

    mutating func endRecord(_ step: Step) {
        result.places[result.places.count - 1].end = UInt32(truncatingIfNeeded: step.end)
        result.fingerprints.append(step.meaning.fingerprint)
    }

    mutating func capture(_ slot: Int32, _ start: Int, _ end: Int) {
        let place = ScanResult.Slot(
            start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end))
        if slot < 0 {
            result.pageSlots[-1 - Int(slot)] = place
        } else {
            let base = result.recordSlots.count - trie.recordFieldCount
            result.recordSlots[base + Int(slot)] = place
        }
    }
}

// MARK: Duplicate keys

extension Scanner {
    /// Up to so many keys each is compared with those before it; beyond, all are sorted once.
    static var twinsCheckedAtOnce: Int { 64 }

    @inline(never)
    mutating func checkTwin(_ key: PageBytes.Text, at position: Int, base: Int) throws(ScanStop) {
        guard openKeys.count &- base <= Self.twinsCheckedAtOnce else { return }
        for index in base..<openKeys.count
        where openKeys[index].hash == key.meaning.first {
            let other = openKeys[index]
            let left = StringText.decoded(page, Int(other.start)..<Int(other.end))
            if left == StringText.decoded(page, position &+ 1..<key.end &- 1) {
                throw ScanStop(code: .duplicateKey, offset: position)
            }
        }
    }

    @inline(never)
    mutating func checkTwins(base: Int) throws(ScanStop) {
        var keys: [OpenKey] = []
        keys.reserveCapacity(openKeys.count - base)
        for index in base..<openKeys.count { keys.append(openKeys[index]) }
        keys.sort { ($0.hash, $0.start) < ($1.hash, $1.start) }
        var run = 0
        for index in keys.indices {
            if keys[index].hash != keys[run].hash { run = index }
            for earlier in run..<index {
                let (left, right) = (keys[earlier], keys[index])
                let text = StringText.decoded(page, Int(left.start)..<Int(left.end))
                if text == StringText.decoded(page, Int(right.start)..<Int(right.end)) {
                    throw ScanStop(code: .duplicateKey, offset: Int(right.start) - 1)
                }
            }
        }
    }
}
