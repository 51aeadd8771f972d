import ArgumentParser
import PullcordCommit
import PullcordModel

struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what a record's last change has changed, member by member.",
        discussion: """
            In a stream with `keep: record` every change can be told. Without it the record \
            before is known only if its event is still stored.
            """)

    @Argument(help: "A source, or SOURCE/STREAM for one of its streams.")
    var source: String

    @Argument(help: "The record's key, as pullcord events shows it.")
    var key: String

    @Option(help: "How many changes, the newest first.")
    var versions = 1

    @OptionGroup var options: ConfigOption

    @Flag(help: "Print one JSON object per change.")
    var json = false

    func run() async throws {
        try await explaining {
            let reader = try options.reader()
            let changes = try await changes(reader)
            let palette = Palette(isOn: StandardOutput.hasColours)
            for (index, change) in changes.enumerated() {
                if json {
                    StandardOutput.writeLine(OneLine.json(change.json()))
                    continue
                }
                if index > 0 { StandardOutput.writeLine() }
                for line in change.lines(now: Workplace.time.wall(), palette: palette) {
                    StandardOutput.writeLine(line)
                }
            }
        }
    }

    private func changes(_ reader: any StoreReader) async throws -> [RecordChange] {
        let parts = source.split(separator: "/", maxSplits: 1).map(String.init)
        let count = min(max(1, versions), 1000)
        let events = try await reader.events(
            EventQuery(
                source: SourceName(parts.first ?? source),
                stream: parts.count > 1 ? StreamName(parts[1]) : nil, key: RecordKey(key),
                limit: count + 1)
        ).map(\.event)
        guard let first = events.first else {
            throw Problem(
                code: "unknown_record",
                message: "no change of a record `\(key)` of `\(source)` is stored",
                hint: "pullcord events --source \(parts.first ?? source) lists what was found; "
                    + "the records of a first poll are no changes")
        }
        if let other = events.first(where: { $0.address != first.address }) {
            throw Problem(
                code: "stream_unclear", message: "several streams have a record `\(key)`",
                hint: "name one: \(first.address) or \(other.address)")
        }
        return events.prefix(count).enumerated().map { index, event in
            RecordChange(
                event, earlier: index + 1 < events.count ? events[index + 1] : nil)
        }
    }
}
