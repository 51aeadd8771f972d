package import PullcordModel

/// What the deliveries of a subscription look like, and what they are signed with.
package struct WireSpec: Sendable, Equatable {
    /// The form of the body.
    package enum Format: String, Sendable, CaseIterable {
        /// `{"type","timestamp","data"}` of Standard Webhooks 1.0.0, the record in `data`.
        case standard
        /// The same without the record.
        case thin
        /// The record alone; `null` for one that was deleted.
        case raw
        /// CloudEvents 1.0, structured mode.
        case cloudevents
        /// CloudEvents 1.0, binary mode: attributes as headers, `data` as the body.
        case cloudeventsBinary = "cloudevents_binary"
        /// CloudEvents 1.0, batched mode: a JSON array, also of one event.
        case cloudeventsBatch = "cloudevents_batch"

        /// Whether a body can hold several events.
        package var canBatch: Bool { self != .cloudeventsBinary }
    }

    /// What signs a whole request (RFC 9421).
    package enum HTTPSignature: String, Sendable, CaseIterable {
        case hmac, ed25519
    }

    /// A secret, and until when it signs.
    package struct TimedSecret: Sendable, Equatable {
        package var value: Template
        package var until: Timestamp?
        package var place: Place
        /// Of the time, for complaints about it.
        package var untilPlace: Place

        package init(value: Template, until: Timestamp?, place: Place, untilPlace: Place) {
            self.value = value
            self.until = until
            self.place = place
            self.untilPlace = untilPlace
        }
    }

    /// `whsec_` and base64 of 24 to 64 bytes (Standard Webhooks 1.0.0); the current one first,
    /// empty if none was readable.
    package var secrets: [TimedSecret]
    /// `whsk_` and base64 of 32 or 64 bytes.
    package var ed25519: Template?
    package var httpSignature: HTTPSignature?
    package var format: Format
    /// A jq program over the standard body, whose one result is the body; nil for ``format``.
    package var body: ExpressionText?
    /// A jq program over the standard body, whose one result stands for the record.
    package var transform: ExpressionText?
    /// Bytes of a body; a larger one goes out without the record.
    package var payloadMax: Int

    package init(
        secrets: [TimedSecret] = [], ed25519: Template? = nil, httpSignature: HTTPSignature? = nil,
        format: Format = .standard, body: ExpressionText? = nil, transform: ExpressionText? = nil,
        payloadMax: Int = Limits.payloadBytesMax
    ) {
        self.secrets = secrets
        self.ed25519 = ed25519
        self.httpSignature = httpSignature
        self.format = format
        self.body = body
        self.transform = transform
        self.payloadMax = payloadMax
    }
}
