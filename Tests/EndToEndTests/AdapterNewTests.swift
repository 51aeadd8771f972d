import Foundation
import PullcordTestSupport
import Testing

/// `pullcord adapter new` as an author types it.
@Suite
struct AdapterNewTests {
    /// An API with pages, validators, a clock in each record and a key.
    private static func shop() throws -> ScriptedServer {
        try ScriptedServer { request in
            guard request.header("X-Key") == "k3y-of-the-shop" else {
                return .reply(status: 401, text: "{}")
            }
            let page = (1...2).first { request.target.contains("page=\($0)&") } ?? 3
            let records = (page > 2 ? [] : [1, 2, 3]).map { number in
                #"{"id":\#(page * 10 + number),"updated_at":"2026-01-0\#(number)T00:00:00Z","n":1}"#
            }
            return .reply(
                headers: [
                    ("Content-Type", "application/json"), ("X-RateLimit-Remaining", "9"),
                    ("X-RateLimit-Reset", "1767323045"),
                ],
                text: #"{"orders":[\#(records.joined(separator: ","))],"page":\#(page),"total":6}"#)
        }
    }

    @Test func `a URL becomes an adapter that passes check and reads what is there`() async throws {
        let folder = try TemporaryFolder()
        let server = try Self.shop()
        defer { server.stop() }
        let file = folder.url.appending(path: "shop.yaml").path
        let answer = try await PullcordProcess.run(
            "adapter", "new", server.url("/api/v2/orders?page=1&per_page=3"), "--allow", "loopback",
            "--api-key", "X-Key:SHOP_KEY", "--since", "changed_after", "--name", "shop", "--output",
            file, environment: ["SHOP_KEY": "k3y-of-the-shop"])
        #expect(answer.status == 0, "\(answer.text)")
        for words in [
            "probes more", "written to \(file)", "pullcord adapter try",
        ] {
            #expect(answer.text.contains(words), "\(answer.text)")
        }
        let text = try String(contentsOfFile: file, encoding: .utf8)
        for words in [
            "records: .orders", "key: .id", "number: { start: 1 }", "sure, `page` counts pages",
            #"per_page: "${page.size}""#, #"changed_after: "${cursor}""#,
            "remaining: x-ratelimit-remaining",
            #"api_key: { header: X-Key, value: "${params.key}" }"#,
        ] { #expect(text.contains(words), "\(text)") }
        #expect(!(text + answer.text).contains("k3y-of-the-shop"))
        // The list, the same again, the next page, and page 0.
        #expect(server.requests.count == 4)
        let check = try await PullcordProcess.run("check", file)
        #expect(check.status == 0, "\(check.text)")

        _ = try folder.write(
            """
            store: sqlite:\(folder.url.appending(path: "p.db").path)
            network: { allow: [loopback] }
            sources: [{ name: shop, adapter: shop.yaml, every: 1m, first: emit, with: { key: "${env.SHOP_KEY}" } }]
            """, to: "pullcord.yaml")
        let poll = try await PullcordProcess.run(
            "poll", "shop", "--dry-run", "--config",
            folder.url.appending(path: "pullcord.yaml").path,
            environment: ["SHOP_KEY": "k3y-of-the-shop"])
        #expect(poll.status == 0, "\(poll.text)")
        #expect(poll.text.contains("orders.created"), "\(poll.text)")
    }

    @Test
    func `an adapter is written over with --force only, and told on standard output by a dash`()
        async throws
    {
        let folder = try TemporaryFolder()
        let server = try ScriptedServer { _ in .reply(text: "id;name\n1;a\n2;b\n") }
        defer { server.stop() }
        let file = try folder.write("adapter: mine", to: "mine.yaml")
        let base = ["adapter", "new", server.url("/parts"), "--allow", "loopback", "--no-probe"]
        let refused = try await PullcordProcess.runAll(base + ["--output", file])
        #expect(refused.status == 1)
        #expect(refused.text.contains("file_exists"))
        #expect(server.requests.isEmpty)
        let forced = try await PullcordProcess.runAll(base + ["--output", file, "--force"])
        #expect(forced.status == 0, "\(forced.text)")
        #expect(try String(contentsOfFile: file, encoding: .utf8).contains("csv"))
        let shown = try await PullcordProcess.runAll(base + ["--output", "-", "--name", "x"])
        #expect(shown.text.contains("adapter: x\n"), "\(shown.text)")
    }

    @Test(
        arguments: [
            (["http://127.0.0.1:9/x"], 1, "--allow loopback"), ([], 64, "Usage"),
            (["http://a.example/x", "--airbyte", "x"], 64, "one of them"),
            (["http://a.example/x", "--name", "A B"], 64, "a-b"),
            (["http://a.example/x", "--header", "x"], 1, "header_invalid"),
            (
                ["http://a.example/x", "--bearer", "PULLCORD_NOT_THERE"], 1,
                "export PULLCORD_NOT_THERE"
            ),
            (
                ["http://a.example/x", "--bearer", "eyJ.token/value"], 1,
                "takes the name of a variable"
            ),
            (["http://a.example/x", "--basic", "x"], 1, "credential_form"),
            (["--airbyte", "/nowhere.yaml"], 1, "there is no such file"),
            (["--openapi", "/nowhere.yaml"], 1, "there is no such file"),
        ] as [([String], Int32, String)])
    func `a wrong call is answered with what to do`(
        arguments: [String], status: Int32, words: String
    ) async throws {
        let answer = try await PullcordProcess.runAll(["adapter", "new"] + arguments)
        #expect(answer.status == status, "\(answer.text)")
        #expect(answer.text.contains(words), "\(answer.text)")
    }

    @Test func `a manifest is converted, and the status tells whether something was left out`()
        async throws
    {
        let folder = try TemporaryFolder()
        let manifest = { (paginator: String) in
            """
            type: DeclarativeSource
            streams:
              - type: DeclarativeStream
                name: orders
                primary_key: id
                retriever:
                  type: SimpleRetriever
                  requester: { type: HttpRequester, url_base: https://api.example.com, path: /orders }
                  record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [] } }
              - type: DeclarativeStream
                name: lines
                primary_key: id
                retriever:
                  type: SimpleRetriever
                  requester: { type: HttpRequester, url_base: https://api.example.com, path: /lines }
                  record_selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: [] } }
                  paginator: \(paginator)
            """
        }
        let whole = try folder.write(manifest("{ type: NoPagination }"), to: "whole.yaml")
        let file = folder.url.appending(path: "a.yaml").path
        let first = try await PullcordProcess.run(
            "adapter", "new", "--airbyte", whole, "--output", file)
        #expect(first.status == 0, "\(first.text)")
        #expect(first.text.contains("2 of 2 streams"))
        let part = try folder.write(
            manifest("{ type: CustomPaginator, class_name: a.B }"), to: "part.yaml")
        let report = folder.url.appending(path: "report.txt").path
        let second = try await PullcordProcess.run(
            "adapter", "new", "--airbyte", part, "--output", file, "--force", "--report", report)
        #expect(second.status == 3, "\(second.text)")
        let told = try String(contentsOfFile: report, encoding: .utf8)
        #expect(told.contains("\(part):17:18: left out: stream lines"), "\(told)")
        #expect(try await PullcordProcess.run("check", file).status == 0)
    }

    @Test func `collections of a description are listed, and written when they are chosen`()
        async throws
    {
        let folder = try TemporaryFolder()
        let api = try folder.write(
            """
            openapi: 3.0.0
            info: { title: Shop }
            servers: [{ url: https://api.example.com }]
            paths:
              /orders: { get: { responses: { "200": { content: { application/json: { schema: { type: array, items: { type: object, properties: { id: { type: integer } } } } } } } } } }
            """, to: "api.yaml")
        let list = try await PullcordProcess.run("adapter", "new", "--openapi", api)
        #expect(list.status == 0, "\(list.text)")
        #expect(list.text.contains("GET /orders"))
        let file = folder.url.appending(path: "shop.yaml").path
        let written = try await PullcordProcess.run(
            "adapter", "new", "--openapi", api, "--stream", "orders", "--output", file)
        #expect(written.status == 0, "\(written.text)")
        #expect(try await PullcordProcess.run("check", file).status == 0)
    }
}
