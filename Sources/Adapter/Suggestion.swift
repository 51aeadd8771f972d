/// Finds what a person most likely meant.
package enum Suggestion {
    /// Candidates that are looked at: a file of thousands of names must not cost seconds.
    private static let candidatesMax = 1000

    /// The candidate with the smallest edit distance; nil if none is near enough to be helpful.
    ///
    /// Near means at most one edit for each three characters, at least one; case does not count.
    /// Of several equally near ones the first wins.
    package static func nearest(to text: String, among candidates: some Sequence<String>) -> String?
    {
        let wanted = Array(text.lowercased().unicodeScalars)
        guard !wanted.isEmpty, wanted.count <= 128 else { return nil }
        var best: (candidate: String, distance: Int)?
        for candidate in candidates.lazy.prefix(candidatesMax) {
            let other = Array(candidate.lowercased().unicodeScalars)
            let bound = max(1, max(wanted.count, other.count) / 3)
            guard abs(wanted.count - other.count) <= bound else { continue }
            let distance = distance(wanted, other)
            if distance <= bound, distance < (best?.distance ?? .max) {
                best = (candidate, distance)
            }
        }
        return best?.candidate
    }

    /// Damerau and Levenshtein's distance in its restricted form (optimal string alignment):
    /// insertions, deletions, replacements and swaps of neighbours.
    package static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for (row, character) in left.enumerated() {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            for (column, other) in right.enumerated() {
                var cost = min(
                    last[column + 1] + 1, current[column] + 1,
                    last[column] + (character == other ? 0 : 1))
                if row > 0, column > 0, character == right[column - 1], left[row - 1] == other {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
