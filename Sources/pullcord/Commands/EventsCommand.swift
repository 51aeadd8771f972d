import ArgumentParser
import PullcordAPI
import PullcordCommit
import PullcordEngine
import PullcordJSON
import PullcordModel

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "List what was found, the newest first.",
        discussion: "With an id, shows that event with its record as the API sent it.")

    @Argument(help: "The id of one event.")
    var id: String?

    @Option(help: "Only events of this source.")
    var source: String?

    @Option(help: "Only events of streams of this name.")
    var stream: String?

    @Option(help: "Only events of the record with this key.")
    var key: String?

    @Option(help: "Only of this kind, as created or quarantined.")
    var kind: EventKind?

    @Option(help: "Only events at or after this time, as 2026-01-31T09:30:00Z.")
    var since: Timestamp?

    @Option(help: "How many at most.")
    var limit = 20

    @OptionGroup var options: ConfigOption

    @Flag(help: "Print one JSON object per line.")
    var json = false

    func run() async throws {
        try await explaining {
            let reader = try options.reader()
            let query = EventQuery(
                id: id.map { EventID($0) }, source: source.map { SourceName($0) },
                stream: stream.map { StreamName($0) }, key: key.map { RecordKey($0) }, kind: kind,
                since: since, limit: max(0, limit))
            try await checkNames(reader)
            let events = try await reader.events(query)
            if let id, events.isEmpty {
                throw Problem(code: "unknown_event", message: "there is no event `\(id)`")
            }
            if json {
                for event in events {
                    var writer = JSONWriter()
                    writer.event(event.event, event)
                    StandardOutput.writeLine(OneLine.json(writer.bytes))
                }
            } else {
                show(events)
            }
        }
    }

    /// A name that nobody has is a mistake, and no reason for an empty list.
    private func checkNames(_ reader: any StoreReader) async throws {
        guard source != nil || stream != nil else { return }
        let addresses = try await reader.streams().map(\.address)
        let sources = Set(addresses.map(\.source.text)).sorted()
        if let source, !sources.contains(source) {
            throw UnknownName.source(source, known: sources)
        }
        let streams = Set(
            addresses.filter { source == nil || $0.source.text == source }.map(\.stream.text)
        ).sorted()
        if let stream, !streams.contains(stream) {
            throw UnknownName.stream(stream, of: source ?? "any source", known: streams)
        }
    }

    private func show(_ events: [EventSummary]) {
        let now = Workplace.time.wall()
        var table = Table("TIME", "ID", "TYPE", "SOURCE", "KEY", "VERSION", "DELIVERIES")
        for summary in events {
            let event = summary.event
            table.add(
                Shown.time(event.time, now: now), event.id.text, event.type,
                event.address.source.text, event.key.text, String(event.version),
                deliveries(summary))
        }
        let palette = Palette(isOn: StandardOutput.hasColours)
        for line in table.lines(width: StandardOutput.width, palette: palette) {
            StandardOutput.writeLine(line)
        }
        if id != nil, let record = events.first?.event.record {
            StandardOutput.writeLine("\n" + String(decoding: record, as: UTF8.self))
        }
    }

    private func deliveries(_ summary: EventSummary) -> String {
        let parts = [
            (summary.delivered, "delivered"), (summary.pending, "pending"), (summary.dead, "dead"),
        ]
        let text = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        return text.isEmpty ? "nobody subscribed" : text
    }
}

extension EventKind: ExpressibleByArgument {}
extension DeliveryState: ExpressibleByArgument {}

extension Timestamp: ExpressibleByArgument {
    init?(argument: String) { self.init(rfc3339: argument) }
}

/// JSON on one line, for tools that read line by line.
enum OneLine {
    /// Records come as the API sent them, and may hold line breaks between their members; inside
    /// of strings JSON has none.
    static func json(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }, as: UTF8.self)
    }
}
