import Glibc

/// An IPv4 or IPv6 address, without zone.
package enum IPAddress: Sendable, Hashable {
    case v4(UInt32)
    case v6(UInt128)

    /// Parses the standard text of an address: four decimal numbers, or RFC 4291, section 2.2.
    ///
    /// Short, octal and hexadecimal forms are for ``init(literal:)``.
    package init?(_ text: String) {
        var four = in_addr()
        if unsafe inet_pton(AF_INET, text, &four) == 1 {
            self = .v4(UInt32(bigEndian: four.s_addr))
            return
        }
        var six = in6_addr()
        guard unsafe inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        self = .v6(Self.bits(of: six))
    }

    /// Parses whatever the system's resolver takes for an address without asking a name server.
    ///
    /// `127.1`, `0x7f.1`, `017700000001` and `2130706433` all are 127.0.0.1. Brackets and a zone
    /// (`%eth0`) are left out. Nil for a name.
    package init?(literal text: String) {
        var host = Substring(text)
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        if let zone = host.firstIndex(of: "%") { host = host[..<zone] }
        guard !host.isEmpty, !host.utf8.contains(0) else { return nil }
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_NUMERICHOST
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(String(host), nil, &hints, &list) == 0 else { return nil }
        defer { unsafe freeaddrinfo(list) }
        guard let first = unsafe list?.pointee.ai_addr,
            let address = unsafe SocketAddress(UnsafePointer(first))
        else { return nil }
        self = address.address
    }

    /// The IPv4 address that a packet to this address ends up at, or the address itself.
    ///
    /// That is so for ::ffff:0:0/96, where the kernel speaks IPv4 (RFC 4291, section 2.5.5.2),
    /// and for 64:ff9b::/96, where a NAT64 gateway does (RFC 6052, section 2.1).
    package var destination: IPAddress {
        guard case .v6(let bits) = self else { return self }
        let prefix = bits >> 32
        guard prefix == 0xFFFF || prefix == 0x0064_FF9B << 64 else { return self }
        return .v4(UInt32(truncatingIfNeeded: bits))
    }

    static func bits(of address: in6_addr) -> UInt128 {
        unsafe withUnsafeBytes(of: address) { bytes in
            unsafe UInt128(bigEndian: bytes.loadUnaligned(as: UInt128.self))
        }
    }
}

extension IPAddress: CustomStringConvertible {
    /// The canonical text: four decimal numbers, or RFC 5952.
    package var description: String {
        switch self {
        case .v4(let bits):
            return "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
        case .v6(let bits):
            let text = unsafe withUnsafeTemporaryAllocation(
                of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)
            ) { buffer in
                var bigEndian = bits.bigEndian
                let size = socklen_t(buffer.count)
                guard let start = buffer.baseAddress,
                    let text = unsafe inet_ntop(AF_INET6, &bigEndian, start, size)
                else { return "" }
                return unsafe String(cString: text)
            }
            return text
        }
    }
}

/// An address and a TCP port.
package struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    package let address: IPAddress
    package let port: UInt16

    package init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// Reads the C form; nil for a family other than IPv4 and IPv6.
    init?(_ address: UnsafePointer<sockaddr>) {
        switch unsafe CInt(address.pointee.sa_family) {
        case AF_INET:
            let four = unsafe UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self)
            self.address = .v4(UInt32(bigEndian: four.sin_addr.s_addr))
            port = UInt16(bigEndian: four.sin_port)
        case AF_INET6:
            let six = unsafe UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self)
            self.address = .v6(IPAddress.bits(of: six.sin6_addr))
            port = UInt16(bigEndian: six.sin6_port)
        default: return nil
        }
    }

    package var description: String {
        switch address {
        case .v4: "\(address):\(port)"
        case .v6: "[\(address)]:\(port)"
        }
    }
}

/// A CIDR block: the addresses that begin with the same bits (RFC 4632, RFC 4291).
package struct AddressBlock: Sendable, Hashable, CustomStringConvertible {
    /// The first address of the block.
    package let base: IPAddress
    /// The number of leading bits that count: 0 to 32, or 0 to 128.
    package let prefixLength: Int

    /// Makes a block; nil if the length does not fit the family.
    ///
    /// Bits behind the prefix are cleared.
    package init?(_ address: IPAddress, prefixLength: Int) {
        guard prefixLength >= 0 else { return nil }
        switch address {
        case .v4(let bits):
            guard prefixLength <= 32 else { return nil }
            base = .v4(bits & ~(UInt32.max >> prefixLength))
        case .v6(let bits):
            guard prefixLength <= 128 else { return nil }
            base = .v6(bits & ~(UInt128.max >> prefixLength))
        }
        self.prefixLength = prefixLength
    }

    /// Whether the address lies in the block; the two families are strangers to each other.
    package func contains(_ address: IPAddress) -> Bool {
        switch (base, address) {
        case (.v4(let base), .v4(let bits)): (base ^ bits) & ~(UInt32.max >> prefixLength) == 0
        case (.v6(let base), .v6(let bits)): (base ^ bits) & ~(UInt128.max >> prefixLength) == 0
        case (.v4, .v6), (.v6, .v4): false
        }
    }

    package var description: String { "\(base)/\(prefixLength)" }
}
