package import PullcordModel

/// Whether an endpoint has consented to be sent webhooks, and when it is to be asked (again).
///
/// A pure machine: the engine asks what ``step(now:)`` says and tells what came of it.
package struct Introduction: Sendable, Equatable {
    /// The ways to ask.
    package enum Kind: String, Sendable, CaseIterable {
        /// The OPTIONS request of CloudEvents, "HTTP 1.1 Web Hooks for Event Delivery", section 4.
        case handshake
        /// A signed POST whose answer must hold what was sent.
        case challenge
    }

    /// What came of asking.
    package enum Answer: Sendable, Equatable {
        /// With the most that the endpoint wants to get; nil for no bound.
        case agreed(rate: Rate?)
        /// In words that are fit to be shown.
        case refused(reason: String)
        /// We ourselves gave up.
        case abandoned
    }

    /// What is to be done now.
    package enum Step: Sendable, Equatable {
        case none
        case ask(Kind)
        case wait(until: Timestamp)
    }

    /// The first wait after a refusal; each further one is twice as long.
    package static let firstPause: Duration = .seconds(30)
    package static let pauseMax: Duration = .seconds(3600)

    private let policies: [Kind: ConsentPolicy]
    /// Stands for the URL and for who asks.
    private let identity: String
    package private(set) var agreements: [EndpointHealth.Agreement] = []
    /// Why there is no consent; empty if nobody refused it.
    package private(set) var reason = ""
    private var asked: Set<Kind> = []
    private var refusals = 0
    private var pause: (from: Timestamp, until: Timestamp)?

    /// `identity` is a hash of the URL; what was agreed for another one does not count.
    package init(
        handshake: ConsentPolicy = .off, challenge: ConsentPolicy = .off, identity: String = ""
    ) {
        policies = [.handshake: handshake, .challenge: challenge]
        self.identity = identity
    }

    /// Takes over what was agreed in an earlier run.
    mutating func remember(_ earlier: [EndpointHealth.Agreement]) {
        agreements = earlier.filter { $0.identity == identity }
    }

    /// Whether deliveries may be sent.
    package var isReady: Bool { next == nil }

    /// The least that the endpoint allows; nil for no bound.
    package var rate: Rate? {
        guard policies[.handshake] != .off else { return nil }
        return agreements.compactMap(\.rate).max {
            $0.intervalMicroseconds < $1.intervalMicroseconds
        }
    }

    package func step(now: Timestamp) -> Step {
        guard let kind = next else { return .none }
        // A clock that was set back ends the wait: what was meant were seconds.
        if let pause, now >= pause.from, now < pause.until { return .wait(until: pause.until) }
        return .ask(kind)
    }

    /// Takes an answer in; true if the agreements, or what is shown of them, have changed.
    mutating func heard(_ kind: Kind, _ answer: Answer, now: Timestamp) -> Bool {
        switch answer {
        case .abandoned:
            // A bound of our own, or the end: asking again at once would only spin.
            pause = (now, now + .seconds(1))
            return false
        case .agreed(let rate):
            agreements.removeAll { $0.kind == kind.rawValue }
            agreements.append(
                EndpointHealth.Agreement(kind: kind.rawValue, identity: identity, rate: rate))
            asked.insert(kind)
            refusals = 0
            pause = nil
            reason = ""
            return true
        case .refused(let reason):
            asked.insert(kind)
            self.reason = reason
            guard policies[kind] == .require else { return false }
            let wait = min(Self.firstPause * (1 << min(refusals, 10)), Self.pauseMax)
            refusals += 1
            pause = (now, now + wait)
            return true
        }
    }

    /// The first way in which the endpoint still has to be asked.
    private var next: Kind? {
        Kind.allCases.first { kind in
            switch policies[kind] ?? .off {
            case .off: false
            case .try: !asked.contains(kind) && !hasAgreed(kind)
            case .require: !hasAgreed(kind)
            }
        }
    }

    private func hasAgreed(_ kind: Kind) -> Bool {
        agreements.contains { $0.kind == kind.rawValue }
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.policies == right.policies && left.identity == right.identity
            && left.agreements == right.agreements && left.reason == right.reason
            && left.asked == right.asked && left.refusals == right.refusals
            && left.pause?.from == right.pause?.from && left.pause?.until == right.pause?.until
    }
}
