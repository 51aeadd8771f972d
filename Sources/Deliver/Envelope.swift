import PullcordJSON
package import PullcordModel

/// The body of a webhook: `{"type","timestamp","data"}` of Standard Webhooks 1.0.0.
package enum Envelope {
    /// What of the record goes into `data`.
    package enum Content: Sendable, Equatable {
        /// The record, as the API sent it or as a program made it; JSON in any case.
        case record([UInt8])
        /// No member `record`: the receiver wants to know of the change only.
        case thin
        /// `null`, and `"truncated":true`: the record was too large.
        case truncated
    }

    /// The bytes to sign and to send; the same event always gives the same bytes.
    ///
    /// `marks` are further members of `data`, each behind a comma: see ``QueueMarks``. A body of
    /// more than `limit` bytes goes out without the record, see ``Content/truncated``: the
    /// receiver learns of the change and can read the record at its source.
    package static func body(
        for event: Event, marks: String = "", limit: Int = Limits.payloadBytesMax
    ) -> [UInt8] {
        let record = event.record ?? null
        guard record.count <= limit else { return body(for: event, .truncated, marks: marks) }
        let body = body(for: event, .record(record), marks: marks)
        return body.count <= limit ? body : self.body(for: event, .truncated, marks: marks)
    }

    package static func body(
        for event: Event, _ content: Content, marks: String = ""
    ) -> [UInt8] {
        var body: [UInt8] = []
        append(event, content, marks: marks, to: &body)
        return body
    }

    static func append(
        _ event: Event, _ content: Content, marks: String, to body: inout [UInt8]
    ) {
        reserve(content, in: &body)
        body += "{\"type\":".utf8
        JSONText.append(event.type.utf8, to: &body)
        body += ",\"timestamp\":\"\(event.time)\",\"data\":".utf8
        appendData(of: event, content, marks: marks, to: &body)
        body.append(0x7D)
    }

    /// Writes `data`, the one place that says what it holds: `record` (untouched; `null` for
    /// `deleted`), `key`, `source`, `stream`, `version`, `origin`, and `marks`.
    static func appendData(
        of event: Event, _ content: Content, marks: String, to body: inout [UInt8]
    ) {
        reserve(content, in: &body)
        switch content {
        case .record(let record):
            body += "{\"record\":".utf8
            body += record
            body += ",\"key\":".utf8
        case .thin: body += "{\"key\":".utf8
        case .truncated: body += "{\"record\":null,\"truncated\":true,\"key\":".utf8
        }
        JSONText.append(event.key.text.utf8, to: &body)
        body += ",\"source\":".utf8
        JSONText.append(event.address.source.text.utf8, to: &body)
        body += ",\"stream\":".utf8
        JSONText.append(event.address.stream.text.utf8, to: &body)
        body += ",\"version\":\(event.version),\"origin\":\"\(event.origin.rawValue)\"".utf8
        body += marks.utf8
        body.append(0x7D)
    }

    static let null = Array("null".utf8)

    private static func reserve(_ content: Content, in body: inout [UInt8]) {
        guard case .record(let record) = content else { return }
        body.reserveCapacity(body.count + record.count + 384)
    }
}
