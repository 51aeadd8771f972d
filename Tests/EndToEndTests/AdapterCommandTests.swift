import Foundation
import PullcordJSON
import PullcordModel
import PullcordTestSupport
import Testing

/// The commands around one adapter, as an author types them.
@Suite
struct AdapterCommandTests {
    private static let secret = "s3cr3t'tok en"

    private static let adapter = """
        adapter: shop
        summary: Orders of a shop
        params:
          server: { required: true, summary: "Where it listens" }
          key: { type: secret, required: true }
        base_url: "${params.server}"
        auth: { bearer: "${params.key}" }
        limits: { remaining: x-left, reset: { header: x-reset, as: seconds } }
        answers: [{ when: .ok == false, then: fail, message: .error }]
        streams:
          orders:
            request: { path: /orders, query: { since: "${cursor}", page: "${page.number}", sort: updated } }
            pages: { number: 1, stop: short, size: 2 }
            key: .id
            cursor: { from: .updated, format: integer, overlap: 1 }
          found:
            request: { method: POST, path: /search, body: { q: "it's ${params.key}" } }
            records: .hits
            key: .id
            detail: { request: "/orders/${record.id}" }
          broken: { request: /broken, key: .id }
        """

    private static func server() throws -> ScriptedServer {
        try ScriptedServer { request in
            let headers = [
                ("Content-Type", "application/json"), ("ETag", "\"7\""), ("X-Left", "41"),
                ("X-Reset", "90"),
            ]
            let text =
                switch request.target.prefix(while: { $0 != "?" }) {
                case "/orders":
                    #"[{"id":1,"updated":10,"total":"5"},{"id":2,"updated":20,"total":"6"}]"#
                case "/search": #"{"hits":[{"id":1},{"id":2},{"id":3},{"id":4},{"id":5}]}"#
                case "/broken": #"{"ok":false,"error":"nobody home"}"#
                default: #"{"id":1,"total":"5"}"#
                }
            return .reply(headers: headers, text: text)
        }
    }

    private static func run(
        _ folder: TemporaryFolder, _ server: ScriptedServer, _ arguments: String...,
        environment: [String: String] = ["SHOP_KEY": secret]
    ) async throws -> (status: Int32, text: String) {
        let file = try folder.write(adapter, to: "shop.yaml")
        return try await PullcordProcess.runAll(
            [
                "adapter", "try", file, "--with", "server=\(server.url(""))", "--with",
                "key=@env:SHOP_KEY", "--allow", "loopback",
            ] + arguments, environment: environment)
    }

    @Test func `try shows requests as curl, records, limits and the next poll, and no secret`()
        async throws
    {
        let folder = try TemporaryFolder()
        let server = try Self.server()
        defer { server.stop() }
        let answer = try await Self.run(folder, server, "--stream", "orders")
        #expect(answer.status == 0, "\(answer.text)")
        #expect(answer.text.contains("curl '\(server.url("/orders"))?page=1&sort=updated'"))
        #expect(answer.text.contains("?page=2&sort=updated'"))
        #expect(!answer.text.contains("?page=3"))
        #expect(answer.text.contains("there are more pages"))
        #expect(answer.text.contains(#"-H 'Authorization: Bearer '"$SHOP_KEY""#))
        #expect(answer.text.contains("2 records"))
        #expect(answer.text.contains("limits: 41 left, more in 90s"))
        #expect(answer.text.contains("validators: ETag: \"7\""))
        let next = try #require(answer.text.components(separatedBy: "second poll would ask:").last)
        #expect(next.contains("since=19&page=1"))
        #expect(!answer.text.contains(Self.secret))
        #expect(
            server.requests.allSatisfy { $0.header("Authorization") == "Bearer \(Self.secret)" })
        // Nothing was asked for the second poll.
        #expect(server.requests.count == 2)
    }

    @Test func `a curl command that is shown does what the request did`() async throws {
        let folder = try TemporaryFolder()
        let server = try Self.server()
        defer { server.stop() }
        let answer = try await Self.run(folder, server, "--stream", "found", "--json")
        let first = try #require(answer.text.split(separator: "\n").first)
        let value = try JSONValue(parsing: String(first))
        guard case .object(let members) = value,
            case .array(let requests)? = members.first(where: { $0.key == "requests" })?.value,
            case .object(let request)? = requests.first,
            case .string(let curl)? = request.first(where: { $0.key == "curl" })?.value
        else {
            Issue.record("no curl: \(answer.text)")
            return
        }
        let sent = try #require(server.requests.first)
        let shell = try ChildProcess(
            "/bin/sh", ["-c", curl],
            environment: ["PATH": "/usr/bin:/bin", "SHOP_KEY": Self.secret],
            output: .file(folder.url.appending(path: "curl.out").path))
        #expect(await shell.status() == 0)
        let pasted = try #require(server.requests.last)
        #expect(pasted.method == sent.method)
        #expect(pasted.target == sent.target)
        #expect(pasted.body == sent.body)
        #expect(pasted.header("Authorization") == sent.header("Authorization"))
        #expect(pasted.header("Content-Type") == sent.header("Content-Type"))
    }

    @Test func `of details a few are asked for`() async throws {
        let folder = try TemporaryFolder()
        let server = try Self.server()
        defer { server.stop() }
        let answer = try await Self.run(folder, server, "--stream", "found")
        #expect(answer.status == 0, "\(answer.text)")
        #expect(
            server.requests.map(\.target) == ["/search", "/orders/1", "/orders/2", "/orders/3"])
        #expect(answer.text.contains("stream found.list"))
    }

    @Test func `a rule that decides is named, and a failed poll has status 1`() async throws {
        let folder = try TemporaryFolder()
        let server = try Self.server()
        defer { server.stop() }
        let answer = try await Self.run(folder, server, "--stream", "broken")
        #expect(answer.status == 1)
        #expect(answer.text.contains("decided by answers[0]: fail"))
        #expect(answer.text.contains("nobody home"))
    }

    @Test func `a poll begins where it is told to`() async throws {
        let folder = try TemporaryFolder()
        let server = try Self.server()
        defer { server.stop() }
        let answer = try await Self.run(
            folder, server, "--stream", "orders", "--from-cursor", "15", "--pages", "1")
        #expect(answer.status == 0, "\(answer.text)")
        #expect(server.requests.map(\.target) == ["/orders?since=14&page=1&sort=updated"])
        let none = try await Self.run(folder, server, "--stream", "broken", "--from-cursor", "15")
        #expect(none.text.contains("[no_cursor]"))
        let wrong = try await Self.run(folder, server, "--stream", "orders", "--from-cursor", "x")
        #expect(wrong.text.contains("[cursor_invalid]"))
    }

    @Test func `what is missing or wrong is told without a request`() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(Self.adapter, to: "shop.yaml")
        let missing = try await PullcordProcess.run(
            "adapter", "try", file, "--with", "server=http://127.0.0.1:1")
        #expect(missing.status == 1)
        #expect(missing.text.contains("needs the parameter `key`"))
        #expect(missing.text.contains("--with NAME=@env:VARIABLE"))
        let unknown = try await PullcordProcess.run("adapter", "try", file, "--with", "kee=1")
        #expect(unknown.text.contains("did you mean: key"))
        let refused = try await PullcordProcess.run(
            "adapter", "try", file, "--with", "server=http://127.0.0.1:1", "--with",
            "key=abcd", "--stream", "broken")
        #expect(refused.status == 1)
        #expect(refused.text.contains("--allow"))
        let nowhere = try await PullcordProcess.run(
            "adapter", "try", "nowhere", "--folder", folder.url.path)
        #expect(nowhere.text.contains("[adapter_unknown]"))
    }

    @Test func `lint tells the reason and the place in the guide`() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            """
            adapter: a
            base_url: https://x.example
            streams:
              things: { request: { path: /x, query: { limit: 100 } }, key: .id }
            """, to: "a.yaml")
        let answer = try await PullcordProcess.run("adapter", "lint", folder.url.path)
        #expect(answer.status == 0)
        #expect(answer.text.contains("\(file):4:"))
        #expect(answer.text.contains("why: The request asks for so many records"))
        #expect(answer.text.contains("guide: adapters/README.md#list_cut"))
        #expect(answer.text.contains("1 warning"))
        let json = try await PullcordProcess.run("adapter", "lint", "--json", file)
        guard case .array(let complaints) = try JSONValue(parsing: json.text),
            case .object(let members)? = complaints.first
        else {
            Issue.record("no array: \(json.text)")
            return
        }
        #expect(members.contains { $0.key == "reason" })
        #expect(
            members.contains {
                $0.key == "guide" && $0.value == .string("adapters/README.md#list_cut")
            })
        let wrong = try folder.write("adapter: b\nstreems: {}\n", to: "b.yaml")
        #expect(try await PullcordProcess.run("adapter", "lint", wrong).status == 1)
    }

    @Test func `explain says what an adapter will do, and asks nobody`() async throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(Self.adapter, to: "shop.yaml")
        let answer = try await PullcordProcess.run(
            "adapter", "explain", "shop", "--folder", folder.url.path, "--with",
            "server=https://shop.example.com", "--with", "key=\(Self.secret)")
        #expect(answer.status == 0)
        #expect(answer.text.contains("GET https://shop.example.com/orders?page=1&sort=updated"))
        #expect(answer.text.contains("stream orders"))
        #expect(!answer.text.contains(Self.secret))
        let json = try await PullcordProcess.run(
            "adapter", "explain", "shop", "--json", "--folder", folder.url.path)
        #expect(throws: Never.self) { try JSONValue(parsing: json.text) }
    }

    @Test func `a pack is made, listed, shown, used, and refused when it has changed`() async throws
    {
        let folder = try TemporaryFolder()
        let source = folder.url.appending(path: "acme")
        try FileManager.default.createDirectory(at: source, withIntermediateDirectories: true)
        _ = try folder.write(
            "adapter: base\nbase_url: https://shop.example.com\nstreams: { s: { request: /s, key: .id } }\n",
            to: "acme/base.yaml")
        _ = try folder.write(
            "adapter: orders\nsummary: Orders\nextends: base\nstreams: { orders: { request: /o, key: .id } }\n",
            to: "acme/orders.yaml")
        try FileManager.default.createDirectory(
            at: source.appending(path: "tests"), withIntermediateDirectories: true)
        _ = try folder.write("adapter: orders\ncases: []\n", to: "acme/tests/orders.yaml")
        let archive = folder.url.appending(path: "acme.tar.gz").path
        let made = try await PullcordProcess.run("adapter", "pack", source.path, "-o", archive)
        #expect(made.status == 0, "\(made.text)")
        let lines = made.text.split(separator: "\n").drop { !$0.hasPrefix("adapters:") }
        let bridge = try folder.write(
            lines.joined(separator: "\n") + """

                sources: [{ name: shop, adapter: orders, every: 1m }]
                subscriptions: [{ name: n, url: "https://n.example.com", secret: whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8= }]
                """, to: "pullcord.yaml")
        let check = try await PullcordProcess.run("check", bridge)
        #expect(check.status == 0, "\(check.text)")
        let list = try await PullcordProcess.run("adapters", "--config", bridge)
        #expect(list.text.contains("orders"))
        #expect(list.text.contains("acme.tar.gz"))
        let json = try await PullcordProcess.run("adapters", "--config", bridge, "--json")
        #expect(json.text.contains(#""packed":true"#))
        let shown = try await PullcordProcess.run("adapter", "show", "orders", "--config", bridge)
        #expect(shown.text.hasPrefix("adapter: orders\n"))
        let again = try await PullcordProcess.run("adapter", "pack", source.path, "-o", archive)
        #expect(again.text == made.text)
        var bytes = try #require(FileManager.default.contents(atPath: archive))
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: URL(filePath: archive))
        let changed = try await PullcordProcess.run("check", bridge)
        #expect(changed.status == 1)
        #expect(changed.text.contains("its SHA-256 is"))
        #expect(changed.text.contains("\(bridge):2:"))
    }

    @Test func `a pack with a mistake is not written`() async throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("adapter: a\nstreems: {}\n", to: "a.yaml")
        let archive = folder.url.appending(path: "out.tar.gz").path
        let answer = try await PullcordProcess.run(
            "adapter", "pack", folder.url.path, "-o", archive)
        #expect(answer.status == 1)
        #expect(answer.text.contains("did you mean: streams"))
        #expect(!FileManager.default.fileExists(atPath: archive))
    }
}
