/// The hash functions that APIs ask for in signatures.
///
/// MD5 and SHA-1 are there because old APIs want them; as the hash of an HMAC both still hold.
package enum HashAlgorithm: String, Sendable, CaseIterable {
    case sha256, sha512, sha384, sha1, md5
}

/// How bytes are written as text.
package enum BinaryEncoding: String, Sendable, CaseIterable {
    case hex
    case upperHex = "hex_upper"
    /// RFC 4648, section 4.
    case base64
    /// RFC 4648, section 5, without padding.
    case base64URL = "base64url"

    package func encode(_ bytes: [UInt8]) -> String {
        switch self {
        case .hex: Hex.text(bytes)
        case .upperHex: Hex.text(bytes).uppercased()
        case .base64: Base64.encode(bytes)
        case .base64URL:
            Base64.encode(bytes).replacing("+", with: "-").replacing("/", with: "_")
                .replacing("=", with: "")
        }
    }
}

/// How the text of a key stands for its bytes.
package enum KeyEncoding: String, Sendable, CaseIterable {
    /// Its characters in UTF-8.
    case text
    case hex
    /// RFC 4648, section 4, padded.
    case base64

    /// nil if the text is not written so.
    package func decode(_ text: String) -> [UInt8]? {
        switch self {
        case .text: Array(text.utf8)
        case .hex: Hex.decode(text)
        case .base64: Base64.decode(text)
        }
    }
}

extension Hex {
    /// Pairs of digits in either case (RFC 4648, section 8); nil for an odd number of digits or any other character.
    package static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x37
        case 0x61...0x66: digit - 0x57
        default: nil
        }
    }
}
