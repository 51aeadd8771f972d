import PullcordModel
import PullcordTransfer
import Testing

@Suite struct AddressPolicyTests {
    private func verdict(_ text: String, port: UInt16 = 443, allow: [String] = []) throws
        -> AddressVerdict
    {
        let address = try #require(IPAddress(text))
        let policy = AddressPolicy(allow: try allow.map { try AllowEntry(parsing: $0) })
        return policy.verdict(on: SocketAddress(address: address, port: port))
    }

    /// The first and the last address of every forbidden block.
    @Test(arguments: [
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255",
        "127.0.0.0", "127.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.255.255",
        "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.255", "192.0.2.0", "192.0.2.255",
        "192.88.99.0", "192.88.99.255", "192.168.0.0", "192.168.255.255", "198.18.0.0",
        "198.19.255.255", "198.51.100.0", "198.51.100.255", "203.0.113.0", "203.0.113.255",
        "224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.255",
        "::", "::1", "::2", "::127.0.0.1", "::8.8.8.8", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
        "::ffff:169.254.169.254", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254",
        "64:ff9b:1::8.8.8.8", "64:ff9b::1:0:808:808", "100::1", "1fff:ffff::1", "2001::", "2001::1",
        "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff::1", "2002::",
        "2002:7f00:1::", "2002:808:808::1", "3fff::", "3fff:fff:ffff::1", "4000::", "5f00::1",
        "fc00::", "fd00:ec2::254", "fdff::1", "fe80::1", "febf::1", "fec0::1", "ff00::", "ff02::1",
    ])
    func `an address of special use is refused`(text: String) throws {
        guard case .refused(let refusal) = try verdict(text) else {
            Issue.record("allowed")
            return
        }
        #expect(refusal.message.contains(" is "))
        #expect(refusal.hint.contains("network: { allow: ["))
    }

    @Test(arguments: [
        ("127.0.0.1", 8080, "loopback"), ("::1", 8080, "loopback"), ("10.1.2.3", 80, "private"),
        ("fd00::7", 80, "private"), ("169.254.169.254", 80, "\"169.254.169.254:80\""),
        ("fe80::1", 80, "\"[fe80::1]:80\""), ("127.0.0.1", 22, "\"127.0.0.1:22\""),
    ])
    func `a refusal says what to write, and it helps`(
        text: String, port: UInt16, entry: String
    ) throws {
        let address = SocketAddress(address: try #require(IPAddress(text)), port: port)
        guard case .refused(let refusal) = AddressPolicy().verdict(on: address) else {
            Issue.record("allowed")
            return
        }
        #expect(refusal.hint.hasSuffix("network: { allow: [\(entry)] }"))
        let allow = try AllowEntry(parsing: entry.filter { $0 != "\"" })
        #expect(AddressPolicy(allow: [allow]).verdict(on: address) == .allowed)
    }

    /// The neighbours of every forbidden block.
    @Test(arguments: [
        "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
        "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255",
        "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.1.255", "192.0.3.0",
        "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
        "198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0",
        "223.255.255.255", "8.8.8.8",
        "2000::", "2000:ffff::1", "2001:200::", "2001:db7:ffff::1", "2001:db9::", "2001:ffff::1",
        "2003::", "2606:4700::1", "3ffe:ffff::1", "3fff:1000::", "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
    ])
    func `a public address is allowed`(text: String) throws {
        #expect(try verdict(text) == .allowed)
    }

    @Test(arguments: [
        ("loopback", "127.0.0.1", true), ("loopback", "127.9.9.9", true), ("loopback", "::1", true),
        ("loopback", "::ffff:127.0.0.1", true), ("loopback", "10.0.0.1", false),
        ("loopback", "::", false), ("loopback", "0.0.0.0", false),
        ("private", "10.1.2.3", true), ("private", "172.31.0.1", true),
        ("private", "192.168.0.1", true), ("private", "fd00::1", true),
        ("private", "127.0.0.1", false), ("private", "169.254.169.254", false),
        ("private", "fe80::1", false), ("private", "100.64.0.1", false),
        ("10.1.0.0/16", "10.1.255.255", true), ("10.1.0.0/16", "10.2.0.0", false),
        ("10.1.0.0/16", "::ffff:10.1.0.1", true), ("10.1.0.0/16", "64:ff9b::10.1.0.1", true),
        ("10.1.2.3", "10.1.2.3", true), ("10.1.2.3", "10.1.2.4", false),
        ("fd00::/8", "fd12::1", true), ("fd00::/8", "fc12::1", false), ("::1", "::1", true),
        ("10.1.2.3:443", "10.1.2.3", true), ("10.1.2.3:443", "10.1.2.4", false),
        ("10.1.2.3:8443", "10.1.2.3", false), ("[fd00::1]:443", "fd00::1", true),
        ("[fd00::1]:444", "fd00::1", false), ("[::ffff:10.1.2.3]:443", "10.1.2.3", true),
        ("api.internal:443", "10.1.2.3", false), ("0.0.0.0/0", "169.254.169.254", true),
    ])
    func `an entry allows what it covers and no more`(entry: String, address: String, isOpen: Bool)
        throws
    {
        #expect(try (verdict(address, allow: [entry]) == .allowed) == isOpen)
    }

    @Test(
        arguments: [
            ("api.internal", 8080, true), ("API.Internal.", 8080, true),
            ("api.internal", 8081, false),
            ("xapi.internal", 8080, false), ("internal", 8080, false), ("10.0.0.9", 8080, false),
        ] as [(String, UInt16, Bool)])
    func `a name is allowed for its own host and port`(host: String, port: UInt16, isOpen: Bool)
        throws
    {
        let policy = AddressPolicy(allow: [try AllowEntry(parsing: "api.internal:8080")])
        let address = SocketAddress(address: try #require(IPAddress("10.0.0.9")), port: port)
        let target = AddressPolicy.Target(host: host, port: port)
        #expect((policy.verdict(on: address, target: target) == .allowed) == isOpen)
        #expect(policy.verdict(on: address, target: nil) != .allowed)
    }

    @Test(arguments: [0, 22, 25, 53, 6667, 10080] as [UInt16])
    func `a port of another protocol is refused unless it is named`(port: UInt16) throws {
        #expect(try verdict("8.8.8.8", port: port) != .allowed)
        #expect(try verdict("10.0.0.1", port: port, allow: ["private"]) != .allowed)
        if port > 0 {
            #expect(try verdict("10.0.0.1", port: port, allow: ["10.0.0.1:\(port)"]) == .allowed)
        }
    }

    @Test(arguments: [
        "127.1", "127.0.1", "0x7f.1", "0x7f000001", "017700000001", "2130706433", "127.0.0.1",
        "[::ffff:127.0.0.1]", "::ffff:127.0.0.1", "[::1]", "0177.0.0.01", "[fe80::1%eth0]", "0",
    ])
    func `every spelling of an address is judged early`(host: String) throws {
        let verdict = try #require(AddressPolicy().verdict(hostLiteral: host, port: 80))
        #expect(verdict != .allowed)
    }

    @Test(arguments: ["localhost", "example.com", "", "127.0.0.1.example", "[", "[]", "%", "a\0b"])
    func `a name is not judged early`(host: String) {
        #expect(AddressPolicy().verdict(hostLiteral: host, port: 80) == nil)
    }
}

@Suite struct AllowEntryTests {
    @Test(arguments: [
        ("loopback", "loopback"), ("private", "private"), ("10.0.0.0/8", "10.0.0.0/8"),
        ("10.1.2.3", "10.1.2.3/32"), ("::1", "::1/128"), ("fd00::/8", "fd00::/8"),
        ("0.0.0.0/0", "0.0.0.0/0"), ("10.1.2.3:80", "10.1.2.3:80"),
        ("[FD00::1]:80", "[fd00::1]:80"), ("API.internal:8080", "api.internal:8080"),
        ("host:65535", "host:65535"), ("my_host-1.example.:1", "my_host-1.example:1"),
    ])
    func `an entry means what it says`(text: String, meaning: String) throws {
        #expect(try AllowEntry(parsing: text).description == meaning)
    }

    @Test(arguments: [
        ("", "write"), ("Loopback", "port"), ("public", "port"), ("example.com", "443"),
        ("10.0.0.0/33", "write"), ("10.0.0.0/-1", "write"), ("10.0.0.0/+8", "write"),
        ("10.0.0.0/", "write"), ("10.0.0.0/8/8", "write"), ("10.0.0.1/8", "10.0.0.0/8"),
        ("fd00::1/8", "fd00::/8"), ("::/129", "write"), ("host/8", "write"),
        ("example.com:0", "write"), ("example.com:65536", "write"), ("example.com:", "write"),
        ("example.com:http", "write"), ("example.com:+80", "write"), ("exa mple:80", "write"),
        ("*.example.com:80", "write"), (":80", "write"), ("a..b:80", "write"),
        ("127.1:80", "write"),
        ("0x7f.1:80", "write"), ("fd00::1:80:", "write"), ("[fd00::1]", "port"),
        ("[fd00::x]:80", "write"), ("http://a:80", "write"), ("é:80", "write"),
    ])
    func `a malformed entry is refused with what to write`(text: String, hint: String) {
        #expect {
            try AllowEntry(parsing: text)
        } throws: { error in
            guard let problem = error as? Problem else { return false }
            return problem.code == "allow_entry" && problem.hint.contains(hint)
                && !problem.message.isEmpty
        }
    }
}

@Suite struct RequestURLTests {
    @Test(arguments: [
        ("https://h.example", "https://h.example/"),
        ("HTTPS://H.Example/A?b=C", "https://h.example/A?b=C"),
        ("https://h.example:443/x", "https://h.example/x"),
        ("http://h.example:80", "http://h.example/"),
        ("http://h.example:8080/a/../b/./c", "http://h.example:8080/b/c"),
        ("https://h.example?a=1", "https://h.example/?a=1"),
        ("https://[::1]:8443/", "https://[::1]:8443/"),
        ("https://h.example/a%20b?x=%2F", "https://h.example/a%20b?x=%2F"),
    ])
    func `is written as its server sees it, for signatures`(text: String, normalized: String) {
        #expect(RequestURL.normalized(text) == normalized)
    }

    @Test(arguments: ["", "h.example", "https://", "https://h.example:99999/"])
    func `has no such form where libcurl cannot read it`(text: String) {
        #expect(RequestURL.normalized(text) == nil)
    }

    @Test(
        arguments: [
            ("http://a/", "a", 80), ("https://A.example./x", "a.example", 443),
            ("HTTP://a:8080?x", "a", 8080), ("https://[::1]:9/", "::1", 9),
            ("http://127.1/", "127.0.0.1", 80),
        ] as [(String, String, UInt16)])
    func `a URL leads to a host and a port`(text: String, host: String, port: UInt16) throws {
        let target = try RequestURL(text).target
        #expect(target == AddressPolicy.Target(host: host, port: port))
    }

    @Test(arguments: [
        ("http://user:pass@host/p?q=1#f", "http://host/p"), ("http://a@b@c?x", "http://c"),
        ("http://host/@x?y", "http://host/@x"), ("?x", ""), ("http://h/a\nb", "http://h/a b"),
    ])
    func `what is shown of a URL holds no secret`(text: String, shown: String) {
        #expect(RequestURL.withoutSecrets(text) == shown)
    }
}
