/// Which elements two arrays have in common, in order.
enum CommonElements {
    /// `count` elements that are equal, from `left` in the one array and `right` in the other.
    struct Run: Equatable {
        var left: Int
        var right: Int
        var count: Int
    }

    /// Insertions and removals up to which the fewest are looked for.
    ///
    /// The search takes room for its square and time for it times the elements.
    static let editsMax = 256

    /// The runs in ascending order.
    ///
    /// Finds the longest common subsequence by Myers' greedy search ("An O(ND) difference
    /// algorithm and its variations", 1986). Where that needs more than ``editsMax`` edits, only
    /// what is equal at the beginning and at the end is found.
    static func find(_ left: [Meaning], _ right: [Meaning]) -> [Run] {
        let (head, tail) = CommonEnds.count(left, right)
        var runs: [Run] = []
        if head > 0 { runs.append(Run(left: 0, right: 0, count: head)) }
        var search = EditSearch(
            left: left[head..<left.count - tail], right: right[head..<right.count - tail])
        runs += search.runs()
        if tail > 0 {
            runs.append(
                Run(left: left.count - tail, right: right.count - tail, count: tail))
        }
        return runs
    }
}

/// Myers' search over what is left between a common beginning and a common end.
private struct EditSearch {
    let left: ArraySlice<Meaning>
    let right: ArraySlice<Meaning>
    /// For each number of edits, how far each diagonal got, from `-edits` to `edits`.
    private var reached: [[Int]] = []

    init(left: ArraySlice<Meaning>, right: ArraySlice<Meaning>) {
        self.left = left
        self.right = right
    }

    mutating func runs() -> [CommonElements.Run] {
        guard !left.isEmpty, !right.isEmpty else { return [] }
        for edits in 0...min(CommonElements.editsMax, left.count + right.count) {
            var row: [Int] = []
            row.reserveCapacity(2 * edits + 1)
            for diagonal in stride(from: -edits, through: edits, by: 1) {
                guard (diagonal + edits) % 2 == 0 else {
                    row.append(-1)
                    continue
                }
                var x = start(of: diagonal, edits)
                while x < left.count, x - diagonal < right.count, x - diagonal >= 0,
                    left[left.startIndex + x] == right[right.startIndex + x - diagonal]
                {
                    x += 1
                }
                row.append(x)
                if diagonal == left.count - right.count, x >= left.count {
                    reached.append(row)
                    return traced(edits: edits, diagonal: diagonal)
                }
            }
            reached.append(row)
        }
        return []
    }

    /// Where a diagonal begins after one more edit than the last row had.
    private func start(of diagonal: Int, _ edits: Int) -> Int {
        guard edits > 0 else { return 0 }
        return isInsertion(diagonal, edits)
            ? far(diagonal + 1, edits - 1) : far(diagonal - 1, edits - 1) + 1
    }

    private func isInsertion(_ diagonal: Int, _ edits: Int) -> Bool {
        diagonal == -edits
            || (diagonal != edits && far(diagonal - 1, edits - 1) < far(diagonal + 1, edits - 1))
    }

    private func far(_ diagonal: Int, _ edits: Int) -> Int { reached[edits][diagonal + edits] }

    /// Follows the way back from the end.
    private func traced(edits: Int, diagonal: Int) -> [CommonElements.Run] {
        var runs: [CommonElements.Run] = []
        var diagonal = diagonal
        for edits in stride(from: edits, through: 0, by: -1) {
            let end = far(diagonal, edits)
            let begin = start(of: diagonal, edits)
            if end > begin {
                runs.append(
                    CommonElements.Run(
                        left: left.startIndex + begin,
                        right: right.startIndex + begin - diagonal, count: end - begin))
            }
            guard edits > 0 else { break }
            diagonal += isInsertion(diagonal, edits) ? 1 : -1
        }
        return runs.reversed()
    }
}
