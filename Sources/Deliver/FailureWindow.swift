import PullcordModel

/// How many of the attempts of the last five minutes failed, in steps of half a minute.
struct FailureWindow: Sendable, Equatable {
    private struct Step: Sendable, Equatable {
        var number: Int64 = .min
        var attempts = 0
        var failures = 0
    }

    /// Fewer attempts than these prove nothing.
    static let attemptsMin = 20
    /// The share of failures, in percent, from which an endpoint counts as down.
    static let failuresPercent = 70
    private static let stepMilliseconds: Int64 = 30_000
    private static let count = 10

    private var steps = [Step](repeating: Step(), count: count)

    mutating func record(isFailure: Bool, now: Timestamp) {
        let number = Self.number(of: now)
        let index = Int(((number % Int64(Self.count)) + Int64(Self.count)) % Int64(Self.count))
        if steps[index].number != number { steps[index] = Step(number: number) }
        steps[index].attempts += 1
        if isFailure { steps[index].failures += 1 }
    }

    /// Whether the endpoint counts as down.
    func isDown(now: Timestamp) -> Bool {
        let last = Self.number(of: now)
        var attempts = 0
        var failures = 0
        for step in steps where step.number <= last && step.number > last - Int64(Self.count) {
            attempts += step.attempts
            failures += step.failures
        }
        return attempts >= Self.attemptsMin && failures * 100 >= attempts * Self.failuresPercent
    }

    mutating func clear() { self = FailureWindow() }

    private static func number(of time: Timestamp) -> Int64 {
        // Bounded, so that no stamp makes the comparison overflow.
        min(max(time.milliseconds / stepMilliseconds, -1 << 40), 1 << 40)
    }
}
