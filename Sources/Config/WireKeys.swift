import PullcordAdapter
import PullcordModel

/// The keys of a subscription that say what its deliveries look like and what signs them.
extension BridgeKeys {
    /// Secrets of one subscription: the current one, and those that are being replaced.
    static let secretsMax = 8

    package static let secret = KeyTable(
        "a secret", "A secret with its end.",
        [
            .init("value", .template, required: true, "whsec_ and base64 of 24 to 64 bytes."),
            .init("until", .time, "When it stops to sign."),
        ])

    static let secretItem = KeyType.either([.template, .table(secret)])

    static let wire: [KeyTable.Key] = [
        .init(
            "secret", .either([.template, .list(secretItem)]), required: true,
            "whsec_ and base64 of 24 to 64 bytes; `pullcord secret` makes one."),
        .init(
            "ed25519", .template,
            "whsk_ and base64 of 32 or 64 bytes; `pullcord secret --ed25519` makes one."),
        .init(
            "http_signature", .choice(WireSpec.HTTPSignature.allCases.map(\.rawValue)),
            "Signs the whole request too (RFC 9421)."),
        .init(
            "format", .choice(WireSpec.Format.allCases.map(\.rawValue)), default: "standard",
            "The form of the body."),
        .init("body", .expression, "Makes the body out of the standard one."),
        .init("transform", .expression, "Makes what stands for the record."),
        .init(
            "payload_max", .size(1000...Limits.payloadBytesMax), default: "1MiB",
            "A larger body goes out without the record."),
        .init(
            "trace", .boolean, default: "true",
            "Send `traceparent` (W3C Trace Context): one trace for each event."),
    ]
}
