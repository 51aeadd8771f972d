import PullcordModel
import PullcordSigning
import PullcordTestSupport
import Testing

/// A message and the signature that another implementation made for it.
struct SignatureVector: Sendable {
    let key: [UInt8]
    let id: String
    let seconds: Int64
    let body: [UInt8]
    let signature: String

    func secret() throws -> SigningSecret {
        try SigningSecret(parsing: "whsec_" + Base64.encode(key))
    }

    /// Computed with Python's hmac, hashlib and base64.
    static let all = [
        SignatureVector(
            key: Array(0..<32), id: "msg_01HZX3N8S8Q0W7", seconds: 1_767_225_600,
            body: Array(
                #"{"type":"invoice.updated","timestamp":"2026-01-01T00:00:00Z","data":{"id":"in_1"}}"#
                    .utf8),
            signature: "v1,lzFQBuJCyqIY/2ZRQFivcAvbZblmIvfCkexJOw296cQ="),
        SignatureVector(
            key: Array(0..<32), id: "a", seconds: 0, body: [],
            signature: "v1,nyI8u9KtZmFaY8k/GcBnoJXYP7WgQ2vPynpd+JPwAqQ="),
        SignatureVector(
            key: Array(200..<224), id: "evt_7", seconds: 1, body: [0, 255, 128, 10, 46],
            signature: "v1,KGvY/lpRsaMIGxDUEXUzc0ctXwfYjt/aDSVVnapzd+4="),
        SignatureVector(
            key: (0..<64).map { UInt8($0 * 7 % 256) }, id: "evt_long", seconds: 999_999_999_999,
            body: [UInt8](repeating: 0x78, count: 100_000),
            signature: "v1,y2PGeidatdgpykugGSB5B4/EhJRVw0uLsRUBm3/z/FY="),
        SignatureVector(
            key: (0..<64).map { UInt8($0 * 7 % 256) }, id: "evt_u", seconds: 1_767_225_600,
            body: Array(#"{"name":"Zoë 🚂"}"#.utf8),
            signature: "v1,uRsvBbEqOx8JMLruvZ9riTjRRZSE6dkzVIUPMoaK9JQ="),
    ]
}

@Suite struct `The signer` {
    @Test(arguments: SignatureVector.all)
    func `agrees with another implementation`(vector: SignatureVector) throws {
        let signature = Signer.sign(
            id: vector.id, timestamp: vector.seconds, body: vector.body,
            with: try vector.secret())
        #expect(signature == vector.signature)
    }

    @Test func `writes the three headers of an attempt, one signature for each secret`() throws {
        let first = SignatureVector.all[0]
        let old = try first.secret()
        let new = SigningSecret.generate()
        let headers = Signer.headers(
            id: EventID(first.id), time: Timestamp(milliseconds: 1_767_225_600_999),
            body: first.body, secrets: [new, old])
        #expect(headers.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(headers.prefix(2).map(\.value) == [first.id, "1767225600"])
        let signatures = headers[2].value.split(separator: " ").map(String.init)
        #expect(signatures.count == 2)
        #expect(signatures.last == first.signature)
        #expect(signatures.first != first.signature)
    }

    @Test func `signs the id, the time and every byte of the body`() throws {
        let secret = try SignatureVector.all[0].secret()
        let variants: [(String, Int64, [UInt8])] = [
            ("a", 12, [1, 2, 3]), ("b", 12, [1, 2, 3]), ("a", 13, [1, 2, 3]), ("a", 12, [1, 2]),
            ("a", 12, [1, 2, 3, 0]), ("a", 12, [3, 2, 1]), ("a", 1, [0x2E, 1, 2, 3]),
        ]
        let signatures = variants.map {
            Signer.sign(id: $0.0, timestamp: $0.1, body: $0.2, with: secret)
        }
        #expect(Set(signatures).count == variants.count)
    }

    /// Runs where Python has the reference library of the standard (`pip install standardwebhooks`).
    @Test(
        .enabled(if: PythonScript.has("standardwebhooks"), "Python has no module standardwebhooks"))
    func `satisfies the standard's own verifier`() throws {
        let secret = SigningSecret.generate()
        let body = Array(#"{"type":"orders.updated","data":{"record":{"total":12.50}}}"#.utf8)
        let now: Int64 = 1_769_851_800
        let signature = Signer.sign(id: "evt_1", timestamp: now, body: body, with: secret)
        let script = """
            import sys, datetime, standardwebhooks, standardwebhooks.webhooks
            secret, stamp, signature, body = sys.argv[1:5]
            class Then(datetime.datetime):
                @classmethod
                def now(cls, tz=None):
                    return cls.fromtimestamp(int(stamp), tz)
            standardwebhooks.webhooks.datetime = Then
            hook = standardwebhooks.Webhook(secret)
            names = ["webhook-id", "webhook-timestamp", "webhook-signature"]
            hook.verify(body, dict(zip(names, ["evt_1", stamp, signature])))
            try:
                hook.verify(body + " ", dict(zip(names, ["evt_1", stamp, signature])))
            except standardwebhooks.WebhookVerificationError:
                sys.exit(0)
            sys.exit("a changed body was accepted")
            """
        let arguments = [
            secret.text.expose(), String(now), signature, String(decoding: body, as: UTF8.self),
        ]
        #expect(PythonScript.run(script, arguments) == 0)
    }
}
