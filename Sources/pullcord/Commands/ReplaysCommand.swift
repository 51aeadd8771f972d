import ArgumentParser
import PullcordAPI
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
                Shown.time(job.made, now: now), "\(job.readPercent)%", String(job.waiting),
                String(job.delivered), String(job.dead), String(job.withoutPayload))
        }
        for line in table.lines(width: StandardOutput.width, palette: palette) {
            StandardOutput.writeLine(line)
        }
    }

    private func line(_ job: ReplayJob) -> String {
        var writer = JSONWriter()
        writer.replay(job)
        return OneLine.json(writer.bytes)
    }
}
