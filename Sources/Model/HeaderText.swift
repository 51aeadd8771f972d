/// Any text as the value of a header.
package enum HeaderText {
    /// Percent-encodes what is no visible ASCII character, and space, `"` and `%`, so that decoding
    /// gives the text again (CloudEvents HTTP Protocol Binding 1.0, section 3.1.3.2).
    ///
    /// With `keepsPrintable` these three stay, and only what no header can hold is encoded.
    package static func encode(_ text: String, keepsPrintable: Bool = false) -> String {
        let isSafe: (UInt8) -> Bool = { byte in
            switch byte {
            case 0x20, 0x22, 0x25: keepsPrintable
            case 0x21...0x7E: true
            default: false
            }
        }
        guard !text.utf8.allSatisfy(isSafe) else { return text }
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            if isSafe(byte) {
                result.append(byte)
            } else {
                result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
