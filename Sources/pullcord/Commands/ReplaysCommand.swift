import ArgumentParser
import PullcordCommit
import PullcordJSON
import PullcordModel

struct ReplaysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replays", abstract: "List replays and how far they are, the newest first.")

    @Option(help: "Cancel the replay with this number: what waits of it is not sent.")
    var cancel: Int64?

    @Option(help: "How many at most.")
    var limit = 20

    @OptionGroup var options: ConfigOption

    @Flag(help: "Print one JSON object per line.")
    var json = false

    func run() async throws {
        try await explaining {
            if let cancel {
                StandardOutput.writeLine(
                    try await OperatorChannel(options).perform(
                        "replay_cancel", ["id": String(cancel)]))
                return
            }
            let jobs = try await options.reader().replays(limit: max(0, limit))
            json ? jobs.forEach { StandardOutput.writeLine(line($0)) } : show(jobs)
        }
    }

    private func show(_ jobs: [ReplayJob]) {
        let now = Workplace.time.wall()
        let palette = Palette(isOn: StandardOutput.hasColours)
        var table = Table(
            "REPLAY", "TO", "STATE", "MADE", "READ", "WAITING", "DELIVERED", "DEAD", "NO PAYLOAD")
        for job in jobs {
            table.add(
                job.id.description, job.targetName.text, job.state.rawValue,
                Shown.time(job.made, now: now), "\(share(job))%", String(job.waiting),
                String(job.delivered), String(job.dead), String(job.withoutPayload))
        }
        for line in table.lines(width: StandardOutput.width, palette: palette) {
            StandardOutput.writeLine(line)
        }
    }

    /// How much of the log was read, in percent.
    private func share(_ job: ReplayJob) -> Int {
        guard job.upper > 0 else { return 100 }
        return Int(Double(job.position) / Double(job.upper) * 100)
    }

    private func line(_ job: ReplayJob) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("id")
        writer.number(job.id.number)
        writer.member("to", job.targetName.text)
        writer.member("state", job.state.rawValue)
        writer.member("made", job.made)
        writer.member("rate", job.rate)
        writer.member("read_percent", share(job))
        writer.member("queued", job.queued)
        writer.member("waiting", job.waiting)
        writer.member("delivered", job.delivered)
        writer.member("dead", job.dead)
        writer.member("cancelled", job.cancelled)
        writer.member("without_payload", job.withoutPayload)
        writer.endObject()
        return OneLine.json(writer.bytes)
    }
}
