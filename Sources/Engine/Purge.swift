import PullcordCommit
import PullcordModel

/// Deletes what a subscription or a source left behind that is no longer in the file, a step at
/// a time.
struct Purge {
    let name: String
    let store: any Store

    func run() async throws -> Operations.Outcome {
        let first = try await subscriptionStep()
        guard first == .unknown else {
            return try outcome(await rest(after: first) { try await self.subscriptionStep() })
        }
        let source = try await sourceStep()
        return try outcome(await rest(after: source) { try await self.sourceStep() })
    }

    private func subscriptionStep() async throws -> PurgeStep {
        try await store.purge(subscription: SubscriptionName(name))
    }

    private func sourceStep() async throws -> PurgeStep {
        try await store.purge(source: SourceName(name))
    }

    /// Goes on until a step says something else than that there is more.
    private func rest(
        after first: PurgeStep, _ next: () async throws -> PurgeStep
    ) async throws -> (end: PurgeStep, gone: Int) {
        var gone = 0
        var step = first
        while case .more(let count) = step {
            gone += count
            step = try await next()
        }
        return (step, gone)
    }

    private func outcome(_ result: (end: PurgeStep, gone: Int)) throws -> Operations.Outcome {
        switch result.end {
        case .more, .done:
            return Operations.Outcome(
                subject: name, text: "\(name) is purged: \(result.gone) rows")
        case .held:
            throw Problem(
                code: "purge_held",
                message: "\(result.gone) rows went; the rest is being sent",
                hint: "purge again in a moment")
        case .inFile:
            throw Problem(
                code: "purge_in_file", message: "the bridge file names `\(name)`",
                hint: "take it out of the file and reload first")
        case .unknown:
            throw Problem(
                code: "purge_unknown",
                message: "the store knows neither a subscription nor a source `\(name)`",
                hint: "pullcord status lists them")
        }
    }
}
