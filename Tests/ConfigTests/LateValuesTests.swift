import PullcordAdapter
import PullcordConfig
import PullcordModel
import Testing

/// Zones and sizes of pages that a source gives.
@Suite struct LateValuesTests {
    private func load(_ with: String) -> Result<Configuration, DiagnosticReport> {
        var fixture = Fixture()
        fixture.files = [
            "adapters/late.yaml": """
            adapter: late
            base_url: https://x.example
            params: { zone: { default: UTC }, n: { type: integer }, m: { default: "7" } }
            streams:
              s:
                request: { path: /x, query: { s: "${cursor}", n: "${page.size}", p: "${page.number}" } }
                pages: { number: 1, size: "${params.n}", total: { header: X-WP-Total } }
                key: .id
                cursor: { from: .u, format: "%d/%m/%Y %H:%M", sent: "%Y-%m-%d", zone: "${params.zone}" }
                reconcile: { at: 24h, pages: { number: 1, size: "${params.m}" } }
                deletes: { request: { path: /d, query: { s: "${cursor}" } }, key: .id, cursor: { from: .u, format: "%Y", zone: "${params.zone}" } }
            """,
            "bridge.yaml": """
            sources: [{ name: a, adapter: late, every: 1m, with: { \(with) } }]
            subscriptions: []
            """,
        ]
        return fixture.loader.load("bridge.yaml", environment: [:])
    }

    @Test func `a source says in which zone times are meant, and how large pages are`() throws {
        let stream = try load("zone: Europe/Berlin, n: 50").get().sources[0].streams[0]
        let berlin = { (text: String) in
            CursorFormat.Notation.pattern(TimePattern(text, zoneName: "Europe/Berlin"))
        }
        #expect(stream.cursor?.format.read == berlin("%d/%m/%Y %H:%M"))
        #expect(stream.cursor?.format.sent == berlin("%Y-%m-%d"))
        #expect(stream.changes.deletions?.cursor?.format.read == berlin("%Y"))
        #expect(stream.pages.size == 50)
        #expect(stream.pages.total == .header("X-WP-Total"))
        #expect(stream.changes.reconcile?.pages?.size == 7)
    }

    @Test func `without a value times are meant in UTC, and no size is sent`() throws {
        let stream = try load("").get().sources[0].streams[0]
        #expect(stream.cursor?.format.read == .pattern(TimePattern("%d/%m/%Y %H:%M")))
        #expect(stream.pages.size == nil)
    }

    @Test(
        arguments: [
            ("zone: Mars/Phobos", "zone", "is no zone"), ("n: 0", "n", "is no number from 1"),
            ("n: 99999999", "n", "is no number from 1"), ("m: many", "m", "is no number from 1"),
        ])
    func `a value that fits no such place is told of where it is given`(
        with: String, name: String, piece: String
    ) throws {
        guard case .failure(let report) = load(with) else {
            Issue.record("accepted")
            return
        }
        let error = try #require(report.errors.first)
        #expect(error.code == "parameter_type")
        #expect(error.keyPath == "sources[0].with.\(name)")
        #expect(error.place.file == "bridge.yaml")
        #expect(error.message.contains(piece))
    }

    @Test(
        arguments: [
            ("zone: { default: Mars/Phobos }", "size: 10", "zone", "Mars/Phobos"),
            ("zone: { allowed: [UTC, CET] }", "size: 10", "zone", "CET"),
            ("n: { default: many }", "size: '${params.n}'", "n", "many"),
            ("n: { type: integer, default: 0 }", "size: '${params.n}'", "n", "0"),
        ])
    func `a default that fits no such place is told of in the adapter`(
        parameter: String, size: String, name: String, found: String
    ) throws {
        let zone = name == "zone" ? "${params.zone}" : "UTC"
        let report = Wrong.report(
            "a.yaml",
            """
            adapter: a
            base_url: https://x.example
            params: { \(parameter) }
            streams:
              s:
                request: { path: /x, query: { s: "${cursor}", p: "${page.number}" } }
                pages: { number: 1, \(size) }
                key: .id
                cursor: { from: .u, format: "%Y", zone: "\(zone)" }
            """)
        let error = try #require(report.errors.first)
        #expect(report.errors.count == 1)
        #expect(error.code == "parameter_type")
        #expect(error.keyPath == "params.\(name)")
        #expect(error.found == found)
        #expect(error.place.line == 3)
    }
}
