import PullcordModel
import PullcordSigning
import Testing

@Suite struct `A signing secret` {
    static let text = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

    @Test(arguments: [24, 25, 26, 32, 48, 63, 64])
    func `of 24 to 64 bytes is read and written back the same`(count: Int) throws {
        let text = "whsec_" + Base64.encode([UInt8](repeating: 0xA7, count: count))
        #expect(try SigningSecret(parsing: text).text == Secret(text))
    }

    @Test(arguments: [
        ("", SigningError.Code.missingPrefix), ("whsec", .missingPrefix),
        (" whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", .missingPrefix),
        ("WHSEC_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", .missingPrefix),
        ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", .missingPrefix),
        ("whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", .asymmetric),
        ("whpk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", .asymmetric),
        ("whsec_", .tooShort),
        ("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRY=", .tooShort),
        ("whsec_" + Base64.encode([UInt8](repeating: 1, count: 65)), .tooLong),
        ("whsec_" + Base64.encode([UInt8](repeating: 1, count: 5000)), .tooLong),
        ("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", .notBase64),
        ("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", .notBase64),
        ("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8==", .notBase64),
        ("whsec_AA-CAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", .notBase64),
        ("whsec_é", .notBase64), ("whsec_====", .notBase64),
    ])
    func `that no receiver would accept is refused by name`(
        text: String, code: SigningError.Code
    ) throws {
        let refusal = #expect(throws: SigningError.self) { try SigningSecret(parsing: text) }
        #expect(refusal?.code == code)
        #expect(refusal?.hint.isEmpty == false)
    }

    @Test func `refused does not show itself in the refusal`() throws {
        let refusal = #expect(throws: SigningError.self) {
            try SigningSecret(parsing: Secret("whsec_VerySecretText"))
        }
        #expect(refusal?.description.contains("VerySecret") == false)
    }

    @Test func `shows no part of itself`() throws {
        let secret = try SigningSecret(parsing: Self.text)
        var dumped = ""
        dump(secret, to: &dumped)
        for shown in ["\(secret)", String(reflecting: secret), dumped, "\(secret.text)"] {
            #expect(!shown.contains("AAEC") && !shown.contains("31"))
        }
    }

    @Test func `made anew has 32 bytes and is never made twice`() throws {
        let secrets = (0..<100).map { _ in SigningSecret.generate() }
        #expect(Set(secrets).count == 100)
        for secret in secrets {
            let text = secret.text.expose()
            #expect(Base64.decode(String(text.dropFirst(6)))?.count == 32)
            #expect(try SigningSecret(parsing: text) == secret)
        }
    }
}
