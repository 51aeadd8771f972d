import ArgumentParser
import PullcordAPI
import PullcordCommit
import PullcordJSON
import PullcordModel

/// A poll that the running daemon is asked for.
struct PollRequest {
    /// How long to wait for the end of the poll.
    private static let patience: Duration = .seconds(120)
    private static let look: Duration = .milliseconds(200)

    let source: String
    let options: ConfigOption
    let json: Bool

    /// Ends with status 1 if the poll failed.
    func run() async throws {
        let time = Workplace.time
        let reader = try options.reader()
        let argument = StreamArgument(source).arguments
        let before = try await streams(argument, reader)
        _ = try await OperatorChannel(options).perform("poll", argument)
        let end = time.monotonic() + Self.patience
        var waiting = Dictionary(before.map { ($0.address, $0.lastPoll?.started) }) { $1 }
        var hasFailed = false
        while !waiting.isEmpty {
            for state in try await streams(argument, reader) {
                guard let known = waiting[state.address], let report = state.lastPoll,
                    report.started != known
                else { continue }
                waiting[state.address] = nil
                hasFailed = hasFailed || !report.reason.isEmpty
                show(state, report)
            }
            guard time.monotonic() < end else {
                throw Problem(
                    code: "poll_under_way", message: "the poll has not ended in two minutes",
                    hint: "pullcord status shows how it ends")
            }
            if !waiting.isEmpty { try await time.sleep(until: time.monotonic() + Self.look) }
        }
        if hasFailed { throw ExitCode(1) }
    }

    private func streams(
        _ argument: [String: String], _ reader: any StoreReader
    ) async throws -> [StreamState] {
        try await reader.streams().filter {
            $0.isInFile && $0.address.source.text == argument["source"]
                && (argument["stream"] ?? $0.address.stream.text) == $0.address.stream.text
        }
    }

    private func show(_ state: StreamState, _ report: PollReport) {
        guard !json else {
            var writer = JSONWriter()
            writer.stream(state)
            return StandardOutput.writeLine(OneLine.json(writer.bytes))
        }
        let palette = Palette(isOn: StandardOutput.hasColours)
        StandardOutput.writeLine(
            "\(palette.bold(state.address.description)): \(report.outcome), "
                + "\(report.records) records, \(report.created) created, "
                + "\(report.updated) updated, \(report.deleted) deleted")
        if !report.reason.isEmpty { StandardOutput.writeLine(palette.red(report.reason)) }
    }
}
