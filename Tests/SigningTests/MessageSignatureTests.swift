import PullcordModel
import PullcordSigning
import Testing

/// The examples of RFC 9421, appendix B.2, over its request (B.2, `POST /foo?param=Value&Pet=dog`).
@Suite struct `A signature of a whole request` {
    @Test func `by HMAC is that of RFC 9421, B.2.5`() throws {
        let secret = try SigningSecret(
            parsing:
                "whsec_uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
        )
        let signed = try #require(
            MessageSignature.sign(
                [
                    .init("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
                    .init("@authority", "example.com"), .init("content-type", "application/json"),
                ],
                parameters: .init(created: 1_618_884_473, keyIdentifier: "test-shared-secret"),
                with: .secret(secret)))
        #expect(
            signed.input == #"("date" "@authority" "content-type")"#
                + #";created=1618884473;keyid="test-shared-secret""#)
        #expect(
            Base64.encode(signed.signature) == "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=")
    }

    @Test func `by Ed25519 is that of RFC 9421, B.2.6`() throws {
        let key = try Ed25519Key(
            parsing: Secret("whsk_n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU="))
        let signed = try #require(
            MessageSignature.sign(
                [
                    .init("date", "Tue, 20 Apr 2021 02:07:55 GMT"), .init("@method", "POST"),
                    .init("@path", "/foo"), .init("@authority", "example.com"),
                    .init("content-type", "application/json"), .init("content-length", "18"),
                ],
                parameters: .init(created: 1_618_884_473, keyIdentifier: "test-key-ed25519"),
                with: .ed25519(key)))
        // Another library may sign with fresh randomness (hedged), so it is verified by the key.
        let base = """
            "date": Tue, 20 Apr 2021 02:07:55 GMT
            "@method": POST
            "@path": /foo
            "@authority": example.com
            "content-type": application/json
            "content-length": 18
            "@signature-params": ("date" "@method" "@path" "@authority" "content-type" \
            "content-length");created=1618884473;keyid="test-key-ed25519"
            """
        #expect(base.hasSuffix("\"@signature-params\": \(signed.input)"))
        #expect(
            Base64.encode(signed.signature)
                == "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
        )
    }

    @Test(arguments: [
        ("{\"hello\": \"world\"}", "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="),
        ("{\"hello\": \"world\"}\n", "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg="),
        ("", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
    ])
    func `has the digests of RFC 9421, B.2, and RFC 9530`(body: String, digest: String) {
        #expect(MessageSignature.digest(of: Array(body.utf8)) == "sha-256=:\(digest):")
    }

    static let time = Timestamp(milliseconds: 1_769_851_800_125)

    func headers(
        _ more: [(String, String)] = [], keys: [MessageSignature.Key]
    ) -> [(name: String, value: String)] {
        let sent =
            [
                ("Content-Type", "application/json"), ("User-Agent", "Pullcord/1"),
                ("webhook-id", "evt_1"), ("webhook-timestamp", "1769851800"),
                ("webhook-signature", "v1,x"),
            ] + more
        return MessageSignature.headers(
            method: "POST", targetURI: "https://h.example/x?y=1",
            headers: sent.map { (name: $0.0, value: $0.1) }, body: Array("{}".utf8),
            time: Self.time, keys: keys)
    }

    @Test func `covers what identifies the webhook, and every header of ours`() throws {
        let key = Ed25519Key.generate()
        let signed = headers(
            [("ce-id", "evt_1"), ("Pullcord-Sequence", "7"), ("X-Team", "a")],
            keys: [.ed25519(key)])
        #expect(signed.map(\.name) == ["Content-Digest", "Signature-Input", "Signature"])
        #expect(
            signed[1].value == #"sig1=("@method" "@target-uri" "content-digest" "content-type" "#
                + #""webhook-id" "webhook-timestamp" "ce-id" "pullcord-sequence")"#
                + #";created=1769851800;keyid="\#(key.publicKey.identifier)""#
                + #";alg="ed25519";tag="pullcord""#)
        #expect(signed[2].value.hasPrefix("sig1=:") && signed[2].value.hasSuffix("==:"))
    }

    @Test func `is made by each secret in use, under a name that tells nothing of it`() throws {
        let secrets = [SigningSecret.generate(), .generate()]
        let signed = headers(keys: secrets.map { .secret($0) })
        #expect(signed[1].value.contains("), sig2=(") == false)
        #expect(signed[1].value.contains("\", sig2=("))
        #expect(signed[2].value.contains(":, sig2=:"))
        let names = secrets.map { MessageSignature.Key.secret($0).identifier }
        #expect(Set(names).count == 2)
        for name in names {
            #expect(name.count == 29 && name.hasPrefix("hmac-"))
            #expect(signed[1].value.contains("keyid=\"\(name)\""))
        }
        let again = try SigningSecret(parsing: secrets[0].text)
        #expect(MessageSignature.Key.secret(again).identifier == names[0])
    }

    @Test func `is not made without a key`() {
        #expect(headers(keys: []).isEmpty)
    }
}
