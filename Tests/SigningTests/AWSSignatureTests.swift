import PullcordModel
import PullcordSigning
import Testing

@Suite struct AWSSignatureTests {
    private static let signature = AWSSignature(
        accessKey: "AKIDEXAMPLE", secretKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        region: "us-east-1", service: "service")

    /// Of AWS's test suite for Signature Version 4: 2015-08-30T12:36:00Z.
    @Test(arguments: [
        ("GET", "/", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        (
            "GET", "/", "Param2=value2&Param1=value1",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
        ),
        ("POST", "/", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ])
    func `has the values of the test suite`(
        method: String, path: String, query: String, expected: String
    ) throws {
        let request = AWSSignature.Request(
            method: method, host: "example.amazonaws.com", path: path, query: query)
        let headers = Self.signature.headers(
            for: request, at: Timestamp(milliseconds: 1_440_938_160_000))
        #expect(headers.map(\.name) == ["X-Amz-Date", "Authorization"])
        #expect(headers[0].value == "20150830T123600Z")
        #expect(headers[1].value.hasSuffix("Signature=\(expected)"))
    }

    @Test func `shows no key`() {
        #expect(!"\(Self.signature)".contains("wJalr"))
        #expect(!String(reflecting: Self.signature).contains("wJalr"))
    }

    @Test(arguments: [
        (HashAlgorithm.md5, "80070713463e7749b90c2dc24911e275"),
        (.sha1, "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9"),
        (.sha256, "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"),
    ])
    func `HMAC has the published values`(algorithm: HashAlgorithm, expected: String) {
        let code = algorithm.authenticationCode(
            of: Array("The quick brown fox jumps over the lazy dog".utf8), key: Array("key".utf8))
        #expect(BinaryEncoding.hex.encode(code) == expected)
        #expect(BinaryEncoding.upperHex.encode(code) == expected.uppercased())
        #expect(BinaryEncoding.base64.encode(code) == Base64.encode(code))
        #expect(!BinaryEncoding.base64URL.encode(code).contains { "+/=".contains($0) })
        #expect(KeyEncoding.hex.decode(expected) == code)
        #expect(KeyEncoding.hex.decode("0") == nil && KeyEncoding.hex.decode("0x") == nil)
    }
}
