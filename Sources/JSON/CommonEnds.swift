/// What two sequences have in common at their ends.
package enum CommonEnds {
    /// How many elements are equal at the beginning, and of the rest at the end.
    package static func count<Element: Equatable>(
        _ left: [Element], _ right: [Element]
    ) -> (head: Int, tail: Int) {
        let shorter = min(left.count, right.count)
        var head = 0
        while head < shorter, left[head] == right[head] { head += 1 }
        var tail = 0
        while tail < shorter - head,
            left[left.count - 1 - tail] == right[right.count - 1 - tail]
        {
            tail += 1
        }
        return (head, tail)
    }
}
