package import PullcordAdapter
import PullcordAuth
package import PullcordModel
package import PullcordSigning
import PullcordTransfer

/// Where the deliveries of one subscription go, and how.
package struct Endpoint: Sendable {
    package let subscription: SubscriptionID
    package let name: SubscriptionName
    /// An absolute URL; a box, because many receivers put a token into the path.
    package let url: Secret
    package let keys: SigningKeys
    package let wire: Wire
    /// The URL as the receiver sees it, for signatures that cover it.
    let targetURI: String
    /// Sent beside our own; those that ``isReserved(_:)`` names are left out.
    package let headers: [EndpointHeader]
    /// From the call to the last byte of the reply.
    package let timeout: Duration
    /// Credentials, TLS and consent.
    package let access: EndpointAccess
    /// Whether each attempt carries the trace of its event.
    package let isTraced: Bool
    /// Masks what must not be seen where a reply echoes the request.
    let redactor: Redactor

    /// `timeout` is bounded to 1 through 60 s.
    package init(
        subscription: SubscriptionID, name: SubscriptionName, url: Secret,
        keys: SigningKeys, wire: Wire = Wire(), headers: [EndpointHeader] = [],
        timeout: Duration = .seconds(20), access: EndpointAccess = EndpointAccess(),
        isTraced: Bool = false
    ) {
        // A trace that the subscription names itself is the one that counts.
        self.isTraced = isTraced && !headers.contains { $0.name.lowercased() == "traceparent" }
        self.subscription = subscription
        self.name = name
        self.url = url
        self.keys = keys
        self.wire = wire
        targetURI = RequestURL.normalized(url.expose()) ?? url.expose()
        self.headers = headers.filter { !Self.isReserved($0.name) }
        let bounds = Limits.attemptMilliseconds
        self.timeout = min(
            max(timeout, .milliseconds(bounds.lowerBound)), .milliseconds(bounds.upperBound))
        self.access = access
        redactor = Redactor(
            keys.texts + [url] + headers.flatMap(\.texts).flatMap { Self.parts(of: $0) }
                + (access.authorizer?.secrets ?? []))
    }

    /// Whether a header is ours alone: it identifies, signs, describes or frames the body.
    package static func isReserved(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["webhook-", "content-", "pullcord-", "ce-"].contains { name.hasPrefix($0) }
            || [
                "signature", "signature-input", "host", "transfer-encoding", "connection", "te",
                "trailer", "upgrade", "expect",
            ].contains(name)
    }

    /// The whole value, and what stands behind a word such as `Bearer`.
    private static func parts(of value: Secret) -> [Secret] {
        let words = value.expose().split(separator: " ", maxSplits: 1)
        return words.count == 2 ? [value, Secret(String(words[1]))] : [value]
    }
}

/// A header that a subscription adds to its deliveries.
package struct EndpointHeader: Sendable {
    /// A part of a header's value.
    package enum Piece: Sendable {
        case text(Secret)
        /// A value of the event.
        case event(Placeholder)
    }

    package let name: String
    package let pieces: [Piece]

    package init(name: String, pieces: [Piece]) {
        self.name = name
        self.pieces = pieces
    }

    package init(name: String, value: Secret) { self.init(name: name, pieces: [.text(value)]) }

    /// The value for an event.
    func value(for event: Event) -> String {
        if pieces.count == 1, case .text(let text) = pieces[0] { return text.expose() }
        return pieces.map { piece in
            switch piece {
            case .text(let text): text.expose()
            case .event(let placeholder): placeholder.headerText(of: event) ?? ""
            }
        }.joined()
    }

    /// The value where it is the same for all events; nil if it is not.
    var constantValue: String? {
        let texts = texts
        return texts.count == pieces.count ? texts.map { $0.expose() }.joined() : nil
    }

    fileprivate var texts: [Secret] {
        pieces.compactMap { if case .text(let text) = $0 { text } else { nil } }
    }
}
