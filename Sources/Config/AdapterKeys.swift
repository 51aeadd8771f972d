import PullcordAdapter
import PullcordModel

/// The language of adapter files: every key, once.
package enum AdapterKeys {
    package static let adapter = KeyTable(
        "an adapter", "How to read one API; holds no secrets.",
        elsewhere: [
            "every": "`every` belongs to a source in the bridge file",
            "with": "`with` belongs to a source in the bridge file",
            "sources": "`sources` belongs to the bridge file",
            "subscriptions": "`subscriptions` belongs to the bridge file",
            "parameters": "write `params`", "url": "write `base_url`",
            "pages": "`pages` belongs to each stream", "records": "`records` belongs to a stream",
        ],
        [
            .init(
                "adapter", .name(.adapter), required: true,
                "The name that bridge files call the adapter by."),
            .init(
                "extends", .text,
                "Another adapter, by name or path, of which this one says the differences."),
            .init(
                "version", .integer(1...1_000_000), default: "1",
                "Counted up by its author when sources would notice a change."),
            .init("summary", .text, "What it reads, in one sentence."),
            .init("docs", .text, "The URL of the API's documentation."),
            .init(
                "params", .map(.either([.choice(parameterKinds), .table(parameter)])),
                "The values that a source gives under `with`."),
            .init(
                "exec", .table(ExecKeys.exec),
                "A program that brings the records, instead of an API."),
            .init(
                "swift", .name(.plain),
                "Code that brings the records, by the name that a program registers it by."),
            .init(
                "base_url", .template, "What every `path` is appended to; its last `/` is cut."),
            .init(
                "headers", .map(.template),
                "Headers of every request; one that needs an absent value is left out."),
            .init(
                "query", .map(.template),
                "Query items of every request; one that needs an absent value is left out."),
            .init(
                "auth", .either([.choice(["none"]), .table(auth)]), default: "none",
                "How a request proves who sends it."),
            .init(
                "limits", .table(LimitKeys.limits),
                "What the API says of its limits, and what is never exceeded."),
            .init(
                "retry", .table(retry),
                "When a request that failed is tried again within the same poll."),
            .init(
                "defaults", .table(StreamKeys.defaults),
                "What every stream says that does not say otherwise."),
            .init(
                "streams", .map(.table(StreamKeys.stream)), required: true,
                "The lists of records that the API has."),
            .init(
                "answers", .list(.table(AnswerKeys.rule)),
                "What answers mean; the first rule that matches decides."),
            .init(
                "expect", .table(AnswerKeys.expect),
                "What an answer must be before it counts as a page."),
            .init(
                "tls", .table(AccessKeys.tls),
                "A client certificate, or an authority of the API's own."),
        ])

    static let parameterKinds = ParameterSpec.Kind.allCases.map(\.rawValue)

    package static let parameter = KeyTable(
        "a parameter", "One value that a source gives.",
        [
            .init("type", .choice(parameterKinds), default: "string", "What values are taken."),
            .init("required", .boolean, default: "false", "Whether a source must give it."),
            .init("default", .text, "Used when a source does not give it."),
            .init("allowed", .list(.text), "The only values taken."),
            .init("summary", .text, "What it means, in one sentence."),
        ])

    package static let auth = KeyTable(
        "`auth`", "How a request proves who sends it: one of these, and `challenge`.",
        elsewhere: ["mtls": "write `tls: { certificate: …, key: … }` at the top of the adapter"],
        [
            .init("basic", .table(basic), "User name and password (RFC 7617)."),
            .init("bearer", .template, "A token in the Authorization header (RFC 6750)."),
            .init("api_key", .table(apiKey), "A key in a header, query item or cookie."),
            .init("oauth2", .table(LoginKeys.oauth2), "OAuth 2 grants (RFC 6749, RFC 7523)."),
            .init(
                "session", .table(LoginKeys.session),
                "A login by requests, whose answers hand out a token or a cookie."),
            .init(
                "registry", .table(LoginKeys.registry),
                "Tokens that a 401 asks for, as container registries do."),
            .init(
                "challenge", .table(LoginKeys.challenge),
                "A header that an error answer hands out; may stand beside the others."),
            .init(
                "digest", .table(SignedAuthKeys.digest),
                "A password that is proven, not sent (RFC 7616)."),
            .init("ntlm", .table(SignedAuthKeys.ntlm), "NTLM of Windows domains."),
            .init(
                "aws_sigv4", .table(SignedAuthKeys.aws),
                "Requests signed by AWS Signature Version 4."),
            .init(
                "hmac", .table(SignedAuthKeys.hmac),
                "Requests signed by HMAC (RFC 2104), as the API prescribes."),
        ])

    package static let basic = KeyTable(
        "`basic`", "User name and password.",
        [
            .init("username", .template, required: true, "The user name, without a colon."),
            .init("password", .template, required: true, "The password; may be empty."),
        ])

    package static let apiKey = KeyTable(
        "`api_key`", "A key, and exactly one of where it goes.",
        [
            .init("header", .headerName, "The header that carries it."),
            .init("query", .text, "The query item that carries it."),
            .init("cookie", .text, "The cookie that carries it."),
            .init("value", .template, required: true, "The key itself."),
        ])

    package static let retry = KeyTable(
        "`retry`", "When a request that failed is tried again within the same poll.",
        [
            .init("attempts", .integer(1...10), default: "4", "Requests in all for one page."),
            .init(
                "statuses", .list(.integer(300...599)),
                default: "[408, 425, 429, 500, 502, 503, 504]", "Statuses worth another try."),
        ])
}
