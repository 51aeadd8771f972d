import PullcordAdapter
import PullcordCommit
import PullcordEngine
import PullcordJSON
import PullcordModel
import PullcordPoll
import PullcordTransfer
import Synchronization

/// What `pullcord adapter try` shows of one stream.
final class TrialTranscript: Sendable {
    struct Exchange {
        let curl: String
        var status: Int?
        var bytes = 0
        var duration: Duration = .zero
        var records: Int?
        var ruling: String?
    }

    struct Seen {
        var exchanges: [Exchange] = []
        var records: [RecordSight] = []
        var limits: LimitSight?
        /// Headers that speak of limits, as they came.
        var limitHeaders: [HTTPField] = []
        /// ETag and Last-Modified of the first page.
        var validators: [HTTPField] = []
        var isCut = false
    }

    /// Records that are shown.
    static let recordsMax = 10

    private let curl: CurlCommand
    private let redactor: Redactor
    private let limits: LimitsSpec
    private let isLive: Bool
    private let palette = Palette(isOn: StandardOutput.hasColours)
    private let state = Mutex(Seen())

    /// With `isLive` each exchange is shown as it happens.
    init(_ curl: CurlCommand, redactor: Redactor, limits: LimitsSpec, isLive: Bool) {
        self.curl = curl
        self.redactor = redactor
        self.limits = limits
        self.isLive = isLive
    }

    var seen: Seen { state.withLock { $0 } }

    // MARK: While it happens

    func observe(_ sight: PollSight) {
        switch sight {
        case .request(let request):
            let text = curl.text(request, indent: "")
            state.withLock { $0.exchanges.append(Exchange(curl: text)) }
            show(curl.text(request, indent: "  "))
        case .answer(let response): take(response)
        case .ruling(let text):
            state.withLock { state in
                guard let last = state.exchanges.indices.last else { return }
                state.exchanges[last].ruling = text
            }
            show(palette.dim("    decided by \(redactor.redact(text))"))
        case .again(let reason): show(palette.dim("    again: \(redactor.redact(reason))"))
        case .limits(let sight):
            state.withLock { $0.limits = sight }
        case .page(let total, let first):
            state.withLock { state in
                if let last = state.exchanges.indices.last { state.exchanges[last].records = total }
                state.records += first.prefix(Self.recordsMax - state.records.count)
            }
            show(palette.dim("    \(total) \(total == 1 ? "record" : "records")"))
        case .cut: state.withLock { $0.isCut = true }
        }
    }

    private func take(_ response: HTTPResponse) {
        let fields = response.headers.fields
        state.withLock { state in
            if let last = state.exchanges.indices.last {
                state.exchanges[last].status = response.status
                state.exchanges[last].bytes = response.bodyCount
                state.exchanges[last].duration = response.timings.total
            }
            let limits = fields.filter { isOfLimits($0.name.lowercased()) }
            if !limits.isEmpty { state.limitHeaders = limits }
            if state.validators.isEmpty {
                state.validators = fields.filter {
                    ["etag", "last-modified"].contains($0.name.lowercased())
                }
            }
        }
        let isGood = (200...299).contains(response.status) || response.status == 304
        let status = "\(response.status)"
        show(
            "  → \(isGood ? palette.green(status) : palette.red(status))"
                + palette.dim(
                    "  \(Shown.bytes(response.bodyCount)) in \(Shown.span(response.timings.total))")
        )
    }

    private func isOfLimits(_ name: String) -> Bool {
        if name.contains("ratelimit") || name.contains("rate-limit") { return true }
        if ["retry-after", "x-poll-interval"].contains(name) { return true }
        return [limits.remaining, limits.limit, limits.reset].contains { reading in
            guard case .header(let header)? = reading?.source else { return false }
            return header.lowercased() == name
        }
    }

    private func show(_ line: String) {
        if isLive { StandardOutput.writeLine(line) }
    }

    // MARK: When it is over

    /// Shows what was found; `next` is the first request of a second poll, or why there is none.
    func finish(_ report: PollReport, next: TrialNext) {
        let seen = seen
        if seen.isCut {
            show(palette.dim("  there are more pages; --pages reads more of them"))
        }
        if !seen.records.isEmpty {
            show("")
            for line in RecordTable(records: seen.records, redactor: redactor)
                .lines(width: StandardOutput.width.map { $0 - 2 }, palette: palette)
            {
                show("  " + line)
            }
        }
        show("")
        let limits = limitWords(seen)
        if !limits.isEmpty { show("  limits: \(limits)") }
        if seen.exchanges.contains(where: { $0.status != nil }) {
            let validators = seen.validators.map { "\($0.name): \(redactor.redact($0.value))" }
            show(
                "  validators: "
                    + (validators.isEmpty ? "none" : validators.joined(separator: ", ")))
        }
        if !report.reason.isEmpty { show("  " + palette.red(redactor.redact(report.reason))) }
        if report.reason.contains("[\(TransferError.Code.refusedAddress.rawValue)]") {
            show("  here: --allow HOST:PORT, or --allow loopback or private")
        }
        switch next {
        case .request(let request):
            show("  a second poll would ask:")
            show(curl.text(request, indent: "    "))
        case .nothing(let reason): show("  a second poll: \(reason)")
        }
    }

    private func limitWords(_ seen: Seen) -> String {
        var words: [String] = []
        if let remaining = seen.limits?.remaining {
            let all = seen.limits?.limit.map { " of \($0)" } ?? ""
            words.append("\(remaining)\(all) left")
        }
        if let reset = seen.limits?.reset { words.append("more in \(Shown.span(reset))") }
        if let refusal = seen.limits?.refusal {
            words.append("refused" + (refusal.wait.map { ", wait \(Shown.span($0))" } ?? ""))
        }
        let fields = seen.limitHeaders.map { "\($0.name): \(redactor.redact($0.value))" }
        if !fields.isEmpty { words.append("(\(fields.joined(separator: ", ")))") }
        return words.joined(separator: ", ").replacing(", (", with: " (")
    }

    /// The same as one JSON object.
    func json(_ address: StreamAddress, _ report: PollReport, next: TrialNext) -> String {
        TrialJSON(seen: seen, redactor: redactor, curl: curl).text(address, report, next)
    }
}

/// What a second poll would do first.
enum TrialNext {
    case request(HTTPRequest)
    /// In words.
    case nothing(String)
}
