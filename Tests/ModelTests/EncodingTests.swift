import Foundation
import PullcordModel
import Testing

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `agrees with the examples of RFC 4648`(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
    }

    @Test func `agrees with another implementation on bytes of every kind and length`() {
        for count in 0..<300 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ count) }
            let encoded = Base64.encode(bytes)
            #expect(encoded == Data(bytes).base64EncodedString())
            #expect(Base64.decode(encoded) == bytes)
        }
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "=", "==", "====", "Z===", "Zm9v=", "Zg==Zg==", "Zm=v", "Zm9\n",
        "Zm9v\n", " Zm9v", "Zm-_", "Zm9v\u{0}", "Zmé=", "Z=g=",
    ])
    func `refuses what is not padded or holds another character`(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}

@Suite struct PercentEncodingTests {
    @Test(arguments: [
        ("", ""), ("azAZ09-._~", "azAZ09-._~"), (" ", "%20"), ("+", "%2B"),
        ("/?&=#", "%2F%3F%26%3D%23"),
        ("%41", "%2541"), ("é", "%C3%A9"), ("e\u{301}", "e%CC%81"), ("😀", "%F0%9F%98%80"),
        ("\u{0}\r\n\u{7F}", "%00%0D%0A%7F"), ("a:b@c", "a%3Ab%40c"), ("!*'()", "%21%2A%27%28%29"),
    ])
    func `leaves the unreserved characters of RFC 3986 alone and no other`(
        text: String, encoded: String
    ) {
        #expect(PercentEncoding.encode(text) == encoded)
    }

    @Test func `is undone by another implementation`() {
        let text = String(String.UnicodeScalarView((1...0x2FF).compactMap { Unicode.Scalar($0) }))
        let encoded = PercentEncoding.encode(text)
        #expect(encoded.removingPercentEncoding == text)
        #expect(encoded.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
    }
}

@Suite struct FingerprintTests {
    @Test func `is read from the bytes that it gives`() {
        let print = Fingerprint(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
        #expect(print.description == "0123456789abcdeffedcba9876543210")
        #expect(Fingerprint(bytes: print.bytes) == print)
    }

    @Test(arguments: [0, 1, 15, 17, 32])
    func `is not read from any other number of bytes`(count: Int) {
        #expect(Fingerprint(bytes: [UInt8](repeating: 1, count: count)) == nil)
    }
}
