import ArgumentParser
import PullcordAPI
import PullcordCommit
import PullcordJSON
import PullcordModel

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "List what operators have done, the newest first.")

    @Option(help: "How many at most.")
    var limit = 20

    @OptionGroup var options: ConfigOption

    @Flag(help: "Print one JSON object per line.")
    var json = false

    func run() async throws {
        try await explaining {
            let entries = try await options.reader().audit(limit: max(0, limit))
            guard !json else {
                for entry in entries { StandardOutput.writeLine(line(entry)) }
                return
            }
            let now = Workplace.time.wall()
            let palette = Palette(isOn: StandardOutput.hasColours)
            var table = Table("TIME", "WHO", "ACTION", "SUBJECT", "WHAT")
            for entry in entries {
                table.add(
                    Shown.time(entry.time, now: now),
                    entry.actor.isEmpty ? "–" : entry.actor, entry.action, entry.subject,
                    entry.detail.replacing("\n", with: " "))
            }
            for line in table.lines(width: StandardOutput.width, palette: palette) {
                StandardOutput.writeLine(line)
            }
        }
    }

    private func line(_ entry: AuditEntry) -> String {
        var writer = JSONWriter()
        writer.audit(entry)
        return OneLine.json(writer.bytes)
    }
}
