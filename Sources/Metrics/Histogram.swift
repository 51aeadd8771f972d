/// How often a figure came in each of some fixed ranges, and the sum of all.
package struct Histogram: Sendable, Equatable {
    /// The upper bounds of the ranges, ascending; what is above all of them is counted too.
    package let bounds: [Double]
    /// One more than there are bounds; not cumulative.
    package private(set) var counts: [Int]
    package private(set) var sum = 0.0

    package init(_ bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    package var count: Int { counts.reduce(0, +) }

    /// Counts a figure; one that is no number or below zero counts as zero.
    package mutating func add(_ value: Double) {
        let value = value > 0 ? value : 0
        var index = 0
        while index < bounds.count, bounds[index] < value { index += 1 }
        counts[index] += 1
        sum += value
    }

    package mutating func add(_ duration: Duration) { add(duration / .seconds(1)) }
}
