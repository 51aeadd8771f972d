import PullcordAdapter
import PullcordModel

/// The keys of a subscription that say how its deliveries get to the endpoint.
package enum AccessKeys {
    /// They stand among the subscription's own.
    package static let keys: [KeyTable.Key] = [
        .init("auth", .table(auth), "Credentials that the endpoint wants beside the signature."),
        .init("tls", .table(tls), "A client certificate, or an authority of the endpoint's own."),
        .init("rate", .rate, "The most that is sent: 10/s, 600/m or 1000/h."),
        .init(
            "concurrency", .integer(1...Limits.inFlightPerEndpointMax),
            default: "\(Limits.inFlightPerEndpoint)", "Deliveries under way at once."),
        .init(
            "handshake", .choice(ConsentPolicy.allCases.map(\.rawValue)), default: "off",
            "Asks for consent by OPTIONS, as CloudEvents says."),
        .init(
            "challenge", .choice(ConsentPolicy.allCases.map(\.rawValue)), default: "off",
            "Asks for consent by a signed POST whose answer must hold its challenge."),
        .init(
            "origin", .template, default: "the machine's name",
            "Who asks for consent: WebHook-Request-Origin."),
    ]

    package static let auth = KeyTable(
        "`auth`", "How a delivery proves who sends it: exactly one of these.",
        [
            .init("bearer", .template, "A token in the Authorization header (RFC 6750)."),
            .init("basic", .table(AdapterKeys.basic), "User name and password (RFC 7617)."),
            .init("oauth2", .table(oauth2), "Client credentials of OAuth 2 (RFC 6749)."),
        ])

    package static let oauth2 = KeyTable(
        "`oauth2`", "Tokens by client credentials (RFC 6749, section 4.4).",
        elsewhere: ["grant_type": "it is always client_credentials", "scopes": "write `scope`"],
        [
            .init("token_url", .template, required: true, "The token endpoint."),
            .init("client_id", .template, required: true, "As the server knows the client."),
            .init("client_secret", .template, required: true, "Keep it outside the file."),
            .init("scope", .template, "Words with spaces between them."),
            .init("audience", .template, "For whom the token is, where the server asks."),
            .init(
                "send", .choice(OAuthSpec.Style.allCases.map(\.rawValue)), default: "header",
                "Where id and secret go: by HTTP Basic, or in the body."),
        ])

    package static let tls = KeyTable(
        "`tls`", "Paths of PEM files, which are read again when they change.",
        elsewhere: [
            "cert": "write `certificate`",
            "insecure": "certificates are always verified: give `ca`",
            "verify": "certificates are always verified: give `ca`",
        ],
        [
            .init("ca", .template, "Authorities to trust instead of the system's."),
            .init("certificate", .template, "The client's certificate with its chain."),
            .init("key", .template, "The certificate's private key, not encrypted."),
        ])
}
