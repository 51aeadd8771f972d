import PullcordAdapter
import PullcordConfig
import PullcordModel

extension BoundSource {
    /// Compiles all that a poll needs and throws it away.
    ///
    /// What a definition of the store cannot be run by is found before it is kept, for it would
    /// hold up every later change.
    ///
    /// - Throws: whatever keeps the source from being polled.
    func tryOut() throws {
        let sharing = Assembly.Sharing(vault: RehearsalVault(reader: nil))
        let login = try sharing.logins.entry(for: self)
        let sender = try RequestSender(self)
        let plans = try streams.map {
            try StreamPlan(self, $0, sharing.budgets, login, sender)
        }
        let ids = plans.indices.map { StreamID(-1 - Int64($0)) }
        _ = try StreamPlan.streams(plans, ids)
    }
}

extension Problem {
    /// Any error as one that is told to whoever asked.
    static func unexpected(_ error: any Error) -> Problem {
        if let problem = error as? Problem { return problem }
        return Problem(code: "configuration_impossible", message: "it cannot be run: \(error)")
    }
}
