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
        /// Whether the request under way is for a program.
        var isLocal = false
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
            state.withLock { state in
                state.requests += 1
                state.isLocal = request.call != nil
            }
            guard showsExchanges else { return }
            StandardOutput.writeLine(
                palette.bold("→ \(method(request)) ") + redactor.redact(target(request)))
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
            let isLocal = state.withLock { $0.isLocal }
            let words = response.status == 304 ? "nothing new" : "done"
            let status = isLocal ? words : "\(response.status)"
            StandardOutput.writeLine(
                "← \(ok ? palette.green(status) : palette.red(status))"
                    + palette.dim(
                        "  \(response.bodyCount) bytes in \(Shown.span(response.timings.total))"))
        case .ruling(let text):
            guard showsExchanges else { return }
            StandardOutput.writeLine(palette.dim("    by \(text)"))
        case .again(let reason):
            guard showsExchanges else { return }
            StandardOutput.writeLine(palette.dim("    again: \(redactor.redact(reason))"))
        case .limits, .page, .cut: break
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

    private func method(_ request: HTTPRequest) -> String {
        request.call == nil ? request.method.rawValue : "run"
    }

    /// The URL, or the command line of a program as it could be typed.
    private func target(_ request: HTTPRequest) -> String {
        guard case .program(let call)? = request.call else { return request.url }
        let command = call.command.map(Self.quoted).joined(separator: " ")
        return call.singer.map { "\(command)  (stream \($0.stream))" } ?? command
    }

    private static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "-_./=:,@%+".utf8.contains(byte)
                }
            }
        return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
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
