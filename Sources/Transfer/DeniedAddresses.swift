/// What is refused unless it is allowed.
enum DeniedAddresses {
    /// The rule that forbids an address, in words; nil for a public one.
    ///
    /// Embedded IPv4 addresses are the caller's to unpack (``IPAddress/destination``).
    static func rule(for address: IPAddress) -> String? {
        let rules =
            switch address {
            case .v4: v4
            case .v6: v6
            }
        if let rule = rules.first(where: { $0.block.contains(address) }) {
            return "\(rule.block) is \(rule.what)"
        }
        guard case .v6(let bits) = address, bits >> 125 != 1 else { return nil }
        return "IPv6 outside of 2000::/3 is not public (RFC 4291, section 2.4)"
    }

    private struct Rule: Sendable {
        let block: AddressBlock
        let what: String

        init?(_ text: String, _ length: Int, _ what: String) {
            guard let address = IPAddress(text),
                let block = AddressBlock(address, prefixLength: length)
            else { return nil }
            self.block = block
            self.what = what
        }
    }

    /// The number of rules that are in force; a row that did not parse would be missing here.
    static var ruleCount: Int { v4.count + v6.count }

    private static let v4: [Rule] = [
        Rule("0.0.0.0", 8, "this network (RFC 791)"),
        Rule("10.0.0.0", 8, "private (RFC 1918)"),
        Rule("100.64.0.0", 10, "shared by carriers (RFC 6598)"),
        Rule("127.0.0.0", 8, "this machine (RFC 1122)"),
        Rule("169.254.0.0", 16, "link-local, where clouds serve metadata (RFC 3927)"),
        Rule("172.16.0.0", 12, "private (RFC 1918)"),
        Rule("192.0.0.0", 24, "for protocol assignments (RFC 6890)"),
        Rule("192.0.2.0", 24, "for documentation (RFC 5737)"),
        Rule("192.88.99.0", 24, "for 6to4 relays (RFC 7526)"),
        Rule("192.168.0.0", 16, "private (RFC 1918)"),
        Rule("198.18.0.0", 15, "for benchmarks (RFC 2544)"),
        Rule("198.51.100.0", 24, "for documentation (RFC 5737)"),
        Rule("203.0.113.0", 24, "for documentation (RFC 5737)"),
        Rule("224.0.0.0", 4, "multicast (RFC 5771)"),
        Rule("240.0.0.0", 4, "reserved (RFC 1112)"),
    ].compactMap(\.self)

    /// The exceptions within 2000::/3, and names for the best-known blocks outside of it.
    private static let v6: [Rule] = [
        Rule("2001::", 23, "for protocol assignments such as Teredo (RFC 2928)"),
        Rule("2001:db8::", 32, "for documentation (RFC 3849)"),
        Rule("2002::", 16, "6to4, which embeds IPv4 addresses (RFC 3056)"),
        Rule("3fff::", 20, "for documentation (RFC 9637)"),
        Rule("::1", 128, "this machine (RFC 4291)"),
        Rule("::", 128, "unspecified (RFC 4291)"),
        Rule("fc00::", 7, "private (RFC 4193)"),
        Rule("fe80::", 10, "link-local (RFC 4291)"),
        Rule("ff00::", 8, "multicast (RFC 4291)"),
    ].compactMap(\.self)

    /// The ports that browsers refuse, because what listens there may obey what HTTP says
    /// (WHATWG Fetch, "Port blocking").
    static let ports: Set<UInt16> = [
        0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95,
        101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179,
        389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601,
        636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566,
        6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    ]
}
