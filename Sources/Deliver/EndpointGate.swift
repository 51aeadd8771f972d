package import PullcordModel
import PullcordTransfer

/// Says how many deliveries may be sent to one endpoint now.
///
/// Open: up to a limit in flight, which doubles with each success after a pause, so that an
/// endpoint that comes back is not run over by its backlog. Paused: none until a time. Disabled:
/// none until somebody starts the subscription again.
///
/// A pause begins when the endpoint says that it is overloaded, or when ``failuresMax``
/// attempts in a row have failed: then one attempt after each pause probes, and the backlog
/// waits without using up its attempts.
package struct EndpointGate: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        case open
        case paused(from: Timestamp, until: Timestamp)
        case disabled
    }

    /// What the engine is to do after an attempt.
    package enum Action: Sendable, Equatable {
        case none
        /// Claim nothing until then.
        case pause(until: Timestamp)
        /// Store that the subscription is stopped, for this reason.
        case disable(reason: String)
    }

    /// Failed attempts in a row after which the endpoint counts as down.
    package static let failuresMax = 20
    /// The first pause after an overload without Retry-After; each further one is twice as long.
    package static let overloadPause: Duration = .seconds(1)
    /// The first pause of an endpoint that is down; each further one is twice as long.
    package static let downPause: Duration = .seconds(30)
    /// The longest pause that is our own idea.
    package static let pauseMax: Duration = .seconds(900)

    package private(set) var state: State
    package private(set) var inFlight = 0
    /// Deliveries that may be in flight while open.
    package private(set) var limit: Int
    /// The most that ``limit`` grows to.
    package let limitMax: Int
    private var failures = 0
    private var pauses = 0

    /// `limitMax` is bounded to 1 through ``Limits/inFlightPerEndpointMax``.
    package init(limitMax: Int = Limits.inFlightPerEndpointMax, isDisabled: Bool = false) {
        self.limitMax = min(max(limitMax, 1), Limits.inFlightPerEndpointMax)
        limit = self.limitMax
        state = isDisabled ? .disabled : .open
    }

    /// How many more deliveries may start.
    package func slotsFree(now: Timestamp) -> Int {
        switch state {
        case .open: max(0, limit - inFlight)
        case .paused: isPaused(now) ? 0 : max(0, limit - inFlight)
        case .disabled: 0
        }
    }

    /// When the pause is over; nil if there is none.
    package func opens(now: Timestamp) -> Timestamp? {
        guard case .paused(_, let until) = state, isPaused(now) else { return nil }
        return until
    }

    /// A delivery was handed to the sender.
    package mutating func started() { inFlight += 1 }

    /// An attempt ended and what came of it is written down.
    package mutating func ended() { inFlight = max(0, inFlight - 1) }

    /// An attempt ended; its place stays taken until ``ended()``.
    package mutating func heard(_ outcome: AttemptResult.Outcome, now: Timestamp) -> Action {
        guard state != .disabled else { return .none }
        switch outcome {
        case .delivered:
            failures = 0
            pauses = 0
            limit = min(limitMax, limit * 2)
            if !isPaused(now) { state = .open }
            return .none
        case .abandoned(.overloaded):
            // A bound of our own: trying again at once would only spin.
            return pause(atLeast: .zero, first: Self.overloadPause, now: now)
        case .abandoned, .unmade:
            return .none
        case .gone:
            state = .disabled
            return .disable(reason: "the endpoint answered 410 Gone")
        case .throttled(let wait):
            failures = min(failures + 1, Self.failuresMax)
            return pause(atLeast: wait, first: Self.overloadPause, now: now)
        case .redirect, .failed, .unreachable:
            failures = min(failures + 1, Self.failuresMax)
            guard failures >= Self.failuresMax else { return .none }
            return pause(atLeast: .zero, first: Self.downPause, now: now)
        }
    }

    /// Somebody stopped the subscription.
    package mutating func disable() { state = .disabled }

    /// Somebody started the subscription again: one delivery goes first.
    package mutating func enable() {
        guard state == .disabled else { return }
        state = .open
        failures = 0
        pauses = 0
        limit = 1
    }

    /// A clock that was set back to before the pause began ends it: what was meant were seconds.
    private func isPaused(_ now: Timestamp) -> Bool {
        guard case .paused(let from, let until) = state else { return false }
        return now >= from && now < until
    }

    private mutating func pause(
        atLeast wait: Duration, first: Duration, now: Timestamp
    ) -> Action {
        limit = 1
        let wait = min(wait, Limits.retryAfterMax)
        if isPaused(now), case .paused(let from, let until) = state {
            // The others in flight when it began: they say nothing new but perhaps a longer wait.
            guard now + wait > until else { return .none }
            state = .paused(from: from, until: now + wait)
            return .pause(until: now + wait)
        }
        let own = min(first * (1 << min(pauses, 10)), Self.pauseMax)
        pauses += 1
        let until = now + max(own, wait)
        state = .paused(from: now, until: until)
        return .pause(until: until)
    }
}
