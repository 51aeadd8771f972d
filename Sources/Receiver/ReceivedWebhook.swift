package import PullcordModel
package import PullcordSigning

/// One POST that came in, whether it may be trusted, and how it was answered.
package struct ReceivedWebhook: Sendable, Equatable {
    package let receivedAt: Timestamp
    package let verdict: Verdict
    /// `webhook-id`; empty if the header is missing.
    package let id: String
    /// The members of the body's envelope; nil where the verdict is not valid, or where the body
    /// is no envelope of Pullcord (another sender's, or a format of its own).
    package let content: Content?
    /// What the envelopes of a batch hold, in its order; empty if the body is no array.
    package let batch: [Content]
    /// Whether a webhook of this id was accepted before.
    package let isDuplicate: Bool
    /// The status that it was answered with.
    package let status: Int

    package init(
        receivedAt: Timestamp, verdict: Verdict, id: String, content: Content?,
        batch: [Content] = [], isDuplicate: Bool, status: Int
    ) {
        self.receivedAt = receivedAt
        self.verdict = verdict
        self.id = id
        self.content = content
        self.batch = batch
        self.isDuplicate = isDuplicate
        self.status = status
    }

    /// How long after the event the webhook came; nil if the body says no time.
    package var delay: Duration? { content?.time.map { receivedAt - $0 } }

    /// What an envelope holds; a member that is missing or of another type is nil.
    package struct Content: Sendable, Equatable {
        package var type: String?
        package var time: Timestamp?
        package var key: String?
        package var source: String?
        package var stream: String?
        package var origin: String?
        package var version: Int64?
        /// The record's bytes as they came; nil for `null`.
        package var record: [UInt8]?
        /// Whether the record was left out because it is too large.
        package var isTruncated = false

        package init() {}

        /// Reads the body of a webhook; nil if it is not a JSON object.
        package init?(body: [UInt8]) { self.init(body[...]) }

        /// Reads the body of a batch; empty if it is not a JSON array.
        ///
        /// An item that is no envelope has no members.
        package static func batch(in body: [UInt8]) -> [Content] {
            (JSONMembers.items(body[...]) ?? []).map { Content($0) ?? Content() }
        }

        private init?(_ body: ArraySlice<UInt8>) {
            guard let envelope = JSONMembers(body) else { return nil }
            type = envelope.string("type")
            // CloudEvents call it `time`.
            let time = envelope.string("timestamp") ?? envelope.string("time")
            self.time = time.flatMap { Timestamp(rfc3339: $0) }
            guard let data = envelope.value("data").flatMap({ JSONMembers($0) }) else { return }
            key = data.string("key")
            source = data.string("source")
            stream = data.string("stream")
            origin = data.string("origin")
            version = data.value("version").flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
            record = data.value("record").map(Array.init)
            if record == Array("null".utf8) { record = nil }
            isTruncated = data.value("truncated")?.elementsEqual("true".utf8) ?? false
        }
    }
}
