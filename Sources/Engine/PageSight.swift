import PullcordModel
import PullcordTransfer

/// The request that a poll made last, and the status of its answer.
struct PageSight: Sendable {
    var url: String?
    var status: Int?

    /// The place that events came from: the page at hand with its `records`, or with nil the whole
    /// scan.
    func origin(of run: PollRun, records: Int?, readAt: Timestamp) -> PageOrigin {
        let isPage = records != nil
        return PageOrigin(
            pollStarted: run.started, number: isPage ? run.pages : 0,
            look: run.isSecondLook ? 2 : 1,
            url: isPage ? url.map { Self.shown($0, run.stream.redactor) } : nil,
            status: isPage ? status : nil, records: records ?? run.records, readAt: readAt)
    }

    private static func shown(_ url: String, _ redactor: Redactor) -> String {
        // What a server puts into a link may be as good as a password.
        let text = redactor.redact(StrangerText.printable(RequestURL.withoutSecrets(url)))
        guard text.utf8.count > Limits.urlBytesKept else { return text }
        let mark = "…"
        let kept = text.utf8.prefix(Limits.urlBytesKept - mark.utf8.count)
        return String(decoding: kept, as: UTF8.self) + mark
    }
}
