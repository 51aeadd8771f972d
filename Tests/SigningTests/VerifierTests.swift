import PullcordModel
import PullcordSigning
import Testing

@Suite struct `The verifier` {
    static let vector = SignatureVector.all[0]
    static let now = Timestamp(milliseconds: vector.seconds * 1000)
    static let good = [
        (name: "webhook-id", value: vector.id),
        (name: "webhook-timestamp", value: "1767225600"),
        (name: "webhook-signature", value: vector.signature),
    ]

    func verdict(
        _ headers: [(name: String, value: String)] = good, body: [UInt8] = vector.body,
        now: Timestamp = now
    ) throws -> Verdict {
        let verifier = Verifier(secrets: [.generate(), try Self.vector.secret()])
        return verifier.verify(headers: headers, body: body, now: now)
    }

    /// The good headers with one replaced, or left out for nil.
    static func with(_ name: String, _ value: String?) -> [(name: String, value: String)] {
        good.filter { $0.name != name } + (value.map { [(name, $0)] } ?? [])
    }

    @Test(arguments: SignatureVector.all)
    func `accepts what another implementation signed`(vector: SignatureVector) throws {
        let headers = [
            (name: "Webhook-Signature", value: vector.signature),
            (name: "content-type", value: "application/json"),
            (name: "WEBHOOK-ID", value: vector.id),
            (name: "Webhook-Timestamp", value: String(vector.seconds)),
        ]
        let verdict = Verifier(secrets: [try vector.secret()]).verify(
            headers: headers, body: vector.body,
            now: Timestamp(milliseconds: vector.seconds * 1000))
        #expect(verdict == .valid)
    }

    @Test(arguments: [
        "v1,AAAA v2,zzz \(vector.signature)", "\(vector.signature) v1,!!!", "  \(vector.signature)",
        "v1a,AAAA \(vector.signature)",
    ])
    func `accepts one good signature among others`(signature: String) throws {
        #expect(try verdict(Self.with("webhook-signature", signature)) == .valid)
    }

    @Test(arguments: [
        "v1,AAAA", "v1,", "v1,lzFQBuJCyqIY/2ZRQFivcAvbZblmIvfCkexJOw296cU=",
        "v2,lzFQBuJCyqIY/2ZRQFivcAvbZblmIvfCkexJOw296cQ=",
        "v1a,lzFQBuJCyqIY/2ZRQFivcAvbZblmIvfCkexJOw296cQ=",
        "v1,lzFQBuJCyqIY/2ZRQFivcAvbZblmIvfCkexJOw29",
        "v1,nyI8u9KtZmFaY8k/GcBnoJXYP7WgQ2vPynpd+JPwAqQ=",
    ])
    func `refuses every signature but the right one`(signature: String) throws {
        #expect(try verdict(Self.with("webhook-signature", signature)) == .noMatchingSignature)
    }

    @Test func `refuses a body with one bit changed, wherever it is`() throws {
        for index in Self.vector.body.indices {
            var body = Self.vector.body
            body[index] ^= 1
            #expect(try verdict(body: body) == .noMatchingSignature)
        }
    }

    @Test func `refuses an id that was not signed`() throws {
        #expect(try verdict(Self.with("webhook-id", "msg_other")) == .noMatchingSignature)
    }

    @Test func `refuses everything when it has no secret`() {
        let verdict = Verifier(secrets: []).verify(
            headers: Self.good, body: Self.vector.body, now: Self.now)
        #expect(verdict == .noMatchingSignature)
    }

    @Test(arguments: ["webhook-id", "webhook-timestamp", "webhook-signature"])
    func `names the header that is missing or there twice`(name: String) throws {
        #expect(try verdict(Self.with(name, nil)) == .missingHeader(name))
        let twice = try verdict(Self.good + [(name.uppercased(), "x")])
        #expect(twice == .malformed("the header \(name) is there twice"))
    }

    @Test(arguments: [
        "", " 1767225600", "+1767225600", "-1767225600", "1767225600.0", "1.7e9", "0x10", "١٢٣",
        "1767225600000000000000", "9223372036854775807", "2026-01-01T00:00:00Z",
    ])
    func `refuses a timestamp that is not whole seconds`(text: String) throws {
        #expect(try verdict(Self.with("webhook-timestamp", text)) == .badTimestamp)
    }

    @Test(
        arguments: [
            (0, Verdict.valid), (300_000, .valid), (-300_000, .valid),
            (300_001, .tooOld(by: .milliseconds(300_001))),
            (-300_001, .tooNew(by: .milliseconds(300_001))),
            (86_400_000 * 365, .tooOld(by: .seconds(86_400 * 365))),
        ] as [(Int64, Verdict)])
    func `allows five minutes either way and no more`(
        milliseconds: Int64, expected: Verdict
    ) throws {
        let now = Timestamp(milliseconds: Self.now.milliseconds + milliseconds)
        #expect(try verdict(now: now) == expected)
    }

    @Test(arguments: [
        ("webhook-id", ""), ("webhook-id", "evt.1"),
        ("webhook-id", String(repeating: "a", count: 257)), ("webhook-signature", ""),
        ("webhook-signature", "   "), ("webhook-signature", "nocomma"),
        ("webhook-signature", String(repeating: "v1,AAAA ", count: 33)),
        ("webhook-signature", String(repeating: "a", count: 100_000)),
    ])
    func `calls headers that no sender writes malformed`(name: String, value: String) throws {
        #expect(try verdict(Self.with(name, value)).code == "malformed")
    }

    @Test func `gives each refusal its own word`() {
        let verdicts: [Verdict] = [
            .valid, .missingHeader(""), .badTimestamp, .tooOld(by: .zero), .tooNew(by: .zero),
            .noMatchingSignature, .malformed(""),
        ]
        #expect(Set(verdicts.map(\.code)).count == verdicts.count)
        #expect(verdicts.filter(\.isValid) == [.valid])
    }
}
