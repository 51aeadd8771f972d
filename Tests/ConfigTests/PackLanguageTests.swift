import PullcordAdapter
import PullcordConfig
import PullcordModel
import Testing

/// Archives among the `adapters` of a bridge file.
@Suite struct PackLanguageTests {
    /// What stands for an archive here: lines of `PATH=TEXT` behind a word.
    private static let opener = PackOpener(
        open: { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            guard text.hasPrefix("pack\n") else {
                return .failure(.init(code: "pack_gzip", message: "it is none", hint: "make one"))
            }
            var files: [String: [UInt8]] = [:]
            for line in text.split(separator: "\n").dropFirst() {
                let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
                files[parts[0]] = Array(parts[1].replacing("\\n", with: "\n").utf8)
            }
            return .success(files)
        },
        checksum: { String(repeating: "0", count: 60) + String($0.count + 1000) })

    private static let pack = """
        pack
        orders.yaml=adapter: orders\\nextends: base\\nstreams: { orders: { request: /orders, key: .id } }
        base.yaml=adapter: base\\nbase_url: https://shop.example.com
        deep/adapter.yaml=adapter: deep\\nextends: ../base.yaml\\nstreams: { s: { request: /s, key: .id } }
        """

    private static func sum(_ text: String) -> String {
        String(repeating: "0", count: 60) + String(text.utf8.count + 1000)
    }

    private static func loader(_ files: [String: String]) -> Loader {
        var checkers = Fixture.checkers
        checkers.packs = opener
        return Loader(
            checkers: checkers,
            files: FileAccess(
                read: { files[$0].map { .bytes(Array($0.utf8)) } ?? .missing }, list: { _ in [] }))
    }

    private static func bridge(_ adapters: String, adapter: String = "orders") -> String {
        """
        adapters: [\(adapters)]
        sources: [{ name: s, adapter: \(adapter), every: 1m }]
        subscriptions: [{ name: n, url: "https://n.example", secret: "\(Fixture.secret)" }]
        """
    }

    private static func report(
        _ adapters: String, adapter: String = "orders", pack: String = Self.pack
    ) -> DiagnosticReport {
        loader(["etc/bridge.yaml": bridge(adapters, adapter: adapter), "etc/packs/a.tar.gz": pack])
            .check(["etc/bridge.yaml"])
    }

    private static var entry: String { "{ archive: packs/a.tar.gz, sha256: \(sum(pack)) }" }

    @Test(arguments: ["orders", "deep"])
    func `an archive's adapters are found by name, with what they extend`(name: String) throws {
        let report = Self.report(Self.entry, adapter: name)
        #expect(!report.hasErrors, "\(report.text())")
        let files = [
            "etc/bridge.yaml": Self.bridge(Self.entry), "etc/packs/a.tar.gz": Self.pack,
        ]
        let loaded = try Self.loader(files).load("etc/bridge.yaml", environment: [:]).get()
        #expect(loaded.sources.first?.adapter.streams.first?.name.text == "orders")
        // Whatever the store adds to it.
        let more = loaded.with(sources: [], subscriptions: [])
        let list = { (packs: PackShelf) in
            packs.over(FileAccess(read: { _ in .missing }, list: { _ in [] }))
                .list("etc/packs/a.tar.gz")
        }
        #expect(!list(more.packs).isEmpty && list(more.packs) == list(loaded.packs))
        #expect(loaded.sources.first?.adapter.baseURL?.literalText == "https://shop.example.com")
    }

    @Test func `a wrong checksum is told at its place, with the right one`() throws {
        let wrong = "{ archive: packs/a.tar.gz, sha256: \(String(repeating: "f", count: 64)) }"
        let report = Self.report(wrong)
        let first = try #require(report.errors.first)
        #expect(first.code == "pack_checksum")
        #expect(first.place.line == 1)
        #expect(first.message.contains(Self.sum(Self.pack)))
        #expect(first.hint.contains(Self.sum(Self.pack)))
    }

    @Test(arguments: [
        ("packs/a.tar.gz", "pack_unchecked"), ("{ archive: packs/a.tar.gz }", "key_missing"),
        ("{ archive: packs/a.tar.gz, sha256: abc }", "checksum_invalid"),
        ("{ archive: 'https://x.example/a.tar.gz', sha256: abc }", "pack_url"),
        (
            "{ archive: packs/b.tar.gz, sha256: \(String(repeating: "0", count: 64)) }",
            "pack_unreadable"
        ),
        ("{ path: packs/a.tar.gz }", "key_unknown"),
    ])
    func `what is no archive with its checksum is refused`(entry: String, code: String) {
        #expect(Self.report(entry).errors.contains { $0.code == code })
    }

    @Test func `an archive that cannot be opened tells why`() throws {
        let entry = "{ archive: packs/a.tar.gz, sha256: \(Self.sum("nothing")) }"
        let first = try #require(Self.report(entry, pack: "nothing").errors.first)
        #expect(first.code == "pack_gzip")
        #expect(first.message.contains("it is none"))
        #expect(first.hint == "make one")
    }

    @Test(arguments: ["/etc/other.yaml", "../../other.yaml"])
    func `an adapter of an archive extends nothing outside of it`(path: String) throws {
        let pack = "pack\norders.yaml=adapter: orders\\nextends: \(path)"
        let entry = "{ archive: packs/a.tar.gz, sha256: \(Self.sum(pack)) }"
        let report = Self.report(entry, pack: pack)
        let codes = report.errors.map(\.code)
        #expect(codes.contains("extends_outside") || codes.contains("adapter_unknown"))
        #expect(report.errors.first?.place.file == "etc/packs/a.tar.gz/orders.yaml")
    }

    @Test func `complaints about an adapter of an archive name the archive and the file`() throws {
        let pack = "pack\norders.yaml=adapter: orders\\nstreams: { s: { request: /s, kee: .id } }"
        let entry = "{ archive: packs/a.tar.gz, sha256: \(Self.sum(pack)) }"
        let first = try #require(Self.report(entry, pack: pack).errors.first)
        #expect(first.place.file == "etc/packs/a.tar.gz/orders.yaml")
        #expect(first.place.line == 2)
    }

    @Test func `the catalogue lists folders and archives, the first of a name once`() throws {
        let files = [
            "etc/bridge.yaml": Self.bridge(Self.entry), "etc/packs/a.tar.gz": Self.pack,
        ]
        let catalogue = try Self.loader(files).catalogue(of: "etc/bridge.yaml").get()
        let entries = catalogue.entries()
        #expect(entries.map(\.name) == ["base", "deep", "orders"])
        #expect(entries.allSatisfy { $0.isPacked && $0.origin == "etc/packs/a.tar.gz" })
        let orders = try #require(catalogue.entry("orders"))
        #expect(catalogue.text(orders)?.starts(with: "adapter: orders\n".utf8) == true)
        #expect(try catalogue.adapter(orders).get().streams.count == 1)
    }
}
