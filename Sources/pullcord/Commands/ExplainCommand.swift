import ArgumentParser
import Foundation
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordSQLiteStore

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell from which poll, page and comparison an event came, and where it went.")

    @Argument(help: "The id of the event.")
    var event: String

    @OptionGroup var options: ConfigOption

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        try await explaining {
            let explanation = try await explanation()
            if json {
                StandardOutput.writeLine(OneLine.json(explanation.json()))
                return
            }
            let palette = Palette(isOn: StandardOutput.hasColours)
            let event = explanation.event
            let key = StrangerText.printable(event.key.text)
            StandardOutput.writeLine(
                palette.bold("\(event.type)  \(key)")
                    + palette.dim("  version \(event.version), \(event.id)"))
            for (heading, text) in explanation.facts(now: Workplace.time.wall()) {
                let gap = String(repeating: " ", count: max(1, 10 - heading.count))
                StandardOutput.writeLine("  \(palette.dim(heading))\(gap)\(text)")
            }
        }
    }

    private func explanation() async throws -> EventExplanation {
        let reader = try options.reader()
        let id = EventID(event)
        guard let found = try await reader.events(EventQuery(id: id)).first?.event,
            let provenance = try await reader.provenance(of: id)
        else {
            throw Problem(
                code: "unknown_event", message: "there is no event `\(event)`",
                hint: "pullcord events lists them")
        }
        let state = try await reader.streams().first { $0.address == found.address }
        let isLast = state?.lastPoll?.started == provenance.page?.pollStarted
        return EventExplanation(
            event: found, provenance: provenance, poll: isLast ? state?.lastPoll : nil,
            deliveries: try await reader.deliveries(DeliveryQuery(event: id, limit: 1000)),
            verdicts: try await matcher()?.verdicts(on: found))
    }

    /// Who wants which events, as the bridge file stands now; nil if it cannot be read as a
    /// whole, for which it may lack secrets that only the daemon has.
    private func matcher() async throws -> EventMatcher? {
        let environment = ProcessInfo.processInfo.environment
        guard
            case .success(let configuration) = Workplace.loader.load(
                options.config, environment: environment)
        else { return nil }
        let records = try SQLiteReader.open(path: configuration.storePath)
        return try await Assembly(dryRun: configuration, records: records).matcher
    }
}
