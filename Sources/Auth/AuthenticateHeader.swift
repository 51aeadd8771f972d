/// What a WWW-Authenticate header asks for (RFC 9110, section 11.6.1).
package struct AuthenticateHeader: Sendable, Equatable {
    /// In lower case.
    package let scheme: String
    /// Names in lower case; of several with one name the first.
    package let parameters: [String: String]
    /// What stands in place of parameters, as in `Negotiate abc=`; nil for none.
    package let token: String?

    package init(scheme: String, parameters: [String: String] = [:], token: String? = nil) {
        self.scheme = scheme
        self.parameters = parameters
        self.token = token
    }

    /// The challenges of all values of the header; what is malformed ends its value.
    package static func parse(_ values: [String]) -> [AuthenticateHeader] {
        values.flatMap { value in
            var reader = Reader(bytes: Array(value.utf8))
            return reader.challenges()
        }
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func challenges() -> [AuthenticateHeader] {
            var result: [AuthenticateHeader] = []
            while true {
                skip([0x20, 0x09, 0x2C])
                guard let scheme = word() else { return result }
                var parameters: [String: String] = [:]
                var token: String?
                if peek == 0x20 {
                    skip([0x20, 0x09])
                    let start = position
                    if let text = token68(), peek == nil || peek == 0x2C {
                        token = text
                    } else {
                        position = start
                        parameters = readParameters()
                    }
                }
                result.append(
                    AuthenticateHeader(
                        scheme: scheme.lowercased(), parameters: parameters, token: token))
            }
        }

        /// A comma may lead to another parameter or to another challenge: the `=` tells.
        private mutating func readParameters() -> [String: String] {
            var result: [String: String] = [:]
            while true {
                let start = position
                guard let name = word()?.lowercased() else { return result }
                skip([0x20, 0x09])
                guard peek == 0x3D else {
                    position = start
                    return result
                }
                position += 1
                skip([0x20, 0x09])
                guard let value = peek == 0x22 ? quoted() : word() else { return result }
                if result[name] == nil { result[name] = value }
                skip([0x20, 0x09])
                guard peek == 0x2C else { return result }
                skip([0x20, 0x09, 0x2C])
            }
        }

        private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

        private mutating func skip(_ set: [UInt8]) {
            while let byte = peek, set.contains(byte) { position += 1 }
        }

        /// A token (RFC 9110, section 5.6.2).
        private mutating func word() -> String? {
            let start = position
            while let byte = peek, Self.isTokenByte(byte) { position += 1 }
            return start == position
                ? nil : String(decoding: bytes[start..<position], as: UTF8.self)
        }

        private mutating func token68() -> String? {
            let start = position
            while let byte = peek, Self.isToken68Byte(byte) { position += 1 }
            while peek == 0x3D { position += 1 }
            let text = String(decoding: bytes[start..<position], as: UTF8.self)
            skip([0x20, 0x09])
            return text.isEmpty ? nil : text
        }

        /// A quoted string; nil if its end is missing.
        private mutating func quoted() -> String? {
            position += 1
            var result: [UInt8] = []
            while let byte = peek {
                position += 1
                switch byte {
                case 0x22: return String(decoding: result, as: UTF8.self)
                case 0x5C:
                    guard let next = peek else { return nil }
                    result.append(next)
                    position += 1
                default: result.append(byte)
                }
            }
            return nil
        }

        private static func isTokenByte(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
        }

        private static func isToken68Byte(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "-._~+/".utf8.contains(byte)
            }
        }
    }
}
