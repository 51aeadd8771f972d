/// When one exchange has taken too long, in nanoseconds of the monotonic clock.
///
/// libcurl has no deadline for the first byte, and its total one spares an exchange that waits for
/// a free connection: so both are kept here.
struct ExchangeTimer {
    private let totalDue: Int64
    private let firstByteSpan: Int64
    private var firstByteDue: Int64?
    private var hasAnswer = false
    /// How long a body may take that is of no weight; nil for one that is waited for.
    private let bodySpan: Int64?
    private var bodyDue: Int64?

    /// Where only the status counts, a body gets this long after its header and no more: a
    /// receiver cannot hold a delivery's place by dripping.
    static let spareBodySpan: Int64 = 1_000_000_000

    init(_ deadlines: Deadlines, isBodySpare: Bool = false, now: Int64) {
        bodySpan = isBodySpare ? Self.spareBodySpan : nil
        totalDue = Self.sum(now, Self.nanoseconds(deadlines.total))
        firstByteSpan = Self.nanoseconds(deadlines.firstByte)
    }

    /// Which deadline has passed.
    enum Expiry { case firstByte, total }

    /// The connection is ready, so the server's time begins; a repeated call begins it anew.
    mutating func connected(at now: Int64) {
        hasAnswer = false
        firstByteDue = Self.sum(now, firstByteSpan)
    }

    /// The first line of an answer has come.
    mutating func answered() { hasAnswer = true }

    /// The header of the final answer is complete.
    mutating func headerEnded(at now: Int64) {
        if let bodySpan { bodyDue = Self.sum(now, bodySpan) }
    }

    /// The deadline that has passed at this moment; nil if none has.
    func expiry(at now: Int64) -> Expiry? {
        if totalDue <= now { return .total }
        if let bodyDue, bodyDue <= now { return .total }
        guard !hasAnswer, let firstByteDue, firstByteDue <= now else { return nil }
        return .firstByte
    }

    /// A moment before which no deadline passes, whatever happens until then.
    func nextDue(at now: Int64) -> Int64 {
        if let bodyDue { return min(totalDue, bodyDue) }
        let due = min(totalDue, bodySpan.map { Self.sum(now, $0) } ?? .max)
        guard !hasAnswer else { return due }
        return min(due, firstByteDue ?? Self.sum(now, firstByteSpan))
    }

    /// A duration in nanoseconds, from 1 ms to a day: less would be no deadline that any server
    /// could meet, more none at all.
    static func nanoseconds(_ duration: Duration) -> Int64 {
        let bounded = min(max(duration, .milliseconds(1)), .seconds(86_400))
        let (seconds, attoseconds) = bounded.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }
}
