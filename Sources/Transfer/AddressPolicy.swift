/// Which addresses Pullcord may connect to, for sources and subscribers alike.
///
/// It judges the address of the socket at the moment of connecting, and again before each request,
/// never the text of a URL: so no spelling of an address and no answer of a name server gets
/// around it. Public addresses are allowed; those of this machine, of private networks and of
/// special use (IANA's special-purpose registries, RFC 6890) are refused unless an ``AllowEntry``
/// says otherwise; so are ports of well-known services that are not HTTP.
package struct AddressPolicy: Sendable, Hashable {
    /// What is allowed beyond public addresses.
    package let allow: [AllowEntry]

    /// Makes a policy; without entries only public addresses are allowed.
    package init(allow: [AllowEntry] = []) { self.allow = allow }

    /// Judges one address.
    ///
    /// The target is the host and port of the URL that leads there, which entries like
    /// `api.internal:8080` compare with; nil if there is none.
    package func verdict(on address: SocketAddress, target: Target? = nil) -> AddressVerdict {
        let destination = address.address.destination
        if allow.contains(where: { $0.names(destination, port: address.port, target: target) }) {
            return .allowed
        }
        if DeniedAddresses.ports.contains(address.port) {
            return .refused(refusal(of: address, rule: "port \(address.port) is not for HTTP"))
        }
        guard let rule = DeniedAddresses.rule(for: destination),
            !allow.contains(where: { $0.covers(destination) })
        else { return .allowed }
        return .refused(refusal(of: address, rule: rule))
    }

    /// Judges a host that is an address in any spelling (`127.1`, `0x7f.1`, `2130706433`, `[::1]`).
    ///
    /// Nil if the host is a name, of which only the moment of connecting can tell.
    package func verdict(hostLiteral host: String, port: UInt16) -> AddressVerdict? {
        guard let address = IPAddress(literal: host) else { return nil }
        return verdict(on: SocketAddress(address: address, port: port))
    }

    /// Whether any entry is about a name, so that a target has to be known for a verdict.
    var hasNames: Bool {
        allow.contains { entry in
            if case .name = entry { true } else { false }
        }
    }

    private func refusal(of address: SocketAddress, rule: String) -> AddressRefusal {
        AddressRefusal(address: address, rule: rule)
    }

    /// Where a URL leads to by its text.
    package struct Target: Sendable, Hashable {
        /// The host in lower case, without brackets and without a final dot.
        package let host: String
        package let port: UInt16

        package init(host: String, port: UInt16) {
            var name = Substring(host.lowercased())
            if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
            if name.hasSuffix(".") { name = name.dropLast() }
            self.host = String(name)
            self.port = port
        }
    }
}

/// What an address policy says to an address.
package enum AddressVerdict: Sendable, Hashable {
    case allowed
    case refused(AddressRefusal)
}

/// Which rule forbids which address, and what to do about it.
package struct AddressRefusal: Sendable, Hashable {
    package let address: SocketAddress
    /// The rule in words, as in `10.0.0.0/8 is private (RFC 1918)`.
    package let rule: String
    /// Stands for the address where only a name is known.
    private let name: String?

    init(address: SocketAddress, rule: String, name: String? = nil) {
        self.address = address
        self.rule = rule
        self.name = name
    }

    /// What is refused: an address with its port, or a name with it.
    private var subject: String { name ?? address.description }

    /// One sentence without the final stop.
    package var message: String { "\(subject) is refused: \(rule)" }

    /// Says how the bridge file would lift this refusal.
    package var hint: String {
        "if this is meant, say in the bridge file: network: { allow: [\(entry)] }"
    }

    /// The word for this machine or its networks; else what lifts exactly this refusal.
    private var entry: String {
        let destination = address.address.destination
        // A word says nothing of ports, and of a name it would say too much.
        if name == nil, !DeniedAddresses.ports.contains(address.port) {
            if AllowEntry.loopback.covers(destination) { return "loopback" }
            if AllowEntry.privateNetworks.covers(destination) { return "private" }
        }
        return "\"\(subject)\""
    }
}
