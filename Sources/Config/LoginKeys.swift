import PullcordAdapter
import PullcordModel

/// The keys of `auth` for credentials that have to be fetched before.
package enum LoginKeys {
    package static let oauth2 = KeyTable(
        "`oauth2`", "Tokens of a token endpoint (RFC 6749).",
        elsewhere: [
            "grant_type": "write `grant`", "scopes": "write `scope`, with spaces between them",
            "send": "write `client_auth`", "audience": "write parameters: { audience: … }",
            "private_key": "it stands as `key` under `assertion`",
            "key": "`key` belongs under `assertion`",
        ],
        [
            .init(
                "grant", .choice(OAuthGrantSpec.Grant.allCases.map(\.rawValue)), required: true,
                "What the token is asked for with."),
            .init("token_url", .template, required: true, "The token endpoint."),
            .init("client_id", .template, "As the server knows the client."),
            .init("client_secret", .template, "From a parameter of type secret."),
            .init(
                "client_auth", .choice(OAuthGrantSpec.ClientAuth.allCases.map(\.rawValue)),
                default: "basic", "How the client proves who it is."),
            .init("scope", .template, "Words with spaces between them."),
            .init(
                "refresh_token", .template,
                "The first one; one that follows it is kept in the store."),
            .init("username", .template, "For `grant: password`."),
            .init("password", .template, "For `grant: password`."),
            .init("assertion", .table(assertion), "The signed statement (RFC 7523)."),
            .init("parameters", .map(.template), "Further items of the form."),
        ])

    package static let assertion = KeyTable(
        "`assertion`", "A signed JWT (RFC 7519) that stands for credentials.",
        elsewhere: [
            "iss": "write `issuer`", "sub": "write `subject`", "aud": "write `audience`",
            "kid": "write `key_id`", "alg": "write `algorithm`", "exp": "write `lifetime`",
        ],
        [
            .init("key", .template, required: true, "A private key in PEM, from a secret."),
            .init(
                "algorithm", .choice(AssertionSpec.Algorithm.allCases.map(\.rawValue)),
                default: "RS256", "RS256 for an RSA key, ES256 for one of P-256."),
            .init("key_id", .template, "By which name the server knows the key."),
            .init("issuer", .template, default: "client_id", "Who says it: `iss`."),
            .init("subject", .template, "For whom: `sub`."),
            .init("audience", .template, default: "token_url", "To whom: `aud`."),
            .init(
                "lifetime", .duration(1000...DurationText.day / 24), default: "5m",
                "How long it is good for."),
            .init("claims", .json, "Further members, as a mapping."),
        ])

    package static let session = KeyTable(
        "`session`", "A login whose answer hands out a token or a cookie.",
        elsewhere: ["token": "write take: { token: … } and send it by `send`"],
        [
            .init(
                "login", .either([.table(step), .list(.table(step))]), required: true,
                "The request that logs in, or several in their order."),
            .init("take", .map(.either([.expression, .table(take)])), "What is taken, by name."),
            .init(
                "send", .either([.table(send), .list(.table(send))]),
                "What goes along with each request."),
            .init(
                "cookies", .either([.boolean, .list(.text)]), default: "false",
                "Whether cookies that the login sets go along, or which."),
            .init(
                "expires", .either([.duration(1000...DurationText.day * 31), .table(expiry)]),
                "How long it lasts, or where the login's answer says it."),
        ])

    package static let step = KeyTable(
        "a login request", "One request of a login.",
        StreamKeys.request.keys.filter { $0.name != "cost" } + [
            .init("take", .map(.either([.expression, .table(take)])), "What is taken, by name."),
            .init("check", .expression, "True of the answer to a login that has worked."),
            .init("message", .expression, "Where the answer says what went wrong."),
        ])

    package static let take = KeyTable(
        "what is taken", "One value of an answer: exactly one of these.",
        [
            .init("path", .expression, "A jq program over the body."),
            .init("header", .headerName, "A header."),
            .init("cookie", .text, "A cookie that the answer sets."),
        ])

    package static let send = KeyTable(
        "`send`", "A value of the session, and exactly one of where it goes.",
        [
            .init("header", .headerName, "The header that carries it."),
            .init("query", .text, "The query item that carries it."),
            .init("cookie", .text, "The cookie that carries it."),
            .init("body", .text, "The member of a JSON body that carries it."),
            .init("value", .template, required: true, "For example \"${session.token}\"."),
        ])

    package static let expiry = KeyTable(
        "`expires`", "Where the login's answer says how long the session lasts.",
        LimitKeys.reading(ValueReading.Meaning.times, default: .seconds))

    package static let registry = KeyTable(
        "`registry`", "Tokens that a 401 asks for by `WWW-Authenticate: Bearer realm=…`.",
        [
            .init("username", .template, "Without one, tokens are anonymous."),
            .init("password", .template, "From a parameter of type secret."),
            .init(
                "realm_hosts", .list(.text),
                "Hosts outside the API's own domain that may be given the password."),
        ])

    package static let challenge = KeyTable(
        "`challenge`", "A header that an error answer hands out and requests must carry.",
        [
            .init("status", .integer(400...499), required: true, "Of the error answer."),
            .init("header", .headerName, required: true, "The header, in both directions."),
        ])
}
