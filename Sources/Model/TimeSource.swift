/// The only door to clocks: handed in, so that tests move time instead of waiting for it.
package protocol TimeSource: Sendable {
    /// The wall clock, for stamps that are stored or sent.
    func wall() -> Timestamp
    /// The time since some fixed instant, on a clock that is never set.
    func monotonic() -> Duration
    /// Returns when ``monotonic()`` has reached `instant`; throws `CancellationError` if the
    /// task is cancelled before.
    func sleep(until instant: Duration) async throws
}
