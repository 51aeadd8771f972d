import ArgumentParser
import PullcordCommit
import PullcordConfig
import PullcordModel
import PullcordSQLiteStore

struct EnableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Start a subscription again that its receiver stopped with 410 Gone.",
        discussion: """
            The events since then were kept and are delivered in order. The daemon must not be \
            running at that moment, for it owns the store.
            """)

    @Argument(help: "The subscription.")
    var subscription: String

    @OptionGroup var options: ConfigOption

    func run() async throws {
        let configuration = try options.load()
        try await explaining {
            let store = try SQLiteStore.open(
                path: configuration.storePath, now: Workplace.time.wall())
            let summary: SubscriptionSummary
            do {
                summary = try await enable(in: store)
            } catch {
                await store.close()
                throw error
            }
            await store.close()
            StandardOutput.writeLine(
                "\(summary.name) is active; \(summary.backlog) deliveries wait")
        }
    }

    private func enable(in store: SQLiteStore) async throws -> SubscriptionSummary {
        let subscriptions = try await store.subscriptions()
        guard let summary = subscriptions.first(where: { $0.name.text == subscription }) else {
            throw Problem(
                code: "unknown_subscription",
                message: "there is no subscription `\(subscription)`",
                hint: "there is: \(subscriptions.map(\.name.text).joined(separator: ", "))")
        }
        try await store.setDisabled(nil, for: summary.id, at: Workplace.time.wall())
        // What it has agreed to stays; what it failed at does not count any more.
        var health = EndpointHealth()
        health.agreements = summary.health.flatMap { EndpointHealth(stored: $0) }?.agreements ?? []
        try await store.setHealth(
            health.agreements.isEmpty ? nil : health.stored, for: summary.id)
        return summary
    }
}
