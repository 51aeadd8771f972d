import PullcordModel
import PullcordTransfer

/// Holds a pass and says when a login is due; a pure machine.
///
/// Times are those of a clock that is never set.
package struct PassHolder: Sendable {
    /// What one who needs a pass is to do.
    package enum Step: Sendable, Equatable {
        case use(number: Int, Pass)
        /// Log in, and tell what came of it; what is given was not accepted any more.
        case fetch(insteadOf: Pass?)
        /// Somebody logs in: ask again when that has ended.
        case wait
        /// The last login has failed, and it is too early for another.
        case refuse(AuthError)
    }

    /// How long before its end a pass is replaced.
    package static let skew: Duration = .seconds(30)
    /// A pass that is not accepted is replaced only so often: a fresh one would help no more.
    package static let replacementPause: Duration = .seconds(60)

    private struct Held: Sendable {
        let number: Int
        let pass: Pass
        /// nil for a pass without an end.
        let refresh: Duration?
        let end: Duration?
    }

    private var held: Held?
    private var rejected: Pass?
    private var number = 0
    private var lastReplacement: Duration?
    private var refusal: (error: AuthError, until: Duration)?
    private var failures = 0
    package private(set) var isFetching = false
    /// Whether the login under way is one that was replaced meanwhile.
    private var isOutdated = false

    package init() {}

    /// Another way to log in takes over: what the one before has brought, or failed to, is over.
    package mutating func renew() {
        held = nil
        rejected = nil
        refusal = nil
        failures = 0
        lastReplacement = nil
        isOutdated = isFetching
    }

    /// Takes that the login under way has ended; false if nobody cares any more how.
    private mutating func endFetch() -> Bool {
        defer { isOutdated = false }
        isFetching = false
        return !isOutdated
    }

    package mutating func step(now: Duration) -> Step {
        if let held {
            let isGood = held.end.map { now < $0 } ?? true
            let isFresh = held.refresh.map { now < $0 } ?? true
            let mayFetch = !isFetching && refusal.map { now >= $0.until } ?? true
            if isFresh || isGood && !mayFetch { return .use(number: held.number, held.pass) }
        }
        if isFetching { return .wait }
        if let refusal, now < refusal.until { return .refuse(refusal.error) }
        isFetching = true
        return .fetch(insteadOf: rejected)
    }

    /// The login has brought a pass.
    ///
    /// Of a pass that lives for less than a minute, half of its life is used.
    package mutating func fetched(_ pass: Pass, now: Duration) {
        guard endFetch() else { return }
        refusal = nil
        rejected = nil
        failures = 0
        number += 1
        // A life of nothing is how some servers write one without end.
        let lifetime = pass.lifetime.flatMap { $0 > .zero ? $0 : nil }
        held = Held(
            number: number, pass: pass,
            refresh: lifetime.map { now + max($0 - Self.skew, $0 / 2) },
            end: lifetime.map { now + $0 })
    }

    /// The login has failed; a pass that is still good stays, and the next try has to wait.
    package mutating func failed(_ error: AuthError, now: Duration) {
        guard endFetch(), error.code != .unreachable(.cancelled) else { return }
        failures += 1
        let pause = max(Self.pause(after: error, failures), error.retryAfter ?? .zero)
        refusal = (error, now + pause)
    }

    /// The API did not accept the pass of this number; true if another try may help.
    ///
    /// A pass that was replaced meanwhile is no matter.
    package mutating func rejected(_ number: Int, now: Duration) -> Bool {
        guard let held, held.number == number else { return true }
        if let last = lastReplacement, now - last < Self.replacementPause { return false }
        lastReplacement = now
        rejected = held.pass
        self.held = nil
        return true
    }

    /// A server that is away comes back soon; one that says no means it, and counts how often it
    /// is asked: many lock an account.
    private static func pause(after error: AuthError, _ failures: Int) -> Duration {
        let doublings = min(failures - 1, 10)
        switch error.code {
        case .unreachable, .store, .rehearsal:
            return min(.seconds(5 * (1 << doublings)), .seconds(300))
        case .refused(let status) where status >= 500 || status == 429:
            return min(.seconds(5 * (1 << doublings)), .seconds(300))
        case .refused, .malformed, .configuration, .foreignRealm:
            return min(.seconds(60 * (1 << doublings)), .seconds(3600))
        }
    }
}
