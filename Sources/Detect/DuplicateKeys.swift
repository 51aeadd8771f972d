import PullcordCommit

/// Finds records of one page that share a key.
enum DuplicateKeys {
    struct Found {
        /// The indexes to drop.
        var dropped: Set<Int> = []
        /// Each of them with the index that is kept in its place.
        var pairs: [(dropped: Int, kept: Int)] = []

        fileprivate mutating func drop(_ index: Int, for kept: Int) {
            dropped.insert(index)
            pairs.append((index, kept))
        }
    }

    /// What to drop: of several with one key, the one with the greatest cursor position
    /// stays, the later one among equals.
    ///
    /// A table of indexes with linear probing, at most half full: no key becomes a `String`.
    static func find(in keys: KeyList, positions: [Int64]) -> Found {
        guard keys.count > 1 else { return Found() }
        var size = 2
        while size < keys.count * 2 { size *= 2 }
        let mask = size - 1
        var table = [Int32](repeating: -1, count: size)
        var found = Found()
        for index in 0..<keys.count {
            let range = keys.range(index)
            var slot = hash(keys.bytes, range) & mask
            while table[slot] >= 0 {
                let other = Int(table[slot])
                if equal(keys.bytes, keys.range(other), range) {
                    let isOlder =
                        positions.count == keys.count && positions[index] < positions[other]
                    found.drop(isOlder ? index : other, for: isOlder ? other : index)
                    if !isOlder { table[slot] = Int32(truncatingIfNeeded: index) }
                    break
                }
                slot = (slot + 1) & mask
            }
            if table[slot] < 0 { table[slot] = Int32(truncatingIfNeeded: index) }
        }
        return found
    }

    /// FNV-1a with a final mix; keys are short.
    private static func hash(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in range { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: (hash ^ hash >> 32) >> 1)
    }

    private static func equal(_ bytes: [UInt8], _ left: Range<Int>, _ right: Range<Int>) -> Bool {
        guard left.count == right.count else { return false }
        for offset in 0..<left.count
        where bytes[left.lowerBound + offset] != bytes[right.lowerBound + offset] {
            return false
        }
        return true
    }
}
