import PullcordJSON
package import PullcordModel

/// The body of a webhook: `{"type","timestamp","data"}` of Standard Webhooks 1.0.0.
package enum Envelope {
    /// The bytes to sign and to send; the same event always gives the same bytes.
    ///
    /// `data` holds `record` (the API's own bytes, untouched; `null` for `deleted`), `key`,
    /// `source`, `stream`, `version` and `origin`, and where the record before was kept also
    /// `previous`, `changed` and `patch`. A body of more than `limit` bytes goes out without some
    /// of them, as ``RecordMembers`` says: the receiver learns of the change and can read the
    /// record at its source.
    package static func body(
        for event: Event, limit: Int = Limits.payloadBytesMax
    ) -> [UInt8] {
        let head = Array(
            "{\"type\":\(JSONText.quoted(event.type)),\"timestamp\":\"\(event.time)\",".utf8)
        let tail = tail(of: event)
        var members = RecordMembers(event)
        let frame = head.count + opening.count + tail.count
        while frame + members.count > limit, members.shrink() {}
        var body: [UInt8] = []
        body.reserveCapacity(frame + members.count)
        body += head
        body += opening
        members.append(to: &body)
        body += tail
        return body
    }

    private static let opening = Array("\"data\":{".utf8)

    private static func tail(of event: Event) -> [UInt8] {
        let members = [
            "\"key\":\(JSONText.quoted(event.key.text))",
            "\"source\":\(JSONText.quoted(event.address.source.text))",
            "\"stream\":\(JSONText.quoted(event.address.stream.text))",
            "\"version\":\(event.version)",
            "\"origin\":\"\(event.origin.rawValue)\"",
        ]
        return Array(",\(members.joined(separator: ","))}}".utf8)
    }
}
