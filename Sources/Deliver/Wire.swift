package import PullcordAdapter
package import PullcordJQ
import PullcordJSON
package import PullcordModel
package import PullcordTransfer

/// Makes bodies of events: the format of a subscription with its programs compiled.
package struct Wire: Sendable {
    /// What is sent for one event, or for several together.
    package struct Payload: Sendable, Equatable {
        /// The `webhook-id`.
        package let id: EventID
        package let contentType: String
        /// Headers that belong to the format.
        package var headers: [HTTPField]
        package let body: [UInt8]
        /// Whether a record was left out because it is too large.
        package let isTruncated: Bool
    }

    private let format: WireSpec.Format
    private let body: Expression?
    private let transform: Expression?
    private let bytesMax: Int
    /// What a link to an event begins with; nil for no links.
    private let link: String?

    /// `bytesMax` is bounded by ``Limits/payloadBytesMax``, for each event by itself.
    package init(
        format: WireSpec.Format = .standard, body: Expression? = nil,
        transform: Expression? = nil, bytesMax: Int = Limits.payloadBytesMax,
        link: String? = nil
    ) {
        self.link = link
        self.format = format
        self.body = body
        self.transform = transform
        self.bytesMax = min(max(bytesMax, 0), Limits.payloadBytesMax)
    }

    /// The payload of one event; `marks` are further members of its `data`, see ``QueueMarks``.
    ///
    /// - Throws: ``WireError`` `transform` or `payload` if a program of the subscription fails.
    package func payload(
        for event: Event, marks: String = ""
    ) throws(WireError) -> Payload {
        let part = try part(for: event, marks)
        var headers: [HTTPField] = []
        var bytes = part.bytes
        switch shape {
        case .cloudeventsBinary: headers = CloudEvent.headers(of: event)
        case .cloudeventsBatch: bytes = [0x5B] + bytes + [0x5D]
        case .raw:
            headers = Self.description(of: event)
            if part.isTruncated { headers.append(HTTPField("pullcord-truncated", "true")) }
        case .standard, .thin, .cloudevents: break
        }
        return Payload(
            id: event.id, contentType: contentType, headers: headers, body: bytes,
            isTruncated: part.isTruncated)
    }

    /// The payload of several events: a JSON array of what each would be by itself.
    ///
    /// Its id is a function of the ids, in their order. The caller bounds their number.
    ///
    /// - Throws: ``WireError`` as ``payload(for:)`` does, and `batch` for no event at all, or if
    ///   the format is `cloudevents_binary`, whose attributes are headers.
    package func payload(batch events: [Event]) throws(WireError) -> Payload {
        try payload(batch: events.map { ($0, "") })
    }

    /// The same, with further members of the `data` of each, see ``QueueMarks``.
    func payload(
        batch events: [(event: Event, marks: String)]
    ) throws(WireError) -> Payload {
        guard shape.canBatch, !events.isEmpty else {
            throw WireError(
                code: .batch, place: "format",
                message: events.isEmpty
                    ? "a batch holds one event at least" : "\(format.rawValue) holds one event",
                hint: "use cloudevents_batch")
        }
        var bytes: [UInt8] = [0x5B]
        var isTruncated = false
        for (event, marks) in events {
            let part = try part(for: event, marks)
            if bytes.count > 1 { bytes.append(0x2C) }
            bytes += part.bytes
            isTruncated = isTruncated || part.isTruncated
        }
        bytes.append(0x5D)
        let isCloud = shape == .cloudevents || shape == .cloudeventsBatch
        return Payload(
            id: EventIdentity.id(ofBatch: events.map(\.event.id)),
            contentType: isCloud ? CloudEvent.batchContentType : "application/json", headers: [],
            body: bytes, isTruncated: isTruncated)
    }

    /// The format, unless a program makes the whole body.
    private var shape: WireSpec.Format { body == nil ? format : .standard }

    private var contentType: String {
        switch shape {
        case .standard, .thin, .raw, .cloudeventsBinary: "application/json"
        case .cloudevents: CloudEvent.contentType
        case .cloudeventsBatch: CloudEvent.batchContentType
        }
    }

    private func part(
        for event: Event, _ marks: String
    ) throws(WireError) -> (bytes: [UInt8], isTruncated: Bool) {
        if shape == .thin {
            return (Envelope.body(for: event, .thin, marks: marks + linkMark(event)), false)
        }
        var members = RecordMembers(event)
        if let transform {
            let whole = Envelope.body(for: event, .members(members), marks: marks)
            members = RecordMembers(record: try Self.run(transform, on: whole, key: "transform"))
        }
        if shape == .raw { members = RecordMembers(record: members.record ?? Envelope.null) }
        // A program may make something small of a large record; nothing else can.
        if body == nil, shape != .raw { while members.count > bytesMax, members.shrink() {} }
        while true {
            let mark = members.isTruncated ? linkMark(event) : ""
            let bytes = try bytes(of: event, .members(members), marks + mark)
            if bytes.count <= bytesMax { return (bytes, members.isTruncated) }
            if members.shrink() { continue }
            guard body == nil else {
                throw WireError(
                    code: .payload, place: "body",
                    message: "the program makes \(bytes.count) bytes, also without the record",
                    hint: "at most \(bytesMax) are sent")
            }
            return (bytes, members.isTruncated)
        }
    }

    /// The member `link` of `data`: where the event can be read whole.
    private func linkMark(_ event: Event) -> String {
        link.map { ",\"link\":\(JSONText.quoted($0 + event.id.text))" } ?? ""
    }

    private func bytes(
        of event: Event, _ content: Envelope.Content, _ marks: String
    ) throws(WireError) -> [UInt8] {
        var bytes: [UInt8] = []
        switch shape {
        case .standard, .thin: Envelope.append(event, content, marks: marks, to: &bytes)
        case .raw:
            // Without the record there is nothing raw to send.
            guard case .members(let members) = content, let record = members.record else {
                return Envelope.body(for: event, content, marks: marks)
            }
            return record
        case .cloudevents, .cloudeventsBatch:
            CloudEvent.append(event, content, marks: marks, to: &bytes)
        case .cloudeventsBinary:
            Envelope.appendData(of: event, content, marks: marks, to: &bytes)
        }
        return try body.map { program throws(WireError) in
            try Self.run(program, on: bytes, key: "body")
        } ?? bytes
    }

    /// The one value that a program gives.
    private static func run(
        _ program: Expression, on bytes: [UInt8], key: String
    ) throws(WireError) -> [UInt8] {
        let value: [UInt8]?
        do throws(JQError) {
            value = try program.value(in: bytes)
        } catch {
            throw WireError(
                code: .transform, place: key, message: error.message, hint: error.hint)
        }
        // jq gives null for a path that leads nowhere; only a program can give nothing at all.
        guard let value = value ?? (program.path == nil ? nil : Envelope.null) else {
            throw WireError(
                code: .transform, place: key, message: "the program gives no value",
                hint: "it must give exactly one: use `filter` to leave events out")
        }
        return value
    }

    /// What a bare record does not say.
    private static func description(of event: Event) -> [HTTPField] {
        [
            HTTPField("pullcord-type", HeaderText.encode(event.type)),
            HTTPField("pullcord-key", HeaderText.encode(event.key.text)),
            HTTPField("pullcord-source", HeaderText.encode(event.address.source.text)),
            HTTPField("pullcord-time", "\(event.time)"),
            HTTPField("pullcord-version", String(event.version)),
            HTTPField("pullcord-origin", event.origin.rawValue),
        ]
    }
}
