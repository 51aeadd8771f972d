import PullcordConfig
import PullcordEngine
import PullcordTransfer
import Testing

/// `check` and a connection say the same of an address.
@Suite struct EgressCheckTests {
    private func report(
        source: String = "https://api.example.com", subscription: String = "https://t.example",
        network: String = ""
    ) -> DiagnosticReport {
        let files = [
            "b.yaml": """
            \(network)
            sources: [{ name: s, adapter: a, every: 60s }]
            subscriptions:
              - { name: t, url: "\(subscription)", secret: "${env.SECRET}" }

            """,
            "a.yaml": """
            adapter: a
            base_url: "\(source)"
            streams: { s: { request: /x, key: .id } }

            """,
        ]
        let loader = Loader(
            checkers: .native,
            files: FileAccess(
                read: { path in files[path].map { .bytes(Array($0.utf8)) } ?? .missing },
                list: { _ in Array(files.keys) }))
        return loader.check(["b.yaml"])
    }

    static let spellings = [
        "127.0.0.1", "127.1", "0x7f.1", "017700000001", "2130706433", "[::ffff:169.254.169.254]",
        "[::]", "[fe80::1%25eth0]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "[2001::1]",
        "localhost.", "localhost", "\u{FF11}27.0.0.1",
    ]

    @Test(arguments: spellings)
    func `an inner address in a URL is refused in the words of the connection`(host: String)
        throws
    {
        let url = "https://\(host)/hook"
        let verdict = Egress(policy: AddressPolicy()).verdict(onTextOf: try RequestURL(url))
        guard case .refused(let refusal)? = verdict else {
            Issue.record("\(host) is not refused")
            return
        }
        for (report, path) in [
            (report(subscription: url), "subscriptions[0].url"),
            (report(source: url), "sources[0].adapter"),
        ] {
            let errors = report.errors
            #expect(errors.map(\.code) == ["address_refused"], "\(report.text())")
            #expect(errors.first?.keyPath == path)
            #expect(errors.first?.message == refusal.message)
            #expect(errors.first?.hint == refusal.hint)
        }
    }

    @Test func `what the bridge file allows passes, and so does all behind a proxy`() {
        let loopback = report(
            subscription: "http://127.1:8080/hook", network: "network: { allow: [loopback] }")
        #expect(!loopback.hasErrors, "\(loopback.text())")
        let named = report(
            source: "http://localhost:9000", network: "network: { allow: [\"localhost:9000\"] }")
        #expect(!named.hasErrors, "\(named.text())")
        let proxied = report(
            source: "http://10.0.0.1", network: "network: { proxy: \"http://p.example:3128\" }")
        #expect(!proxied.hasErrors, "\(proxied.text())")
    }
}
