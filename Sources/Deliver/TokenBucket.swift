import PullcordModel

/// Says how many deliveries a rate allows now (a token bucket, kept as the generic cell rate
/// algorithm of ITU-T I.371: one moment instead of a count that must be refilled).
///
/// Deliveries are spread evenly. What was not used is not saved up for more than a tenth of a
/// second, so that no second sees more than the rate and that tenth.
struct TokenBucket: Sendable, Equatable {
    private let rate: Rate
    /// By how much the rate is lowered for now: a power of two.
    private(set) var divisor: Int64 = 1
    private let capacity: Int64
    /// When the bucket would be full again, in microseconds since 1970.
    private var full = Int64.min

    /// The rate is never lowered to less than this share of it.
    static let divisorMax: Int64 = 64

    init(_ rate: Rate) {
        self.rate = rate
        capacity = max(1, 100_000 / rate.intervalMicroseconds)
    }

    private var interval: Int64 { rate.intervalMicroseconds * divisor }
    private var tolerance: Int64 { (capacity - 1) * interval }

    /// How many may start now.
    func available(now: Timestamp) -> Int {
        let now = Self.microseconds(now)
        let spare = now + tolerance - corrected(now)
        guard spare >= 0 else { return 0 }
        return Int(min(capacity, spare / interval + 1))
    }

    /// When the next may start; nil if it may now.
    func next(now: Timestamp) -> Timestamp? {
        let micro = Self.microseconds(now)
        let missing = corrected(micro) - tolerance - micro
        return missing > 0 ? now + .milliseconds((missing + 999) / 1000) : nil
    }

    /// One starts now.
    mutating func take(now: Timestamp) {
        let now = Self.microseconds(now)
        full = corrected(now) + interval
    }

    /// Halves the rate.
    mutating func slowDown() { divisor = min(divisor * 2, Self.divisorMax) }

    /// Doubles a rate that was lowered.
    mutating func speedUp() { divisor = max(divisor / 2, 1) }

    /// A clock that was set back would make the bucket look empty for as long.
    private func corrected(_ now: Int64) -> Int64 {
        full < now || full > now + capacity * rate.intervalMicroseconds * Self.divisorMax
            ? now : full
    }

    private static func microseconds(_ time: Timestamp) -> Int64 {
        // A year-long rate still leaves room for sums.
        min(max(time.milliseconds, -1 << 50), 1 << 50) * 1000
    }
}
