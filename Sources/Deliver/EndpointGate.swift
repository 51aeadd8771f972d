package import PullcordModel
import PullcordTransfer

/// Says how many deliveries may be sent to one endpoint now.
///
/// Healthy: up to a limit in flight, at the rate that is set. Throttled: after an overload (429,
/// 502, 503, 504) or a timeout the limit and the rate are halved and a pause is made. Open: an
/// endpoint that is down is probed by one delivery after each pause, and the backlog waits without
/// using up its attempts. Disabled: nothing is sent until somebody starts the subscription again.
/// After an outage the limit doubles from one with each round of successes.
package struct EndpointGate: Sendable, Equatable {
    /// What the engine is to do after an attempt; the health has changed unless it is `none`.
    package enum Action: Sendable, Equatable {
        case none
        /// Keep the health; nobody needs to hear of it.
        case note
        /// Claim nothing until then.
        case pause(until: Timestamp)
        /// The endpoint takes deliveries again.
        case recover
        /// Store that the subscription is stopped, for this reason; `since` is when it began.
        case disable(reason: String, since: Timestamp)
    }

    /// The first pause after an overload without Retry-After; each further one is twice as long.
    package static let overloadPause: Duration = .seconds(1)
    /// The first pause of an endpoint that is down; each further one is twice as long.
    package static let downPause: Duration = .seconds(30)
    /// The longest pause that is our own idea.
    package static let pauseMax: Duration = .seconds(900)
    /// How long an endpoint may fail without a success before it is disabled.
    package static let failingMax: Duration = .seconds(5 * 86_400)
    /// Fewer failures than these within that time disable nothing.
    package static let failuresMin = 10
    /// Between two failures, so much more means that nobody tried.
    ///
    /// The machine slept, or its clock was set: no pause is as long as this.
    private static let gapMax: Duration = .seconds(30 * 3600)
    /// How long an endpoint has to fail in any case after a start, however long it had failed
    /// before: the time in between says nothing of it.
    private static let startGrace: Duration = .seconds(3600)
    /// How long an endpoint has to fail before that is kept, so that flapping costs no writes.
    private static let failingNoted: Duration = .seconds(3600)

    package private(set) var health: EndpointHealth
    package private(set) var inFlight = 0
    /// Deliveries that may be in flight.
    package private(set) var limit: Int
    /// The most that ``limit`` grows to.
    package let limitMax: Int
    /// Whether the endpoint has consented, where it must.
    package private(set) var introduction: Introduction
    private let ownRate: Rate?
    private var bucket: TokenBucket?
    private var window = FailureWindow()
    private var successes = 0
    private var failures = 0
    private var isFailingNoted: Bool
    /// When the last failure of this process came.
    private var lastFailure: Timestamp?

    /// `limitMax` is bounded to 1 through ``Limits/inFlightPerEndpointMax``; `health` is what was
    /// kept when the last run ended.
    package init(
        limitMax: Int = Limits.inFlightPerEndpoint, rate: Rate? = nil,
        introduction: Introduction = Introduction(), health: EndpointHealth = EndpointHealth(),
        isDisabled: Bool = false
    ) {
        self.limitMax = min(max(limitMax, 1), Limits.inFlightPerEndpointMax)
        self.health = health
        self.introduction = introduction
        self.introduction.remember(health.agreements)
        ownRate = rate
        limit = health.condition == .healthy ? self.limitMax : 1
        isFailingNoted = health.failingSince != nil
        bucket = Self.bucket(rate, self.introduction.rate)
        if isDisabled {
            self.health.condition = .disabled
        } else if health.condition == .disabled {
            enable()
        } else if health.condition == .unverified {
            self.health.condition = .healthy
        }
    }

    /// How many more deliveries may start.
    package func slotsFree(now: Timestamp) -> Int {
        guard health.condition != .disabled, !isPaused(now), introduction.isReady else { return 0 }
        return min(max(0, limit - inFlight), bucket?.available(now: now) ?? .max)
    }

    /// When more may start although nothing happens until then; nil if only an event can tell.
    package func opens(now: Timestamp) -> Timestamp? {
        guard health.condition != .disabled else { return nil }
        if isPaused(now) { return health.until }
        if case .wait(let until) = introduction.step(now: now) { return until }
        guard introduction.isReady, limit > inFlight else { return nil }
        return bucket?.next(now: now)
    }

    /// A delivery was handed to the sender.
    package mutating func started(now: Timestamp) {
        inFlight += 1
        bucket?.take(now: now)
    }

    /// An attempt ended and what came of it is written down.
    package mutating func ended() { inFlight = max(0, inFlight - 1) }

    /// An attempt that began at `started` ended; its place stays taken until ``ended()``.
    ///
    /// `reason` is what is shown for a failure, fit to be seen.
    package mutating func heard(
        _ outcome: AttemptResult.Outcome, started: Timestamp, reason: String = "", now: Timestamp
    ) -> Action {
        guard health.condition != .disabled else { return .none }
        switch outcome {
        case .delivered:
            return succeeded(started: started, now: now)
        case .abandoned(.overloaded):
            // A bound of our own: trying again at once would only spin.
            return throttle(atLeast: .zero, reason, started: started, now: now)
        case .abandoned, .unmade:
            return .none
        case .gone:
            return disable("the endpoint answered 410 Gone", since: now, now: now)
        case .throttled(let wait):
            return failed(throttles: wait, reason, started: started, now: now)
        case .unreachable(.timeoutConnect), .unreachable(.timeoutFirstByte),
            .unreachable(.timeoutTotal):
            return failed(throttles: .zero, reason, started: started, now: now)
        case .unauthorized:
            return failed(throttles: nil, reason, isItsOwn: false, started: started, now: now)
        case .redirect, .failed, .unreachable:
            return failed(throttles: nil, reason, started: started, now: now)
        }
    }

    /// The endpoint was asked for its consent.
    package mutating func heard(
        _ kind: Introduction.Kind, _ answer: Introduction.Answer, now: Timestamp
    ) -> Action {
        guard introduction.heard(kind, answer, now: now) else { return .none }
        health.agreements = introduction.agreements
        bucket = Self.bucket(ownRate, introduction.rate)
        return .note
    }

    /// What is to be kept and shown: the health, and that consent is missing.
    package func shownHealth(now: Timestamp) -> EndpointHealth {
        guard health.condition != .disabled, case .wait(let until) = introduction.step(now: now)
        else { return health }
        var shown = health
        shown.condition = .unverified
        shown.until = until
        shown.reason = introduction.reason
        return shown
    }

    /// Somebody stopped the subscription.
    package mutating func disable(_ reason: String, now: Timestamp) {
        _ = disable(reason, since: now, now: now)
    }

    /// Somebody started the subscription again, or wants no pause to be waited for any longer:
    /// one delivery goes first.
    package mutating func enable() {
        guard health != health.fresh else { return }
        health = health.fresh
        isFailingNoted = false
        failures = 0
        window.clear()
        limit = 1
    }

    private static func bucket(_ own: Rate?, _ allowed: Rate?) -> TokenBucket? {
        let rates = [own, allowed].compactMap(\.self)
        return rates.max { $0.intervalMicroseconds < $1.intervalMicroseconds }
            .map { TokenBucket($0) }
    }
}

extension EndpointGate {
    /// A clock that was set back to before the pause began ends it: what was meant were seconds.
    private func isPaused(_ now: Timestamp) -> Bool {
        guard let from = health.from, let until = health.until else { return false }
        return now >= from && now < until
    }

    private mutating func succeeded(started: Timestamp, now: Timestamp) -> Action {
        window.record(isFailure: false, now: now)
        failures = 0
        health.failingSince = nil
        var action = isFailingNoted ? Action.note : .none
        isFailingNoted = false
        if health.condition != .healthy {
            // What began before the pause tells nothing of the time after it.
            guard !isPaused(now), health.from.map({ started >= $0 }) ?? true else { return action }
            if health.condition == .open { window.clear() }
            health.condition = .healthy
            health.from = nil
            health.until = nil
            health.pauses = 0
            health.reason = ""
            action = .recover
        }
        successes += 1
        guard successes >= limit else { return action }
        successes = 0
        limit = min(limitMax, limit * 2)
        bucket?.speedUp()
        return action
    }

    /// `isItsOwn` tells whether the endpoint itself failed: where no credentials are to be had
    /// for it, its deliveries wait as well, but it is never disabled for that.
    private mutating func failed(
        throttles wait: Duration?, _ reason: String, isItsOwn: Bool = true, started: Timestamp,
        now: Timestamp
    ) -> Action {
        window.record(isFailure: true, now: now)
        successes = 0
        guard isItsOwn else {
            guard health.condition == .open || window.isDown(now: now) else { return .none }
            return probe(atLeast: .zero, reason, started: started, now: now)
        }
        failures += 1
        let since = failingSince(now: now)
        health.failingSince = since
        lastFailure = now
        if now - since >= Self.failingMax, failures >= Self.failuresMin {
            let days = (now - since).components.seconds / 86_400
            return disable(
                "every attempt has failed for \(days) days, the last: \(reason)", since: since,
                now: now)
        }
        if health.condition == .open || window.isDown(now: now) {
            return probe(atLeast: wait ?? .zero, reason, started: started, now: now)
        }
        if let wait { return throttle(atLeast: wait, reason, started: started, now: now) }
        guard !isFailingNoted, now - since >= Self.failingNoted else { return .none }
        isFailingNoted = true
        return .note
    }

    /// When the failures began, without the time in which nobody tried.
    private func failingSince(now: Timestamp) -> Timestamp {
        let since = min(health.failingSince ?? now, now)
        guard let lastFailure else {
            return max(since, now - (Self.failingMax - Self.startGrace))
        }
        let idle = max(.zero, now - lastFailure - Self.gapMax)
        return min(since + idle, now)
    }

    private mutating func throttle(
        atLeast wait: Duration, _ reason: String, started: Timestamp, now: Timestamp
    ) -> Action {
        if isOldNews(started, now) { return extend(wait, now: now) }
        limit = max(1, limit / 2)
        bucket?.slowDown()
        if health.condition != .open { health.condition = .throttled }
        return pause(first: Self.overloadPause, atLeast: wait, reason, now: now)
    }

    private mutating func probe(
        atLeast wait: Duration, _ reason: String, started: Timestamp, now: Timestamp
    ) -> Action {
        if health.condition == .open, isOldNews(started, now) { return extend(wait, now: now) }
        if health.condition != .open { health.pauses = 0 }
        limit = 1
        health.condition = .open
        return pause(first: Self.downPause, atLeast: wait, reason, now: now)
    }

    /// Whether an attempt was under way already when the last pause began: it says nothing new,
    /// but perhaps asks for a longer wait.
    private func isOldNews(_ started: Timestamp, _ now: Timestamp) -> Bool {
        guard let from = health.from, now >= from else { return false }
        return isPaused(now) || started < from
    }

    private mutating func extend(_ wait: Duration, now: Timestamp) -> Action {
        let until = now + min(wait, Limits.retryAfterMax)
        guard isPaused(now), let old = health.until, until > old else { return .none }
        health.until = until
        return .pause(until: until)
    }

    private mutating func pause(
        first: Duration, atLeast wait: Duration, _ reason: String, now: Timestamp
    ) -> Action {
        let own = min(first * (1 << min(health.pauses, 10)), Self.pauseMax)
        let until = now + max(own, min(wait, Limits.retryAfterMax))
        health.pauses += 1
        health.from = now
        health.until = until
        health.reason = reason
        isFailingNoted = health.failingSince != nil
        return .pause(until: until)
    }

    private mutating func disable(_ reason: String, since: Timestamp, now: Timestamp) -> Action {
        health.condition = .disabled
        health.from = now
        health.until = nil
        health.reason = reason
        return .disable(reason: reason, since: since)
    }
}
