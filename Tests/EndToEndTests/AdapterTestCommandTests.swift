import Foundation
import Glibc
import PullcordTestSupport
import Testing

/// `pullcord adapter test` and `record` as an author types them.
@Suite
struct AdapterTestCommandTests {
    private static let adapter = """
        adapter: shop
        params: { server: { required: true }, key: { type: secret } }
        base_url: "${params.server}"
        auth: { bearer: "${params.key}" }
        streams: { orders: { request: /orders, key: .id } }
        """

    private static func folder(events: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        _ = try folder.write(adapter, to: "shop.yaml")
        _ = try folder.write(
            """
            adapter: shop
            with: { server: "https://shop.example", key: secret }
            cases:
              - case: an order is told
                source: { first: emit }
                polls:
                  # Only one.
                  - exchanges: [{ get: /orders, answer: { json: [{ id: 7 }] } }]
                    events: \(events)
            """, to: "shop.test.yaml")
        return folder
    }

    @Test func `a good file is a line, a bad one an account and status 1`() async throws {
        let good = try Self.folder(events: "[{ created: 7 }]")
        let passed = try await PullcordProcess.run("adapter", "test", good.url.path)
        #expect(passed.status == 0)
        #expect(passed.text.contains("shop.test.yaml  1 passed"), "\(passed.text)")

        let bad = try Self.folder(events: "[{ created: 8 }]")
        let report = bad.url.appending(path: "junit.xml").path
        let failed = try await PullcordProcess.run(
            "adapter", "test", "--junit", report, bad.url.path)
        #expect(failed.status == 1)
        #expect(failed.text.contains("expected  created 8"), "\(failed.text)")
        #expect(failed.text.contains("found     created 7"), "\(failed.text)")
        #expect(try String(contentsOfFile: report, encoding: .utf8).contains("failures=\"1\""))
    }

    @Test func `expectations are rewritten by --yes, and by nobody without a terminal`()
        async throws
    {
        let folder = try Self.folder(events: "[]")
        let file = folder.url.appending(path: "shop.test.yaml")
        let before = try String(contentsOf: file, encoding: .utf8)
        let refused = try await PullcordProcess.run("adapter", "test", "--update", file.path)
        #expect(refused.status == 1)
        #expect(refused.text.contains("no terminal"), "\(refused.text)")
        #expect(try String(contentsOf: file, encoding: .utf8) == before)

        let written = try await PullcordProcess.run(
            "adapter", "test", "--update", "--yes", file.path)
        #expect(written.status == 0, "\(written.text)")
        #expect(written.text.contains("events: [{ created: \"7\", origin: backfill }]"))
        let after = try String(contentsOf: file, encoding: .utf8)
        #expect(
            after
                == before.replacing(
                    "events: []", with: "events: [{ created: \"7\", origin: backfill }]"))
    }

    @Test func `a source is recorded without its secrets, and its test passes`() async throws {
        let server = try ScriptedServer { request in
            guard request.header("authorization") == "Bearer sk_live_0815" else {
                return .reply(status: 401, text: "{}")
            }
            return .reply(
                headers: [("Content-Type", "application/json")],
                text: #"[{"id":1,"by":"ann@corp.example","token":"sk_live_0815"}]"#)
        }
        let folder = try TemporaryFolder()
        _ = try folder.write(Self.adapter, to: "shop.yaml")
        let bridge = try folder.write(
            """
            network: { allow: [loopback] }
            sources:
              - { name: shop, adapter: shop, every: 60s, with: { server: "\(server.url(""))", key: "${env.KEY}" } }
            subscriptions: []
            """, to: "pullcord.yaml")
        let recorded = try await PullcordProcess.run(
            "adapter", "record", "shop", "-c", bridge, "--mask", ".by",
            environment: ["KEY": "sk_live_0815"])
        #expect(recorded.status == 0, "\(recorded.text)")
        let file = folder.url.appending(path: "tests/shop.yaml").path
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(!text.contains("sk_live") && !text.contains("corp.example"), "\(text)")
        #expect(!recorded.text.contains("sk_live"), "\(recorded.text)")
        let passed = try await PullcordProcess.run("adapter", "test", folder.url.path)
        #expect(passed.status == 0, "\(passed.text)")

        let again = try await PullcordProcess.run(
            "adapter", "record", "shop", "-c", bridge, environment: ["KEY": "sk_live_0815"])
        #expect(again.status == 1)
        #expect(again.text.contains("there is such a file already"), "\(again.text)")
        server.stop()
    }

    @Test(arguments: ["shop.yaml", "./shop.yaml", "."])
    func `tests are found from within their folder`(path: String) async throws {
        let folder = try Self.folder(events: "[{ created: 7 }]")
        let tests = folder.url.appending(path: "tests")
        try FileManager.default.createDirectory(at: tests, withIntermediateDirectories: true)
        try FileManager.default.moveItem(
            at: folder.url.appending(path: "shop.test.yaml"), to: tests.appending(path: "shop.yaml")
        )
        let log = folder.url.appending(path: "out").path
        let process = try ChildProcess(
            PullcordProcess.binary.path, ["adapter", "test", path], directory: tests.path,
            output: .file(log))
        let status = await process.status()
        let text = try String(contentsOfFile: log, encoding: .utf8)
        #expect(status == 0, "\(text)")
        #expect(text.contains("../tests/shop.yaml  1 passed"), "\(text)")
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `nothing is left behind when it is told to end`(signal: Int32) async throws {
        let asked = AsyncStream.makeStream(of: Void.self)
        let server = try ScriptedServer { _ in
            asked.continuation.yield()
            return .reply(headers: [("Content-Type", "application/json")], text: "[]")
        }
        let folder = try TemporaryFolder()
        let adapter = try folder.write(
            Self.adapter.replacing("        auth: { bearer: \"${params.key}\" }\n", with: ""),
            to: "shop.yaml")
        let process = try PullcordProcess(
            [
                "adapter", "record", adapter, "--with", "server=\(server.url(""))", "--allow",
                "loopback", "--polls", "2", "--wait", "3600",
            ], log: folder.url.appending(path: "log"))
        for await _ in asked.stream { break }
        process.signal(signal)
        #expect(await process.status() == 128 + signal)
        let left = ["/dev/shm", FileManager.default.temporaryDirectory.path].flatMap { parent in
            (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        }.filter { $0.hasPrefix("pullcord-test-\(process.identifier)-") }
        #expect(left == [])
        server.stop()
    }

    @Test func `a question can be left by Ctrl-C`() async throws {
        let folder = try Self.folder(events: "[]")
        let log = folder.url.appending(path: "out").path
        // A terminal of its own; what is typed into it is Ctrl-C, once it is asked.
        let terminal = """
            import os, pty, sys
            process, end = pty.fork()
            if process == 0: os.execv(sys.argv[1], sys.argv[1:])
            text = b""
            while b"[y/N]" not in text: text += os.read(end, 4096)
            os.write(end, b"\\x03")
            print("ended by", os.WTERMSIG(os.waitpid(process, 0)[1]))
            """
        let process = try ChildProcess(
            "/usr/bin/python3",
            [
                "-c", terminal, PullcordProcess.binary.path, "adapter", "test", "--update",
                folder.url.path,
            ], output: .file(log))
        #expect(await process.status() == 0)
        #expect(try String(contentsOfFile: log, encoding: .utf8).contains("ended by 2"))
    }
}
