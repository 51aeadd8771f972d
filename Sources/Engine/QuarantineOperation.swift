import PullcordCommit
import PullcordModel

extension Operations {
    /// Decides about what polls found and nobody believed yet.
    mutating func addQuarantine(_ store: any Store & StoreReader) {
        add("quarantine") { call in
            let address = StreamAddress(
                source: SourceName(try call.argument("source")),
                stream: StreamName(try call.argument("stream")))
            guard let decision = QuarantineDecision(rawValue: try call.argument("decision")) else {
                throw Problem(
                    code: "decision_invalid", message: "a decision is accepted or rejected")
            }
            let state = try await store.state(of: address)
            guard state.isQuarantined, let found = try await store.quarantine(of: state.id) else {
                throw Problem(
                    code: "not_quarantined", message: "`\(address)` is not quarantined",
                    hint: "pullcord quarantine lists what is")
            }
            let reason = found.finding.reason
            if decision == .accepted, !reason.isDecidable {
                throw Problem(
                    code: "not_acceptable",
                    message: "`\(reason)` cannot be accepted: what cannot be read cannot be stored",
                    place: address.description,
                    hint: "mend the API or the adapter; it heals with the next poll that can be "
                        + "read")
            }
            _ = try await store.decide(decision, for: address, at: call.now)
            let next =
                decision == .accepted
                ? "the next poll that finds the same believes it" : "what is stored stays right"
            return Outcome(
                subject: address.description,
                text: "\(address): \(reason) \(decision.rawValue); \(next)")
        }
    }
}
