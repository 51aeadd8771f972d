import Foundation
import PullcordAuthoring
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordTestSupport
import PullcordTransfer
import Synchronization
import Testing

/// Test files that are made of what a real server has answered.
@Suite
struct RecordingTests {
    /// Records one source over a real network, and gives the text of the test.
    static func record(
        _ adapter: String, parameters: String, polls: Int = 1,
        choices change: (inout RecordedTest.Choices) -> Void = { _ in }
    ) async throws -> (bench: Bench, text: String) {
        let bench = try Bench([
            "shop.yaml": adapter,
            "pullcord.yaml": """
            network: { allow: [loopback] }
            sources: [{ name: shop, adapter: shop, every: 60s, with: \(parameters) }]
            subscriptions: []
            """,
        ])
        let loader = Loader(checkers: .native, files: Bench.files)
        let configuration: Configuration
        switch loader.load("\(bench.folder)/pullcord.yaml", environment: [:]) {
        case .success(let loaded): configuration = loaded
        case .failure(let report): throw report
        }
        let engine = try TransferEngine(
            policy: AddressPolicy(allow: [try AllowEntry(parsing: "loopback")]))
        let recording = try await LiveRecording(configuration, over: engine, clock: SystemTime())
            .run(
                polls: polls, wait: .milliseconds(1), store: "\(bench.folder)/stores/live.db",
                observe: { _, _ in })
        await engine.shutdown()
        var choices = RecordedTest.Choices()
        choices.adapter = "shop"
        change(&choices)
        let path = "\(bench.folder)/tests/shop.yaml"
        let text = try await RecordedTest(configuration, recording, choices).text { text in
            let files = FileAccess(
                read: { $0 == path ? .bytes(Array(text.utf8)) : Bench.files.read($0) },
                list: Bench.files.list)
            return await bench.run.with(TestReader(checkers: .native, files: files)).run(path)
        }
        try bench.write(text, to: "tests/shop.yaml")
        #expect(try await bench.outcome("tests/shop.yaml").account == "")
        return (bench, text)
    }

    /// People of a server that wants a login; the second page is behind a link.
    private static func people() throws -> ScriptedServer {
        let polls = Mutex(0)
        return try ScriptedServer { request in
            if request.target == "/token" {
                return .reply(
                    headers: [("content-type", "application/json")],
                    text:
                        #"{"access_token":"live-token-4711","token_type":"Bearer","expires_in":3600}"#
                )
            }
            guard request.header("authorization") == "Bearer live-token-4711" else {
                return .reply(status: 401, text: "{}")
            }
            let host = request.header("host") ?? ""
            if request.target.contains("page=2") {
                return .reply(
                    headers: [("content-type", "application/json"), ("x-request-id", "noise")],
                    text:
                        #"{"people":[{"id":3,"email":"cy@corp.example","boss":"ann@corp.example"}]}"#
                )
            }
            let number = polls.withLock { polls in
                polls += 1
                return polls
            }
            let name = number == 1 ? "Ann" : "Anne"
            return .reply(
                headers: [
                    ("content-type", "application/json"),
                    ("link", "<http://\(host)/people?page=2&key=key-0815>; rel=\"next\""),
                ],
                text: #"{"people":[{"id":1,"name":"\#(name)","email":"ann@corp.example"},"#
                    + #"{"id":2,"email":"bob@corp.example","boss":"ann@corp.example"}]}"#)
        }
    }

    private static let adapter = """
        adapter: shop
        base_url: "${params.server}"
        params: { server: { required: true }, secret: secret, key: secret }
        auth:
          oauth2: { grant: client_credentials, token_url: "${params.server}/token", client_id: me, client_secret: "${params.secret}" }
        streams:
          people:
            request: { path: /people, query: { key: "${params.key}" } }
            pages: { link: next }
            records: .people
            key: .id
        """

    @Test func `what is secret is masked, the same everywhere`() async throws {
        let server = try Self.people()
        let (_, text) = try await Self.record(
            Self.adapter,
            parameters: "{ server: \"\(server.url(""))\", secret: hush-hush, key: key-0815 }",
            polls: 2
        ) {
            $0.masked = [".email", ".boss"]
        }
        for secret in ["live-token-4711", "hush-hush", "key-0815", "corp.example", "noise"] {
            #expect(!text.contains(secret), "\(secret) in \(text)")
        }
        #expect(text.contains("authorization: Bearer masked-token-1"), "\(text)")
        #expect(text.contains("key=masked-key"), "\(text)")
        // One value is one pseudonym, wherever it stands.
        let boss = try #require(text.firstMatch(of: /boss: "?([^" ,}]+)/)?.1)
        #expect(text.contains("email: \(boss)") || text.contains("email: \"\(boss)\""), "\(text)")
        #expect(text.contains(#"- updated: "1""#), "\(text)")
        server.stop()
    }

    @Test func `pages are cut, and the rest still fits together`() async throws {
        let server = try ScriptedServer { request in
            let after = request.target.contains("after=") ? 50 : 0
            guard after == 0 || request.target.contains("after=50") else {
                return .reply(headers: [("content-type", "application/json")], text: "[]")
            }
            let items = (after + 1...after + 50).map { "{\"id\":\($0),\"text\":\"number \($0)\"}" }
            return .reply(
                headers: [("content-type", "application/json")],
                text: "[\(items.joined(separator: ","))]")
        }
        let (_, text) = try await Self.record(
            """
            adapter: shop
            base_url: "${params.server}"
            params: { server: { required: true } }
            streams:
              orders:
                request: { path: /orders, query: { after: "${page.after}" } }
                pages: { keyset: .id, stop: empty }
                key: .id
            """, parameters: "{ server: \"\(server.url(""))\" }"
        ) { $0.keep = 2 }
        #expect(text.contains("number 1\"") || text.contains("number 1 "), "\(text)")
        #expect(!text.contains("number 2 ") && !text.contains("number 49"), "\(text)")
        #expect(text.contains("after=50"), "\(text)")
        server.stop()
    }

    @Test func `what is never the same twice is left open`() async throws {
        let server = try ScriptedServer { _ in
            .reply(headers: [("content-type", "text/csv")], text: "id,name\n1,Ann\n2,Bob\n")
        }
        let (_, text) = try await Self.record(
            """
            adapter: shop
            base_url: "${params.server}"
            params: { server: { required: true }, secret: secret }
            auth:
              hmac: { key: "${params.secret}", algorithm: sha256, encoding: hex, sign: "${request.nonce}", query: { sig: "${signature}", nonce: "${request.nonce}" } }
            streams:
              orders: { request: /orders, format: csv, key: .id }
            """, parameters: "{ server: \"\(server.url(""))\", secret: hush-hush }")
        #expect(text.contains("nonce=*"), "\(text)")
        #expect(text.contains("text: |"), "\(text)")
        server.stop()
    }

    /// Three people in a format that is not JSON; one address stands within another word too.
    private static let formats: [(format: String, records: String, type: String, body: String)] = [
        (
            "csv", ".", "text/csv",
            "id,email,name\n1,ann@corp.example,Ann\n2,bob@corp.example,\"Bob, \"\"B\"\"\"\n"
        ),
        (
            "ndjson", ".", "application/x-ndjson",
            #"{"id":1,"email":"ann@corp.example","name":"Ann"}"# + "\n\n"
                + #"{"id":2, "email":"bob@corp.example","name":"Bob, \"B\""}"# + "\n"
        ),
        (
            "{ xml: { lists: [people/person] } }", ".people.person", "application/xml",
            "<people><person><id>1</id><email>ann@corp.example</email><name>Ann</name></person>"
                + "<person><id>2</id><email>bob@corp.example</email>"
                + "<name>Bob, &quot;B&quot;</name></person></people>"
        ),
    ]

    static func table(_ format: String, _ records: String) -> String {
        """
        adapter: shop
        base_url: "${params.server}"
        params: { server: { required: true } }
        streams: { people: { request: /people, format: \(format), records: \(records), key: .id } }
        """
    }

    @Test(arguments: formats)
    func `members are masked in every format`(
        format: String, records: String, type: String, body: String
    ) async throws {
        let server = try ScriptedServer { _ in
            .reply(headers: [("content-type", type)], text: body)
        }
        let (_, text) = try await Self.record(
            Self.table(format, records), parameters: "{ server: \"\(server.url(""))\" }"
        ) { $0.masked = [".email", ".name"] }
        for secret in ["corp.example", "Ann", "Bob"] {
            #expect(!text.contains(secret), "\(secret) in \(text)")
        }
        #expect(text.contains("email-1@example.com") && text.contains("name-2"), "\(text)")
        server.stop()
    }

    @Test(arguments: [
        (".emial", "id,email\n1,ann@corp.example\n"), (".email[0]", "id,email\n1,a\n"),
        // Two letters are found in too many other words.
        (".email", "id,email\n1,bo\n"),
        (".email", "id,email\n1,Andr\u{e9}\n"),
    ])
    func `what cannot be masked is not written`(mask: String, body: String) async throws {
        let server = try ScriptedServer { _ in
            // The last one is not UTF-8, as its server says.
            let bytes = body.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
            return .reply(
                headers: [("content-type", "text/csv; charset=iso-8859-1")], body: bytes)
        }
        let problem = await #expect(throws: Problem.self) {
            _ = try await Self.record(
                Self.table("csv", "."), parameters: "{ server: \"\(server.url(""))\" }"
            ) { $0.masked = [mask] }
        }
        #expect(problem?.code == "record_mask")
        server.stop()
    }

    @Test(arguments: ["stop: short, total: .total", "total: .total", "total: { header: x-total }"])
    func `pages that say how many records there are can be cut`(ends: String) async throws {
        let server = try ScriptedServer { request in
            let number = request.target.split(separator: "=").last.flatMap { Int($0) } ?? 1
            let items = (0..<12).dropFirst((number - 1) * 5).prefix(5).map { "{\"id\":\($0)}" }
            return .reply(
                headers: [("content-type", "application/json"), ("x-total", "12")],
                text: "{\"total\":12,\"items\":[\(items.joined(separator: ","))]}")
        }
        let (_, text) = try await Self.record(
            """
            adapter: shop
            base_url: "${params.server}"
            params: { server: { required: true } }
            streams:
              orders:
                request: { path: /orders, query: { page: "${page.number}" } }
                pages: { number: 1, size: 5, \(ends) }
                records: .items
                key: .id
            """, parameters: "{ server: \"\(server.url(""))\" }"
        ) {
            $0.keep = 2
            $0.streams = nil
        }
        #expect(!text.contains("error:"), "\(text)")
        #expect(text.contains(ends.contains("header") ? "x-total: \"2\"" : "total: 2"), "\(text)")
        server.stop()
    }
}
