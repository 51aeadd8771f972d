package import Logging
package import PullcordCommit
package import PullcordDeliver
package import PullcordModel
import ServiceLifecycle
import Synchronization

/// The health of one endpoint: asks its gate, does what the gate says, and keeps what changes.
package final class HealthKeeper: Sendable {
    private let endpoint: Endpoint
    private let rate: Rate?
    private let introducer: Introducer
    private let store: any Store
    private let writer: PatientWriter
    private let time: any TimeSource
    private let log: Logger
    private let listener: (any EndpointListener)?
    private let gate: Mutex<EndpointGate>
    /// What the store holds.
    private let stored: Mutex<String?>

    /// `stored` is what the store holds of the health, `rate` what the subscription sets.
    package init(
        _ gate: EndpointGate, endpoint: Endpoint, rate: Rate?, stored: String?,
        introducer: Introducer, store: any Store, time: any TimeSource, readiness: Readiness,
        log: Logger, listener: (any EndpointListener)? = nil
    ) {
        self.gate = Mutex(gate)
        self.endpoint = endpoint
        self.rate = rate
        self.stored = Mutex(stored)
        self.introducer = introducer
        self.store = store
        writer = PatientWriter(store: store, time: time, readiness: readiness, log: log)
        self.time = time
        self.log = log
        self.listener = listener
    }

    /// How many more deliveries may start.
    func slotsFree(now: Timestamp) -> Int { gate.withLock { $0.slotsFree(now: now) } }

    /// When more may start although nothing happens until then; nil if only an event can tell.
    func opens(now: Timestamp) -> Timestamp? { gate.withLock { $0.opens(now: now) } }

    /// Whether the endpoint is to be asked for its consent as soon as there is a delivery for it.
    func isToBeAsked(now: Timestamp) -> Bool {
        gate.withLock { gate in
            if case .ask = gate.introduction.step(now: now) {
                gate.health.condition != .disabled
            } else {
                false
            }
        }
    }

    /// Deliveries that may be in flight.
    var limit: Int { gate.withLock { $0.limit } }

    /// An operator stopped the subscription for a reason, or started it again.
    func setDisabled(_ reason: String?) async throws {
        let now = time.wall()
        gate.withLock { gate in
            if let reason { gate.disable(reason, now: now) } else { gate.enable() }
        }
        try await keep()
    }

    func started(now: Timestamp) { gate.withLock { $0.started(now: now) } }

    /// What the end of an attempt means; its place stays taken until ``ended()``.
    func heard(_ result: AttemptResult, now: Timestamp) -> EndpointGate.Action {
        gate.withLock {
            $0.heard(
                result.outcome, started: result.attempt.started, reason: result.attempt.reason,
                now: now)
        }
    }

    func ended() { gate.withLock { $0.ended() } }

    /// Does what the gate says.
    func follow(_ action: EndpointGate.Action) async throws {
        switch action {
        case .none:
            return
        case .note:
            try await keep()
        case .pause(let until):
            let health = gate.withLock { $0.health }
            log.notice(
                "endpoint paused",
                metadata: [
                    "subscription": "\(endpoint.name)", "until": "\(until)",
                    "state": "\(health.condition.rawValue)", "reason": "\(health.reason)",
                ])
            try await keep()
        case .recover:
            log.notice("endpoint recovered", metadata: ["subscription": "\(endpoint.name)"])
            try await keep()
        case .disable(let reason, let since):
            try await writer.write { store throws(StoreError) in
                try await store.setDisabled(
                    reason, for: self.endpoint.subscription, at: self.time.wall())
            }
            try await keep()
            log.error(
                "subscription stopped",
                metadata: [
                    "subscription": "\(endpoint.name)", "reason": "\(reason)",
                    "since": "\(since)",
                    "hint":
                        "events are kept; pullcord enable \(endpoint.name) starts it again",
                ])
            try await listener?.endpointDisabled(
                EndpointDisabled(
                    subscription: endpoint.subscription, name: endpoint.name, reason: reason,
                    since: since))
        }
    }

    /// Asks for consent if that is needed and there is a delivery to send.
    func introduce() async throws {
        while true {
            let now = time.wall()
            let (step, isDisabled) = gate.withLock {
                ($0.introduction.step(now: now), $0.health.condition == .disabled)
            }
            guard case .ask(let kind) = step, !isDisabled, !Task.isShuttingDownGracefully,
                let due = try await store.nextDue(for: endpoint.subscription), due <= now
            else { return }
            let answer = await introducer.ask(
                kind, endpoint, rate: rate, nonce: Self.nonce(), time: time)
            log.consent(endpoint.name, kind, answer)
            let action = gate.withLock { $0.heard(kind, answer, now: time.wall()) }
            try await follow(action)
        }
    }

    /// Writes the health down if it is not what the store holds.
    func keep() async throws {
        let text = gate.withLock { $0.shownHealth(now: time.wall()) }.kept
        let isNew = stored.withLock { stored in
            defer { stored = text }
            return stored != text
        }
        guard isNew else { return }
        try await writer.write { store throws(StoreError) in
            try await store.setHealth(text, for: self.endpoint.subscription)
        }
    }

    /// 32 random hexadecimal digits.
    private static func nonce() -> String {
        (0..<32).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined()
    }
}

/// Hears of endpoints that were disabled.
package protocol EndpointListener: Sendable {
    func endpointDisabled(_ event: EndpointDisabled) async throws
}

/// An endpoint to which nothing is sent any more until somebody starts it again.
package struct EndpointDisabled: Sendable, Equatable {
    package let subscription: SubscriptionID
    package let name: SubscriptionName
    package let reason: String
    /// When the failures began that led to it.
    package let since: Timestamp
}

extension Logger {
    fileprivate func consent(
        _ name: SubscriptionName, _ kind: Introduction.Kind, _ answer: Introduction.Answer
    ) {
        var facts: Metadata = ["subscription": "\(name)", "kind": "\(kind.rawValue)"]
        switch answer {
        case .agreed(let rate):
            facts["outcome"] = "agreed"
            if let rate { facts["rate"] = "\(rate)" }
            info("consent", metadata: facts)
        case .refused(let reason):
            facts["outcome"] = "refused"
            facts["reason"] = "\(reason)"
            warning("consent", metadata: facts)
        case .abandoned:
            facts["outcome"] = "abandoned"
            info("consent", metadata: facts)
        }
    }
}
