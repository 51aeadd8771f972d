import PullcordAdapter
import PullcordModel

/// The keys of the HTTP API.
package enum APIKeys {
    /// Bytes of a body: more than any definition or adapter needs.
    static let bodyBytes = 1 << 10...16 << 20

    package static let api = KeyTable(
        "`api`", "The HTTP API: where it listens, and who may come in.",
        elsewhere: [
            "port": "write `listen: 127.0.0.1:PORT`", "host": "write `listen: HOST:PORT`",
            "token": "write `tokens`, or run pullcord token create", "url": "write `public_url`",
        ],
        [
            .init(
                "listen", .text, default: "127.0.0.1:\(ListenAddress.portDefault)",
                "HOST:PORT; one that others can reach needs a token."),
            .init("tls", .table(tls), "A certificate to serve HTTPS with."),
            .init(
                "hosts", .list(.text),
                "Names that the server is reached by, besides localhost and addresses."),
            .init(
                "public_url", .text,
                "Where subscribers reach the server: thin webhooks link to it."),
            .init("max_body", .size(bodyBytes), default: "1MiB", "Of one request."),
            .init("rate", .rate, default: "100/s", "Requests of one client: 10/s, 600/m."),
            .init(
                "anonymous", .choice(APISpec.Anonymous.allCases.map(\.rawValue)),
                default: "operate",
                "What is allowed without a token on loopback, while there is no token at all."),
            .init("tokens", .list(.table(token)), "Besides those of pullcord token."),
            .init("metrics", .table(metrics), "Who may read `/metrics`, and how much it tells."),
        ])

    package static let metrics = KeyTable(
        "`metrics`", "Who may read `/metrics`, and how much it tells.",
        elsewhere: ["path": "it is served as `/metrics`", "port": "`listen` says where"],
        [
            .init(
                "anonymous", .boolean, default: "false",
                "Whether it needs no token; else it needs the scope `read`, as other reading does."
            ),
            .init(
                "per_source", .boolean, default: "true",
                "Whether each stream and each endpoint has series of its own, up to 2,000 of each."),
        ])

    package static let tls = KeyTable(
        "`tls`", "A certificate to serve HTTPS with.",
        elsewhere: ["cert": "write `certificate`"],
        [
            .init(
                "certificate", .text, required: true,
                "The path of a PEM file with the chain, the own certificate first."),
            .init("key", .text, required: true, "The path of a PEM file with its key."),
        ])

    package static let token = KeyTable(
        "a token", "Who may come in with it, and what for.",
        [
            .init("name", .name(.plain), required: true, "Who has it; the audit names it."),
            .init(
                "scope", .choice(["read", "operate", "admin"]), default: "read",
                "Look, steer what is there, or make and delete as well."),
            .init("token", .template, required: true, "The token itself: \"${env.NAME}\"."),
        ])

    package static let poke = KeyTable(
        "`poke`", "Which foreign webhook makes a source poll at once.",
        [
            .init("secret", .template, required: true, "What the webhook is signed with."),
            .init(
                "header", .headerName,
                "The header with an HMAC of the body; without it, Standard Webhooks are expected."),
            .init(
                "algorithm", .choice(PokeSpec.Algorithm.allCases.map(\.rawValue)),
                default: "sha256", "The hash of the HMAC."),
            .init(
                "encoding", .choice(PokeSpec.Encoding.allCases.map(\.rawValue)), default: "hex",
                "How the HMAC is written."),
            .init("prefix", .text, "What stands before it in the header, such as sha256=."),
        ])
}
