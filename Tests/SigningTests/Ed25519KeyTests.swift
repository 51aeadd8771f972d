import PullcordModel
import PullcordSigning
import Testing

@Suite struct `An Ed25519 key` {
    /// RFC 8032, section 7.1, test 1.
    static let seed: [UInt8] = [
        0x9D, 0x61, 0xB1, 0x9D, 0xEF, 0xFD, 0x5A, 0x60, 0xBA, 0x84, 0x4A, 0xF4, 0x92, 0xEC, 0x2C,
        0xC4, 0x44, 0x49, 0xC5, 0x69, 0x7B, 0x32, 0x69, 0x19, 0x70, 0x3B, 0xAC, 0x03, 0x1C, 0xAE,
        0x7F, 0x60,
    ]

    static func key(_ bytes: [UInt8]) throws -> Ed25519Key {
        try Ed25519Key(parsing: Secret("whsk_" + Base64.encode(bytes)))
    }

    @Test func `signs as another implementation does, and names its public half`() throws {
        // Computed with Python's cryptography: the seed is the bytes 00 to 1f.
        let key = try Self.key(Array(0..<32))
        let vector = SignatureVector.all[0]
        #expect(key.publicKey.text == "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=")
        #expect(
            Signer.sign(id: vector.id, timestamp: vector.seconds, body: vector.body, with: key)
                == "v1a,WFDAZxg5QtxtDI+V7X1kx6u6f/Rk/6pw7uujrJlgvLb0s0hNW1SjfFWBkXWdqpuZbei6r5rhm7UQ/P2cVEZPBg=="
        )
    }

    @Test func `has the thumbprint that RFC 8037 gives for its example`() throws {
        #expect(
            try Self.key(Self.seed).publicKey.identifier
                == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    }

    @Test func `is read from its seed and from seed and public key, and written back`() throws {
        let short = try Self.key(Self.seed)
        let long = try Ed25519Key(parsing: short.text)
        #expect(long.publicKey.text == short.publicKey.text)
        let made = Ed25519Key.generate()
        #expect(try Ed25519Key(parsing: made.text).publicKey.text == made.publicKey.text)
        #expect(made.publicKey.text != Ed25519Key.generate().publicKey.text)
        let read = try Ed25519PublicKey(parsing: made.publicKey.text)
        #expect(read.identifier == made.publicKey.identifier)
    }

    static func text(_ prefix: String, _ bytes: [UInt8]) -> String {
        prefix + Base64.encode(bytes)
    }

    static let wrong: [(String, SigningError.Code)] = [
        ("", .missingPrefix), ("whsk", .missingPrefix), (text("whsec_", seed), .missingPrefix),
        (text("whpk_", seed), .missingPrefix), ("whsk_", .tooShort),
        (text("whsk_", Array(seed.dropLast())), .tooShort), (text("whsk_", seed + [0]), .tooLong),
        (text("whsk_", seed + seed + [0]), .tooLong), (text("whsk_", seed + seed), .notAKey),
        (text("whsk_", seed) + "\n", .notBase64), ("whsk_é", .notBase64),
    ]

    @Test(arguments: wrong)
    func `that is none is refused by name, with nothing of it in the refusal`(
        text: String, code: SigningError.Code
    ) {
        let refusal = #expect(throws: SigningError.self) {
            try Ed25519Key(parsing: Secret(text))
        }
        #expect(refusal?.code == code)
        #expect(refusal?.hint.isEmpty == false)
        #expect(refusal?.description.contains("nWGx") == false)
    }

    @Test(arguments: ["", "whpk_", "whpk_AAAA", text("whsk_", seed), "whpk_!"])
    func `has a public half that is refused where it is none`(text: String) {
        #expect(throws: SigningError.self) { try Ed25519PublicKey(parsing: text) }
    }

    @Test func `shows no part of itself`() throws {
        let key = try Self.key(Self.seed)
        var dumped = ""
        dump(key, to: &dumped)
        for shown in ["\(key)", String(reflecting: key), dumped, "\(key.text)"] {
            #expect(!shown.contains("nWGx") && !shown.contains("157"))
        }
    }
}

@Suite struct `A verifier with a public key` {
    static let now = Timestamp(milliseconds: 1_769_851_800_000)

    func verdict(
        _ headers: [(name: String, value: String)], _ body: [UInt8], secrets: [SigningSecret] = [],
        keys: [Ed25519PublicKey]
    ) -> Verdict {
        Verifier(secrets: secrets, publicKeys: keys).verify(
            headers: headers, body: body, now: Self.now)
    }

    @Test func `takes what the private key signed, and nothing else`() throws {
        let key = Ed25519Key.generate()
        let secret = SigningSecret.generate()
        let body = Array("{}".utf8)
        let headers = Signer.headers(
            id: EventID("evt_1"), time: Self.now, body: body, secrets: [secret], key: key)
        let tokens = headers[2].value.split(separator: " ")
        #expect(tokens.map { $0.prefix { $0 != "," } } == ["v1", "v1a"])
        #expect(verdict(headers, body, keys: [key.publicKey]) == .valid)
        #expect(verdict(headers, body, secrets: [secret], keys: []) == .valid)
        let other = Ed25519Key.generate().publicKey
        #expect(verdict(headers, body, keys: [other]) == .noMatchingSignature)
        #expect(verdict(headers, body, keys: [other, key.publicKey]) == .valid)
        #expect(verdict(headers, body + [0x20], keys: [key.publicKey]) == .noMatchingSignature)
        #expect(verdict(headers, body, keys: []) == .noMatchingSignature)
    }

    @Test(arguments: ["v1a,", "v1a,AAAA", "v1a,!!", "v1a,\(Base64.encode(Array(0..<64)))"])
    func `refuses a signature that is none`(token: String) {
        let headers = [
            ("webhook-id", "evt_1"), ("webhook-timestamp", "1769851800"),
            ("webhook-signature", token),
        ]
        let keys = [Ed25519Key.generate().publicKey]
        #expect(verdict(headers, [], keys: keys) == .noMatchingSignature)
    }
}

@Suite struct `Signing keys` {
    @Test func `sign with the secrets that are valid at the time of the attempt, in their order`() {
        let time = Timestamp(milliseconds: 1_769_851_800_000)
        let secrets = (0..<4).map { _ in SigningSecret.generate() }
        let keys = SigningKeys(secrets: [
            .init(secrets[0]), .init(secrets[1], until: time + .milliseconds(1)),
            .init(secrets[2], until: time), .init(secrets[3], until: time + .seconds(-1)),
        ])
        #expect(keys.secrets(at: time) == [secrets[0], secrets[1]])
        #expect(keys.secrets(at: time + .milliseconds(1)) == [secrets[0]])
        #expect(keys.secrets(at: Timestamp(milliseconds: 0)) == secrets)
    }

    @Test func `sign whole requests only where that is asked for`() {
        let now = Timestamp(milliseconds: 0)
        let secrets = [SigningKeys.TimedSecret(.generate()), .init(.generate())]
        let key = Ed25519Key.generate()
        let make = { SigningKeys(secrets: secrets, ed25519: key, requests: $0) }
        #expect(make(nil).messageKeys(at: now).isEmpty)
        #expect(make(.hmac).messageKeys(at: now).map(\.algorithm) == [.hmac, .hmac])
        #expect(make(.ed25519).messageKeys(at: now).map(\.algorithm) == [.ed25519])
        #expect(SigningKeys(secrets: secrets, requests: .ed25519).messageKeys(at: now).isEmpty)
    }
}
