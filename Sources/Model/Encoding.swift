/// Percent-encoding of RFC 3986, section 2.1: all but the unreserved characters.
package enum PercentEncoding {
    /// Encodes every byte that is not a letter, digit, `-`, `.`, `_` or `~`.
    package static func encode(_ text: String) -> String { encode(bytes: text.utf8) }

    /// The same for bytes that need not be text.
    package static func encode(bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in bytes {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                result.append(byte)
            default:
                result.append(0x25)
                result.append(digits[Int(byte >> 4)])
                result.append(digits[Int(byte & 15)])
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Names and values as a query has them: `a=1&b=x%20y`.
    package static func items(_ items: [(String, String)]) -> String {
        items.map { "\(encode($0.0))=\(encode($0.1))" }.joined(separator: "&")
    }

    /// Names and values as `application/x-www-form-urlencoded` of the URL Standard, section 5, has
    /// them: a blank is `+`, `*` stays and `~` does not.
    package static func form(_ items: [(String, String)]) -> String {
        items.map { "\(form($0.0))=\(form($0.1))" }.joined(separator: "&")
    }

    /// A name or a value as a form has it.
    package static func form(_ text: String) -> String {
        encode(text).replacing("%20", with: "+").replacing("%2A", with: "*")
            .replacing("~", with: "%7E")
    }
}

/// Base64 of RFC 4648, section 4: the standard alphabet, padded.
package enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    package static func encode(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let count = min(3, bytes.count - index)
            let first = bytes[index]
            let second = count > 1 ? bytes[index + 1] : 0
            let third = count > 2 ? bytes[index + 2] : 0
            result.append(alphabet[Int(first >> 2)])
            result.append(alphabet[Int((first & 3) << 4 | second >> 4)])
            result.append(count > 1 ? alphabet[Int((second & 15) << 2 | third >> 6)] : 0x3D)
            result.append(count > 2 ? alphabet[Int(third & 63)] : 0x3D)
            index += 3
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// What is the same in the base64 of every text that holds `text` behind a number of bytes
    /// that leaves `alignment` when divided by three: as the password in `user:password`.
    static func core(of text: String, after alignment: Int) -> String {
        let bytes = Array(repeating: 0, count: alignment) + Array(text.utf8)
        let encoded = encode(bytes).utf8.prefix { $0 != 0x3D }
        // Characters that hold bits of what stands before or behind are left out.
        let head = alignment == 0 ? 0 : alignment + 1
        let tail = bytes.count % 3 == 0 ? 0 : 1
        return String(decoding: encoded.dropFirst(head).dropLast(tail), as: UTF8.self)
    }

    /// Decodes strictly: padding is required, and no other character may stand in the text.
    package static func decode(_ text: String) -> [UInt8]? {
        let input = Array(text.utf8)
        guard input.count % 4 == 0 else { return nil }
        var result: [UInt8] = []
        for start in stride(from: 0, to: input.count, by: 4) {
            var word: UInt32 = 0
            var padding = 0
            for offset in 0..<4 {
                let byte = input[start + offset]
                if byte == 0x3D, start + 4 == input.count, offset >= 2 {
                    padding += 1
                    word <<= 6
                } else if padding == 0, let value = alphabet.firstIndex(of: byte) {
                    word = word << 6 | UInt32(value)
                } else {
                    return nil
                }
            }
            result.append(UInt8(truncatingIfNeeded: word >> 16))
            if padding < 2 { result.append(UInt8(truncatingIfNeeded: word >> 8)) }
            if padding < 1 { result.append(UInt8(truncatingIfNeeded: word)) }
        }
        return result
    }
}
