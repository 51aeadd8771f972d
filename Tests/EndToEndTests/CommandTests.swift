import Foundation
import Glibc
import PullcordJSON
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import Synchronization
import Testing

/// The commands as a user types them.
@Suite
struct CommandTests {
    private static let adapter = """
        adapter: shop
        params: { server: { type: string, required: true }, key: { type: secret } }
        base_url: "${params.server}"
        auth: { bearer: "${params.key}" }
        streams:
          orders: { request: /orders, key: .id, first: emit, keep: record }
        """

    private static func bridge(_ folder: TemporaryFolder, _ server: ScriptedServer) throws -> String
    {
        _ = try folder.write(adapter, to: "shop.yaml")
        return try folder.write(
            """
            network: { allow: [loopback] }
            sources:
              - { name: shop, adapter: shop.yaml, every: 1s,
                  with: { server: "\(server.url(""))", key: "${env.SHOP_KEY}" } }
            subscriptions:
              - { name: nobody, url: "http://127.0.0.1:59999/", secret: "${env.SECRET}" }
            """, to: "pullcord.yaml")
    }

    private static let environment = [
        "SHOP_KEY": "sk_live_0123456789", "SECRET": SigningSecret.generate().text.expose(),
    ]

    private static func shop() throws -> ScriptedServer {
        try ScriptedServer { _ in
            .reply(
                headers: [("Content-Type", "application/json"), ("ETag", "\"1\"")],
                text: #"[{"id":1,"total":9007199254740993.10},{"id":2}]"#)
        }
    }

    @Test func `check lists every mistake with its place and ends with status 1`() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            """
            adapter: shop
            base_url: https://shop.example.com
            streams:
              orders:
                request: /orders
                kye: .id
                records: ".items | foo(1)"
            """, to: "shop.yaml")
        let answer = try await PullcordProcess.run("check", file)
        #expect(answer.status == 1)
        #expect(answer.text.contains("\(file):6:5: error"))
        #expect(answer.text.contains("did you mean: key"))
        #expect(answer.text.contains("\(file):7:24: error"))
        let same = try await PullcordProcess.run("check", "--config", file)
        #expect(same.status == 1 && same.text == answer.text)
        let json = try await PullcordProcess.run("check", "--json", file)
        guard case .array(let complaints) = try JSONValue(parsing: json.text) else {
            Issue.record("no array: \(json.text)")
            return
        }
        #expect(complaints.count >= 2)
    }

    @Test func `a dry run shows what it asks and finds, keeps nothing and tells no secret`()
        async throws
    {
        let folder = try TemporaryFolder()
        let server = try Self.shop()
        defer { server.stop() }
        let bridge = try Self.bridge(folder, server)
        let answer = try await PullcordProcess.run(
            "poll", "shop", "--dry-run", "--config", bridge, environment: Self.environment)
        #expect(answer.status == 0)
        #expect(answer.text.contains("→ GET \(server.url("/orders"))"))
        #expect(answer.text.contains("orders.created"))
        #expect(!answer.text.contains("sk_live_0123456789"))
        #expect(server.requests.first?.header("Authorization") == "Bearer sk_live_0123456789")
        let store = folder.url.appending(path: "pullcord.db").path
        #expect(!FileManager.default.fileExists(atPath: store))
    }

    @Test func `requests go through a proxy where the bridge file names one, and only there`()
        async throws
    {
        let folder = try TemporaryFolder()
        let proxy = try ScriptedServer { _ in .reply(text: #"[{"id":1}]"#) }
        defer { proxy.stop() }
        _ = try folder.write(Self.adapter, to: "shop.yaml")
        let source = #"""
            sources:
              - { name: shop, adapter: shop.yaml, every: 1s, with: { server: "http://shop.invalid" } }
            """#
        let without = try folder.write(
            "network: { allow: [loopback] }\n\(source)", to: "without.yaml")
        let ambient = try await PullcordProcess.run(
            "poll", "shop", "--dry-run", "--config", without,
            environment: ["http_proxy": proxy.url(""), "HTTP_PROXY": proxy.url("")])
        #expect(ambient.status == 1)
        #expect(proxy.requests.isEmpty)
        let with = try folder.write(
            "network: { allow: [loopback], proxy: \"${env.PROXY}\" }\n\(source)", to: "with.yaml")
        let answer = try await PullcordProcess.run(
            "poll", "shop", "--dry-run", "--config", with,
            environment: ["PROXY": proxy.url("")])
        #expect(answer.status == 0, "\(answer.text)")
        #expect(proxy.requests.map(\.target) == ["http://shop.invalid/orders"])
    }

    @Test func `what a poll found can be read afterwards, digit for digit`() async throws {
        let folder = try TemporaryFolder()
        let server = try Self.shop()
        defer { server.stop() }
        let bridge = try Self.bridge(folder, server)
        let poll = try await PullcordProcess.run(
            "poll", "shop", "--config", bridge, environment: Self.environment)
        #expect(poll.status == 0)
        // Looking needs no secrets, so it needs no environment.
        let events = try await PullcordProcess.run("events", "--json", "--config", bridge)
        #expect(events.text.split(separator: "\n").count == 2)
        #expect(events.text.contains("9007199254740993.10"))
        let deliveries = try await PullcordProcess.run("deliveries", "--json", "--config", bridge)
        #expect(deliveries.text.split(separator: "\n").count == 2)
        let status = try JSONValue(
            parsing: try await PullcordProcess.run("status", "--json", "--config", bridge).text)
        guard case .array(let subscriptions) = status["subscriptions"] else {
            Issue.record("no subscriptions: \(status)")
            return
        }
        #expect(subscriptions.map { $0.text("backlog") } == ["2"])
    }

    @Test func `diff tells a change member by member, and explain where it came from`()
        async throws
    {
        let folder = try TemporaryFolder()
        let value = Mutex(1)
        let server = try ScriptedServer { _ in
            let state = value.withLock { $0 } == 1 ? "open" : "closed"
            return .reply(
                headers: [("Content-Type", "application/json")],
                text: #"[{"id":1,"state":"\#(state)","n":{"a":1.50}}]"#)
        }
        defer { server.stop() }
        let bridge = try Self.bridge(folder, server)
        let poll = {
            try await PullcordProcess.run(
                "poll", "shop", "--config", bridge, environment: Self.environment)
        }
        let diff = { (more: [String]) in
            try await PullcordProcess.runAll(["diff", "shop", "1", "--config", bridge] + more)
        }
        #expect(try await diff([]).status == 1)
        #expect(try await poll().status == 0)
        #expect(try await diff([]).text.contains("no change of a record") == false)
        value.withLock { $0 = 2 }
        #expect(try await poll().status == 0)
        let told = try await diff([]).text
        #expect(told.contains(#"~ /state  "open" → "closed""#), "\(told)")
        #expect(!told.contains("/n"))
        let all = try await diff(["--versions", "9"]).text
        #expect(all.contains(#"+ /n"#) && all.contains(#"{"a":1.50}"#), "\(all)")
        let lines = try await diff(["--json"]).text.split(separator: "\n")
        let change = try JSONValue(parsing: String(try #require(lines.first)))
        guard case .array(let parts) = change["changes"], let id = change["event"] else {
            Issue.record("no changes: \(lines)")
            return
        }
        #expect(parts.map { $0.text("path") } == ["/state"])
        guard case .string(let event) = id else { return }
        let known = try await PullcordProcess.run(
            "explain", event, "--config", bridge, environment: Self.environment)
        for words in [
            "ended with `changed`", "1: \(server.url("/orders")), answered 200, 1 record",
            "(version 1) with ", "what means something in the record has changed",
            "nobody: waiting",
        ] {
            #expect(known.text.contains(words), "\(known.text)")
        }
        // Without the secrets of the bridge file, all else is told.
        let bare = try await PullcordProcess.run("explain", event, "--json", "--config", bridge)
        #expect(try JSONValue(parsing: bare.text)["page"]?.text("number") == "1")
        #expect(try await PullcordProcess.run("explain", "evt_x", "--config", bridge).status == 1)
    }

    @Test func `a second daemon is told who owns the store, and SIGTERM ends the first well`()
        async throws
    {
        let folder = try TemporaryFolder()
        let server = try Self.shop()
        defer { server.stop() }
        let bridge = try Self.bridge(folder, server)
        let log = folder.url.appending(path: "log")
        let first = try PullcordProcess(
            ["run", "--config", bridge], log: log, environment: Self.environment)
        await server.waitForRequests(1)
        let second = try await PullcordProcess.run(
            "run", "--config", bridge, environment: Self.environment)
        #expect(second.status == 75)
        #expect(second.text.contains("owned by process \(first.identifier)"))
        first.signal(SIGTERM)
        #expect(await first.status() == 0)
        let text = try String(contentsOf: log, encoding: .utf8)
        #expect(text.contains("NOTICE stopped"))
        #expect(!text.contains("sk_live_0123456789"))
    }

    @Test(arguments: [
        ["nonsense"], ["poll"], ["events", "--kind", "moved"], ["listen"],
        ["listen", "--public-key", "x"],
    ])
    func `a wrong call is answered with the right one`(arguments: [String]) async throws {
        let folder = try TemporaryFolder()
        let log = folder.url.appending(path: "log")
        let status = try await PullcordProcess(arguments, log: log).status()
        #expect(status == 64)
        let text = try String(contentsOf: log, encoding: .utf8)
        #expect(text.contains("Usage: pullcord"))
    }

    @Test(arguments: [
        (["statsu"], "did you mean `pullcord status`?"),
        (["adapter", "tst"], "did you mean `pullcord adapter test`?"),
    ])
    func `a command that is mistyped is answered with the nearest`(
        arguments: [String], words: String
    ) async throws {
        let folder = try TemporaryFolder()
        let log = folder.url.appending(path: "log")
        #expect(try await PullcordProcess(arguments, log: log).status() == 64)
        let text = try String(contentsOf: log, encoding: .utf8)
        #expect(text.contains(words), "\(text)")
    }

    @Test func `secret makes a pair of Ed25519 keys that belong together`() async throws {
        let folder = try TemporaryFolder()
        let log = folder.url.appending(path: "log")
        #expect(try await PullcordProcess(["secret", "--ed25519"], log: log).status() == 0)
        let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 2)
        let key = try Ed25519Key(parsing: Secret(String(try #require(lines.first))))
        #expect(key.publicKey.text == String(try #require(lines.last)))
    }

    @Test func `a source that is not there is answered with those that are`() async throws {
        let folder = try TemporaryFolder()
        let server = try Self.shop()
        defer { server.stop() }
        let bridge = try Self.bridge(folder, server)
        let answer = try await PullcordProcess.run(
            "poll", "shp", "--config", bridge, environment: Self.environment)
        #expect(answer.status == 1)
        #expect(answer.text.contains("shop/orders"))
    }
}
