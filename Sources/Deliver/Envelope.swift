import PullcordJSON
package import PullcordModel

/// The body of a webhook: `{"type","timestamp","data"}` of Standard Webhooks 1.0.0.
package enum Envelope {
    /// What of the record goes into `data`.
    enum Content {
        /// The record, what was before, or what is left of them where they are too large.
        case members(RecordMembers)
        /// No member `record`: the receiver wants to know of the change only.
        case thin
    }

    /// The bytes to sign and to send; the same event always gives the same bytes.
    ///
    /// `marks` are further members of `data`, each behind a comma: see ``QueueMarks``. A body of
    /// more than `limit` bytes goes out without some of the large members, as ``RecordMembers``
    /// says: the receiver learns of the change and can read the record at its source.
    package static func body(
        for event: Event, marks: String = "", limit: Int = Limits.payloadBytesMax
    ) -> [UInt8] {
        var members = RecordMembers(event)
        while members.count > limit, members.shrink() {}
        while true {
            let body = body(for: event, .members(members), marks: marks)
            guard body.count > limit, members.shrink() else { return body }
        }
    }

    static func body(for event: Event, _ content: Content, marks: String = "") -> [UInt8] {
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
    /// `deleted`), where the record before was kept `previous`, `changed` and `patch`, then `key`,
    /// `source`, `stream`, `version`, `origin`, and `marks`.
    static func appendData(
        of event: Event, _ content: Content, marks: String, to body: inout [UInt8]
    ) {
        reserve(content, in: &body)
        body.append(0x7B)
        if case .members(let members) = content {
            members.append(to: &body)
            body.append(0x2C)
        }
        body += "\"key\":".utf8
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
        guard case .members(let members) = content else { return }
        body.reserveCapacity(body.count + members.count + 384)
    }
}
