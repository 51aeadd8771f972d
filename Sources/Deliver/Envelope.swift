import PullcordJSON
package import PullcordModel

/// The body of a webhook: `{"type","timestamp","data"}` of Standard Webhooks 1.0.0.
package enum Envelope {
    /// The bytes to sign and to send; the same event always gives the same bytes.
    ///
    /// `data` holds `record` (the API's own bytes, untouched; `null` for `deleted`), `key`,
    /// `source`, `stream`, `version` and `origin`. A body of more than `limit` bytes goes out
    /// without the record, which is then `null` and followed by `"truncated":true`: the receiver
    /// learns of the change and can read the record at its source.
    ///
    /// `marks` are further members of `data`, each behind a comma: see ``QueueMarks``.
    package static func body(
        for event: Event, marks: String = "", limit: Int = Limits.payloadBytesMax
    ) -> [UInt8] {
        let head = Array(
            "{\"type\":\(JSONText.quoted(event.type)),\"timestamp\":\"\(event.time)\",".utf8)
        let tail = tail(of: event, marks)
        let record = event.record ?? null
        let count = head.count + opening.count + record.count + tail.count
        var body: [UInt8] = []
        guard count <= limit else {
            body += head
            body += opening
            body += null
            body += Array(",\"truncated\":true".utf8)
            body += tail
            return body
        }
        body.reserveCapacity(count)
        body += head
        body += opening
        body += record
        body += tail
        return body
    }

    private static let opening = Array("\"data\":{\"record\":".utf8)
    private static let null = Array("null".utf8)

    private static func tail(of event: Event, _ marks: String) -> [UInt8] {
        let members = [
            "\"key\":\(JSONText.quoted(event.key.text))",
            "\"source\":\(JSONText.quoted(event.address.source.text))",
            "\"stream\":\(JSONText.quoted(event.address.stream.text))",
            "\"version\":\(event.version)",
            "\"origin\":\"\(event.origin.rawValue)\"",
        ]
        return Array(",\(members.joined(separator: ","))\(marks)}}".utf8)
    }
}
