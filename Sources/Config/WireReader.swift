import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads what the deliveries of a subscription look like and what signs them.
struct WireReader {
    let collector: Collector

    func read(_ keys: MappingReader) -> WireSpec {
        let format = keys["format"]?.choice(WireSpec.Format.self)
        _ = keys.exclusive(["body", "format"], hint: "`body` makes the whole body")
        let spec = WireSpec(
            secrets: keys["secret"].map(readSecrets) ?? [],
            ed25519: keys["ed25519"].flatMap(readKey),
            httpSignature: keys["http_signature"]?.choice(WireSpec.HTTPSignature.self),
            format: format ?? .standard, body: keys["body"]?.expression(),
            transform: keys["transform"]?.expression(),
            payloadMax: keys["payload_max"]?.size() ?? Limits.payloadBytesMax)
        check(spec, keys)
        return spec
    }

    private func check(_ spec: WireSpec, _ keys: MappingReader) {
        if spec.httpSignature == .ed25519, !keys.has("ed25519") {
            keys["http_signature"]?.complain(
                "key_missing", "`http_signature: ed25519` needs the key `ed25519`",
                hint: "`pullcord secret --ed25519` makes one")
        }
        if spec.transform != nil, spec.format == .thin, let field = keys["transform"] {
            collector.warning(
                "transform_unused", at: field.place, path: field.path,
                "a thin webhook has no record that `transform` could stand for")
        }
    }

    private func readSecrets(_ field: Field) -> [WireSpec.TimedSecret] {
        guard field.node.sequence != nil else {
            return readSecret(field).map { [$0] } ?? []
        }
        guard let items = field.items(of: BridgeKeys.secretItem) else { return [] }
        if items.isEmpty { field.complain("value_empty", "nothing would sign the webhooks") }
        guard items.count <= BridgeKeys.secretsMax else {
            field.complain(
                "value_range", "at most \(BridgeKeys.secretsMax) secrets sign a webhook")
            return []
        }
        let secrets = items.compactMap(readItem)
        warnOfEnd(secrets, isComplete: secrets.count == items.count, field)
        return secrets
    }

    private func readItem(_ field: Field) -> WireSpec.TimedSecret? {
        guard field.node.mapping != nil else { return readSecret(field) }
        guard let keys = MappingReader(field, BridgeKeys.secret),
            let value = keys["value"], var secret = readSecret(value)
        else { return nil }
        if let until = keys["until"] {
            secret.until = until.time()
            secret.untilPlace = until.place
        }
        return secret
    }

    private func readSecret(_ field: Field) -> WireSpec.TimedSecret? {
        readSecretText(field, complaint: WebhookSecret.complaint).map {
            WireSpec.TimedSecret(
                value: $0, until: nil, place: field.place, untilPlace: field.place)
        }
    }

    private func readKey(_ field: Field) -> Template? {
        readSecretText(field, complaint: WebhookKey.complaint)
    }

    private func readSecretText(
        _ field: Field, complaint: (String) -> String?
    ) -> Template? {
        guard let template = field.bridgeTemplate() else { return nil }
        // One that is no secret of that kind is an error of its own.
        let isWrong = template.literalText.map { complaint($0) != nil } ?? false
        SecretNames.warn(of: template, path: field.path, collector, isHidden: isWrong)
        return template
    }

    /// With an end for every secret, a day comes on which nothing can be sent.
    private func warnOfEnd(
        _ secrets: [WireSpec.TimedSecret], isComplete: Bool, _ field: Field
    ) {
        guard isComplete, let first = secrets.first, secrets.allSatisfy({ $0.until != nil }) else {
            return
        }
        collector.warning(
            "secret_ends", at: first.untilPlace, path: field.path,
            "every secret has an `until`: nothing is sent after the last of them",
            hint: "give the current secret no `until`")
    }
}

/// The secret of a webhook's signature (Standard Webhooks 1.0.0, "Signature scheme").
enum WebhookSecret {
    static let prefix = "whsec_"

    /// What is wrong with it, without telling it; nil if it is good.
    static func complaint(_ text: String) -> String? {
        guard text.hasPrefix(prefix) else { return "the secret does not begin with `whsec_`" }
        guard let bytes = Base64.decode(String(text.dropFirst(prefix.count))) else {
            return "what follows `whsec_` is not base64"
        }
        guard (24...64).contains(bytes.count) else {
            return "the secret has \(bytes.count) bytes; 24 to 64 are taken"
        }
        return nil
    }
}

/// The private Ed25519 key of a webhook's signature.
enum WebhookKey {
    static let prefix = "whsk_"

    /// What is wrong with it, without telling it; nil if it is good.
    static func complaint(_ text: String) -> String? {
        guard text.hasPrefix(prefix) else {
            return text.hasPrefix("whpk_")
                ? "this is the public key: the private one signs"
                : "the key does not begin with `whsk_`"
        }
        guard let bytes = Base64.decode(String(text.dropFirst(prefix.count))) else {
            return "what follows `whsk_` is not base64"
        }
        guard bytes.count == 32 || bytes.count == 64 else {
            return "the key has \(bytes.count) bytes; 32 or 64 are taken"
        }
        return nil
    }
}
