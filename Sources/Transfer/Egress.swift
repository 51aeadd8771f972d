import Glibc
import PullcordModel

/// What the address policy says to a URL: the same words before a connection and at it.
package struct Egress: Sendable {
    private let policy: AddressPolicy

    package init(policy: AddressPolicy) { self.policy = policy }

    /// One address that a URL may lead to, and what is said to it.
    package struct Route: Sendable {
        package let address: SocketAddress
        package let verdict: AddressVerdict
        /// The rule that decided, in words.
        package let reason: String
    }

    /// Judges a URL whose host is an address in any spelling, or a name that always means this
    /// machine (RFC 6761, section 6.3); nil if only the moment of connecting can tell.
    package func verdict(onTextOf url: RequestURL) -> AddressVerdict? {
        let target = url.target
        let host = Self.narrowed(target.host)
        let isLocal = host == "localhost" || host.hasSuffix(".localhost")
        guard let address = IPAddress(literal: isLocal ? "127.0.0.1" : host) else {
            return portVerdict(target)
        }
        return policy.verdict(
            on: SocketAddress(address: address, port: target.port), target: target)
    }

    /// Resolves the URL's host as a transfer does and judges every address.
    ///
    /// It blocks until the system's resolver has answered.
    ///
    /// - Throws: ``TransferError`` with `dns` if there is no address.
    package func routes(of url: RequestURL) throws(TransferError) -> [Route] {
        let target = url.target
        let addresses = Self.resolve(target.host)
        guard !addresses.isEmpty else {
            throw TransferError(
                code: .dns, url: "\(url.scheme)://\(target.host):\(target.port)", phase: .resolve,
                message: "\(target.host) has no address",
                hint: "check the name, and the name servers of this machine")
        }
        return addresses.map { address in
            let address = SocketAddress(address: address, port: target.port)
            let verdict = policy.verdict(on: address, target: target)
            return Route(
                address: address, verdict: verdict, reason: reason(verdict, address, target))
        }
    }

    private func reason(
        _ verdict: AddressVerdict, _ address: SocketAddress, _ target: AddressPolicy.Target
    ) -> String {
        if case .refused(let refusal) = verdict { return refusal.rule }
        let destination = address.address.destination
        let isPlain = DeniedAddresses.rule(for: destination) == nil
        if isPlain, !DeniedAddresses.ports.contains(address.port) { return "it is public" }
        let entry = policy.allow.first { entry in
            entry.names(destination, port: address.port, target: target)
                || entry.covers(destination)
        }
        return entry.map { "the bridge file allows \($0)" } ?? "it is public"
    }

    /// Of a name, the port alone may be reason enough.
    private func portVerdict(_ target: AddressPolicy.Target) -> AddressVerdict? {
        guard DeniedAddresses.ports.contains(target.port),
            !policy.allow.contains(.name(target))
        else { return nil }
        // No address of the policy's own: any public one stands for those that the name may have.
        let address = SocketAddress(address: .v4(0x0101_0101), port: target.port)
        guard case .refused(let refusal) = policy.verdict(on: address, target: target) else {
            return nil
        }
        return .refused(
            AddressRefusal(
                address: refusal.address, rule: refusal.rule,
                name: "\(target.host):\(target.port)"))
    }

    /// Digits, letters and full stops of the wide forms as the plain ones that they are mapped to
    /// (UTS 46, section 4).
    private static func narrowed(_ host: String) -> String {
        guard host.utf8.contains(where: { $0 > 0x7F }) else { return host }
        var result = String.UnicodeScalarView()
        for scalar in host.unicodeScalars {
            switch scalar.value {
            case 0xFF01...0xFF5E:
                result.append(Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar)
            case 0x3002, 0xFF61: result.append(".")
            default: result.append(scalar)
            }
        }
        return String(result).lowercased()
    }

    /// Each address once, in the order of the resolver (`getaddrinfo`(3), RFC 6724).
    private static func resolve(_ host: String) -> [IPAddress] {
        if let address = IPAddress(literal: host) { return [address] }
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { unsafe freeaddrinfo(list) }
        var found: [IPAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            if let raw = unsafe entry.pointee.ai_addr,
                let address = unsafe SocketAddress(UnsafePointer(raw)),
                !found.contains(address.address)
            {
                found.append(address.address)
            }
            unsafe next = entry.pointee.ai_next
        }
        return found
    }
}
