package import PullcordModel

/// One entry of the allow list: what may be connected to although it is not public.
package enum AllowEntry: Sendable, Hashable {
    /// `loopback`: 127.0.0.0/8 and ::1.
    case loopback
    /// `private`: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and fc00::/7.
    case privateNetworks
    /// `10.1.0.0/16`, `fd00::/8`, or a single address.
    case block(AddressBlock)
    /// `10.1.2.3:8080` or `[fd00::1]:8080`: one address on one port.
    case address(SocketAddress)
    /// `api.internal:8080`: whatever that name resolves to, for URLs of exactly that host and port.
    case name(AddressPolicy.Target)

    /// Parses one entry as it stands in a bridge file.
    ///
    /// - Throws: `Problem` with the code `allow_entry` that says what is wrong and what to write.
    package init(parsing text: String) throws(Problem) {
        switch text {
        case "loopback": self = .loopback
        case "private": self = .privateNetworks
        default:
            if text.utf8.contains(0x2F) {
                self = .block(try Self.block(text))
            } else if let address = IPAddress(text) {
                let length =
                    switch address {
                    case .v4: 32
                    case .v6: 128
                    }
                guard let block = AddressBlock(address, prefixLength: length) else {
                    throw Self.problem("\"\(text)\" is not an address")
                }
                self = .block(block)
            } else {
                self = try Self.pair(text)
            }
        }
    }

    /// Whether the entry names this very address and port, or the target that leads there.
    func names(_ destination: IPAddress, port: UInt16, target: AddressPolicy.Target?) -> Bool {
        switch self {
        case .loopback, .privateNetworks, .block: false
        case .address(let own): own.address.destination == destination && own.port == port
        case .name(let own): own == target && own.port == port
        }
    }

    /// Whether the entry covers the address on every port that is for HTTP.
    func covers(_ destination: IPAddress) -> Bool {
        switch self {
        case .loopback: Self.loopbackBlocks.contains { $0.contains(destination) }
        case .privateNetworks: Self.privateBlocks.contains { $0.contains(destination) }
        case .block(let block): block.contains(destination)
        case .address, .name: false
        }
    }

    private static let loopbackBlocks = blocks([("127.0.0.0", 8), ("::1", 128)])
    private static let privateBlocks = blocks([
        ("10.0.0.0", 8), ("172.16.0.0", 12), ("192.168.0.0", 16), ("fc00::", 7),
    ])

    private static func blocks(_ rows: [(String, Int)]) -> [AddressBlock] {
        rows.compactMap { text, length in
            IPAddress(text).flatMap { AddressBlock($0, prefixLength: length) }
        }
    }

    private static func block(_ text: String) throws(Problem) -> AddressBlock {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])) else {
            throw problem("\"\(text)\" is not an address block")
        }
        guard let length = decimal(parts[1]),
            let block = AddressBlock(address, prefixLength: length)
        else {
            throw problem("\"/\(parts[1])\" is not a prefix length of \(address)")
        }
        guard block.base == address else {
            throw Problem(
                code: "allow_entry", message: "\"\(text)\" has bits set behind its prefix",
                hint: "write \(block)")
        }
        return block
    }

    private static func pair(_ text: String) throws(Problem) -> AllowEntry {
        guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") else {
            throw Problem(
                code: "allow_entry", message: "\"\(text)\" is neither an address nor has it a port",
                hint: text.isEmpty ? hint : "a name needs its port: \"\(text):443\"")
        }
        let host = String(text[..<colon])
        guard let number = decimal(text[text.index(after: colon)...]),
            let port = UInt16(exactly: number), port > 0
        else {
            throw problem("\"\(text[colon...])\" is not a port from 1 to 65535")
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            guard let address = IPAddress(String(host.dropFirst().dropLast())) else {
                throw problem("\"\(host)\" is not an IPv6 address")
            }
            return .address(SocketAddress(address: address, port: port))
        }
        if let address = IPAddress(host) {
            guard case .v4 = address else {
                throw Problem(
                    code: "allow_entry",
                    message: "\"\(text)\" has an IPv6 address without brackets",
                    hint: "write [\(address)]:\(port)")
            }
            return .address(SocketAddress(address: address, port: port))
        }
        guard IPAddress(literal: host) == nil, isName(host) else {
            throw problem("\"\(host)\" is not a host name")
        }
        return .name(AddressPolicy.Target(host: host, port: port))
    }

    /// A host name: letters, digits, `-` and `_` between dots (RFC 1123, section 2.1).
    private static func isName(_ text: String) -> Bool {
        var labels = text.split(separator: ".", omittingEmptySubsequences: false)
        if labels.count > 1, labels.last == "" { labels.removeLast() }
        return text.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count)
                    && label.utf8.allSatisfy { byte in
                        switch byte {
                        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
                        default: false
                        }
                    }
            }
    }

    /// Digits only: `Int` would take a sign.
    private static func decimal(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int(text)
    }

    private static let hint =
        "write loopback, private, a block (10.1.0.0/16), an address with a port (10.1.2.3:8080)"
        + " or a name with a port (api.internal:8080)"

    private static func problem(_ message: String) -> Problem {
        Problem(code: "allow_entry", message: message, hint: hint)
    }
}

extension AllowEntry: CustomStringConvertible {
    /// The text that parses to this entry.
    package var description: String {
        switch self {
        case .loopback: "loopback"
        case .privateNetworks: "private"
        case .block(let block): block.description
        case .address(let address): address.description
        case .name(let target): "\(target.host):\(target.port)"
        }
    }
}
