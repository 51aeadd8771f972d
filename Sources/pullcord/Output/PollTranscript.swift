import PullcordAPI
import PullcordCommit
import PullcordEngine
import PullcordJSON
import PullcordModel
import PullcordTransfer
import Synchronization

/// What `pullcord poll` shows: each request and its answer, then the changes found.
final class PollTranscript: Sendable {
    private struct State {
        var requests = 0
        var bytes = 0
        var changes: [OutgoingEvent] = []
        var remembered: [RecordKey] = []
    }

    private let redactor: Redactor
    private let limit: Int
    private let showsExchanges: Bool
    private let palette = Palette(isOn: StandardOutput.hasColours)
    private let state = Mutex(State())

    init(redactor: Redactor, limit: Int, showsExchanges: Bool) {
        self.redactor = redactor
        self.limit = limit
        self.showsExchanges = showsExchanges
    }

    func observe(_ sight: PollSight) {
        switch sight {
        case .request(let request):
            state.withLock { $0.requests += 1 }
            guard showsExchanges else { return }
            StandardOutput.writeLine(
                palette.bold("→ \(request.method.rawValue) ") + redactor.redact(request.url))
            for header in request.headers where header.name.lowercased() != "accept" {
                StandardOutput.writeLine(
                    palette.dim("    \(header.name): \(shown(header))"))
            }
            if let body = request.body {
                let text = String(decoding: body.prefix(2000), as: UTF8.self)
                StandardOutput.writeLine(palette.dim("    \(redactor.redact(text))"))
            }
        case .answer(let response):
            state.withLock { $0.bytes += response.bodyCount }
            guard showsExchanges else { return }
            let ok = (200...299).contains(response.status) || response.status == 304
            let status = "\(response.status)"
            StandardOutput.writeLine(
                "← \(ok ? palette.green(status) : palette.red(status))"
                    + palette.dim(
                        "  \(response.bodyCount) bytes in \(Shown.span(response.timings.total))"))
        case .ruling(let text):
            guard showsExchanges else { return }
            StandardOutput.writeLine(palette.dim("    by \(text)"))
        }
    }

    func take(_ batch: CommitBatch) {
        state.withLock { state in
            state.changes += batch.events.prefix(max(0, limit - state.changes.count))
            guard batch.events.isEmpty else { return }
            let room = max(0, limit - state.remembered.count)
            state.remembered += batch.records.prefix(room).map(\.key)
        }
    }

    func finish(_ address: StreamAddress, _ report: PollReport, json: Bool, isDryRun: Bool) {
        let state = state.withLock { $0 }
        if json {
            StandardOutput.writeLine(Self.json(address, report, state.changes, isDryRun))
            return
        }
        for change in state.changes { StandardOutput.writeLine(line(change)) }
        let total = report.created + report.updated + report.deleted
        if total > state.changes.count, !state.changes.isEmpty {
            StandardOutput.writeLine(palette.dim("  … and \(total - state.changes.count) more"))
        }
        let found =
            "\(report.created) created, \(report.updated) updated, \(report.deleted) deleted"
        StandardOutput.writeLine(
            palette.bold("\(address): \(report.outcome)")
                + " – \(report.pages) \(report.pages == 1 ? "page" : "pages"), "
                + "\(report.records) records, \(found), \(Shown.span(report.duration))")
        if report.outcome == "baseline" {
            for key in state.remembered {
                StandardOutput.writeLine("  \(palette.dim("·")) \(address.stream)  \(key)")
            }
            if report.created > state.remembered.count {
                let rest = report.created - state.remembered.count
                StandardOutput.writeLine(palette.dim("  … and \(rest) more"))
            }
            StandardOutput.writeLine(
                palette.dim(
                    "  the first poll of a stream only remembers what there is; "
                        + "`first: emit` would send it"))
        }
        if !report.reason.isEmpty { StandardOutput.writeLine(palette.red(report.reason)) }
        if isDryRun {
            StandardOutput.writeLine(palette.dim("  dry run: nothing stored, nothing sent"))
        }
    }

    private func shown(_ header: HTTPField) -> String {
        let isSecret = ["authorization", "cookie"].contains(header.name.lowercased())
        return isSecret ? "***" : redactor.redact(header.value)
    }

    private func line(_ change: OutgoingEvent) -> String {
        let event = change.event
        let sign =
            switch event.kind {
            case .created: palette.green("+")
            case .updated: palette.yellow("~")
            case .deleted: palette.red("-")
            case .quarantined, .recovered, .disabled, .stalled, .schemaChanged: "!"
            }
        let record = event.record.map { String(decoding: $0.prefix(100), as: UTF8.self) } ?? ""
        let excerpt = record.split(whereSeparator: \.isNewline).joined(separator: " ")
        let receivers = change.subscriptions.count
        return "  \(sign) \(event.type)  \(event.key)  "
            + palette.dim(
                "\(event.id)  to \(receivers) \(receivers == 1 ? "subscription" : "subscriptions")  \(redactor.redact(excerpt))"
            )
    }

    private static func json(
        _ address: StreamAddress, _ report: PollReport, _ changes: [OutgoingEvent],
        _ isDryRun: Bool
    ) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("source", address.source.text)
        writer.member("stream", address.stream.text)
        writer.key("dry_run")
        writer.bool(isDryRun)
        writer.members(of: report)
        writer.key("changes")
        writer.beginArray()
        for change in changes { writer.event(change.event) }
        writer.endArray()
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
