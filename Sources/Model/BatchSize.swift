/// How many events of a subscription go out in one POST.
package struct BatchSize: Sendable, Equatable {
    /// 2 to ``Limits/batchEventsMax``.
    package let count: Int
    /// How long the oldest waits for others, from when it is due.
    package let wait: Duration

    package init(count: Int, wait: Duration = .zero) {
        self.count = min(max(count, 2), Limits.batchEventsMax)
        self.wait = max(wait, .zero)
    }
}
