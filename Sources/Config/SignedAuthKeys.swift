import PullcordAdapter
import PullcordModel

/// The keys of `auth` whose proof depends on the request, or on what the server asks.
package enum SignedAuthKeys {
    package static let digest = KeyTable(
        "`digest`", "User name and password, which are never sent themselves (RFC 7616).",
        [
            .init("username", .template, required: true, "The user name, without a colon."),
            .init("password", .template, required: true, "The password; may be empty."),
        ])

    package static let ntlm = KeyTable(
        "`ntlm`", "User name and password of a Windows domain.",
        elsewhere: ["domain": #"write `username: DOMAIN\user`"#],
        [
            .init(
                "username", .template, required: true, #"The user name, as user or DOMAIN\user."#),
            .init("password", .template, required: true, "The password; may be empty."),
        ])

    package static let aws = KeyTable(
        "`aws_sigv4`", "The keys of an AWS account, and what they are used for.",
        elsewhere: [
            "access_key_id": "write `access_key`", "secret_access_key": "write `secret_key`",
            "token": "write `session_token`",
        ],
        [
            .init("access_key", .template, required: true, "The identifier of the key."),
            .init("secret_key", .template, required: true, "The key itself."),
            .init("session_token", .template, "What comes along with temporary credentials."),
            .init(
                "region", .template, required: true,
                "The region that the API runs in, such as eu-west-1."),
            .init(
                "service", .template, required: true,
                "The name of the service, such as execute-api, ec2 or s3."),
        ])

    package static let hmac = KeyTable(
        "`hmac`", "A signature of each request by a key that both sides know (RFC 2104).",
        elsewhere: [
            "secret": "write `key`", "message": "write `sign`",
            "header": "write `headers: { NAME: \"${signature}\" }`",
            "value": "write `headers: { NAME: \"${signature}\" }`",
        ],
        [
            .init(
                "algorithm", .choice(HashAlgorithm.allCases.map(\.rawValue)), default: "sha256",
                "The hash of the HMAC."),
            .init(
                "key", .template, required: true,
                "What both sides know, from a parameter of type secret."),
            .init(
                "key_encoding", .choice(KeyEncoding.allCases.map(\.rawValue)), default: "text",
                "How the key is written."),
            .init(
                "encoding", .choice(BinaryEncoding.allCases.map(\.rawValue)), default: "hex",
                "How the signature is written."),
            .init("sign", .template, required: true, "What is signed: ${request.…} and text."),
            .init(
                "body_hash", .choice(HashAlgorithm.allCases.map(\.rawValue)),
                default: "that of the signature", "The hash of ${request.body_hash}."),
            .init(
                "body_hash_encoding", .choice(BinaryEncoding.allCases.map(\.rawValue)),
                default: "hex", "How ${request.body_hash} is written."),
            .init("headers", .map(.template), "Sent with every request; may hold ${signature}."),
            .init("query", .map(.template), "Query items; may hold ${signature}."),
            .init(
                "basic_user", .template,
                "The user name of HTTP Basic whose password is the signature."),
        ])
}
