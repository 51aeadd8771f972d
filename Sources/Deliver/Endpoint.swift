import PullcordAuth
package import PullcordModel
package import PullcordSigning

/// Where the deliveries of one subscription go, and how.
package struct Endpoint: Sendable {
    package let subscription: SubscriptionID
    package let name: SubscriptionName
    /// An absolute URL; a box, because many receivers put a token into the path.
    package let url: Secret
    /// Each makes one signature; two while a secret is being replaced.
    package let secrets: [SigningSecret]
    /// Sent beside our own; those that ``isReserved(_:)`` names are left out.
    package let headers: [EndpointHeader]
    /// From the call to the last byte of the reply.
    package let timeout: Duration
    /// Credentials, TLS and consent.
    package let access: EndpointAccess
    /// Masks what must not be seen where a reply echoes the request.
    let redactor: Redactor

    /// `timeout` is bounded to 1 through 60 s.
    package init(
        subscription: SubscriptionID, name: SubscriptionName, url: Secret,
        secrets: [SigningSecret], headers: [EndpointHeader] = [], timeout: Duration = .seconds(20),
        access: EndpointAccess = EndpointAccess()
    ) {
        self.subscription = subscription
        self.name = name
        self.url = url
        self.secrets = secrets
        self.headers = headers.filter { !Self.isReserved($0.name) }
        let bounds = Limits.attemptMilliseconds
        self.timeout = min(
            max(timeout, .milliseconds(bounds.lowerBound)), .milliseconds(bounds.upperBound))
        self.access = access
        redactor = Redactor(
            secrets.map(\.text) + [url] + headers.flatMap { Self.parts(of: $0.value) }
                + (access.authorizer?.secrets ?? []))
    }

    /// Whether a header is ours alone: it identifies, signs, describes or frames the body.
    package static func isReserved(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.hasPrefix("webhook-") || name.hasPrefix("content-")
            || ["host", "transfer-encoding", "connection", "te", "trailer", "upgrade", "expect"]
                .contains(name)
    }

    /// The whole value, and what stands behind a word such as `Bearer`.
    private static func parts(of value: Secret) -> [Secret] {
        let words = value.expose().split(separator: " ", maxSplits: 1)
        return words.count == 2 ? [value, Secret(String(words[1]))] : [value]
    }
}

/// A header that a subscription adds to its deliveries.
package struct EndpointHeader: Sendable, Hashable {
    package let name: String
    package let value: Secret

    package init(name: String, value: Secret) {
        self.name = name
        self.value = value
    }
}
