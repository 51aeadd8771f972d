import Foundation
import Glibc
import PullcordJSON
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import Synchronization
import Testing

/// Sources that are programs, read by the real `pullcord`.
@Suite
struct ProgramSourceTests {
    /// A folder with a program, its adapter and a bridge file; `data` is what the program prints.
    private struct Workshop {
        let folder: TemporaryFolder
        let receiver: Receiver
        let bridge: String

        init(
            program: String, adapter: String = "exec: { command: [./export.py] }",
            stream: String = "{ key: .id }", with: String = "{}", every: String = "1s"
        ) throws {
            folder = try TemporaryFolder()
            receiver = try Receiver()
            // Another process writes it: a file that is open for writing cannot be run, and a child
            // that another test makes at this moment would have it open.
            let draft = try folder.write(program, to: "export.text")
            let file = folder.url.appending(path: "export.py").path
            try ChildProcess("/usr/bin/install", ["-m", "755", draft, file]).waitUntilEnd()
            _ = try folder.write(
                """
                adapter: export
                params: { token: { type: secret }, port: integer }
                \(adapter)
                streams: { things: \(stream) }
                """, to: "export.yaml")
            bridge = try folder.write(
                """
                store: sqlite:bridge.db
                network: { allow: [loopback] }
                programs: { allow: [export] }
                sources: [{ name: things, adapter: export, every: \(every), with: \(with) }]
                subscriptions:
                  - { name: receiver, url: "\(receiver.url)", secret: "${env.SECRET}" }
                """, to: "pullcord.yaml")
        }

        var environment: [String: String] {
            ["SECRET": receiver.secret.text.expose(), "TOKEN": "hunter2-hunter2"]
        }

        func data(_ lines: String...) throws {
            _ = try folder.write(lines.map { $0 + "\n" }.joined(), to: "data")
        }

        /// Polls once; the outcome with its events as `+1`, `~1`, `-1`.
        func poll(_ more: String...) async throws -> (outcome: String, reason: String) {
            let answer = try await PullcordProcess.runAll(
                ["poll", "things", "--json", "--config", bridge] + more, environment: environment)
            let line = answer.text.split(separator: "\n").last { $0.hasPrefix("{") }
            let value = try JSONValue(parsing: String(try #require(line, "\(answer.text)")))
            guard case .array(let changes)? = value["changes"] else { return ("?", answer.text) }
            let signs = ["created": "+", "updated": "~", "deleted": "-"]
            let found = changes.map { change -> String in
                let kind = change.text("type").split(separator: ".").last.map(String.init) ?? ""
                return (signs[kind] ?? "?") + change.text("key")
            }
            return (
                (["\(value.text("outcome"))"] + found).joined(separator: " "), value.text("reason")
            )
        }
    }

    private static let cat = """
        #!/usr/bin/python3
        import sys
        for line in open("data"): sys.stdout.write(line)
        """

    @Test func `changes of what a program prints become events, deletes too`() async throws {
        let shop = try Workshop(program: Self.cat)
        try shop.data(#"{"id":1,"v":1.0}"#, #"{"id":2}"#)
        #expect(try await shop.poll().outcome == "baseline")
        try shop.data(#"{"id":1,"v":2.0}"#, #"{"id":3}"#)
        #expect(try await shop.poll().outcome == "changed ~1 +3 -2")
        #expect(try await shop.poll().outcome == "unchanged")
        shop.receiver.stop()
    }

    @Test func `a cursor of records is an argument and a variable, and overlaps`() async throws {
        let shop = try Workshop(
            program: """
                #!/usr/bin/python3
                import json, os, sys
                since = sys.argv[sys.argv.index("--since") + 1] if "--since" in sys.argv else ""
                assert since == os.environ.get("PULLCORD_CURSOR", "")
                for line in open("data"):
                    if json.loads(line)["at"] >= since: sys.stdout.write(line)
                """,
            adapter: #"exec: { command: [./export.py, [--since, "${cursor}"]] }"#,
            stream: "{ key: .id, cursor: { from: .at } }")
        try shop.data(#"{"id":1,"at":"2026-01-01T00:00:00Z"}"#)
        #expect(try await shop.poll().outcome == "baseline")
        try shop.data(
            #"{"id":1,"at":"2026-01-01T00:00:00Z"}"#, #"{"id":2,"at":"2026-01-01T00:00:00Z"}"#)
        #expect(try await shop.poll().outcome == "changed +2")
        // What is no longer printed is not gone, for only changes were asked for.
        try shop.data()
        #expect(try await shop.poll().outcome == "unchanged")
        shop.receiver.stop()
    }

    /// What the program does with its second run; nothing may come of it.
    private static let bad = [
        #"print('{"id":9}'); print("leaking", os.environ["TOKEN"], file=sys.stderr); sys.exit(1)"#,
        #"sys.stdout.write('{"id":9}\n{"id":')"#,
        #"print('{"id":9}'); print("garbage")"#,
        #"print("<html>")"#,
        #"sys.exit(75)"#,
        #"os.kill(os.getpid(), 9)"#,
        #"print('{"other":9}')"#,
    ]

    @Test(arguments: bad)
    func `a run that fails after good records is no change and no delete`(
        program: String
    ) async throws {
        let shop = try Workshop(
            program: """
                #!/usr/bin/python3
                import os, sys
                if os.path.exists("bad"):
                    \(program)
                    sys.exit(0)
                for line in open("data"): sys.stdout.write(line)
                """,
            adapter: """
                exec: { command: [./export.py], environment: { TOKEN: "${params.token}" } }
                retry: { attempts: 1 }
                """, with: #"{ token: "${env.TOKEN}" }"#)
        try shop.data(#"{"id":1}"#, #"{"id":2}"#)
        #expect(try await shop.poll().outcome == "baseline")
        _ = try shop.folder.write("", to: "bad")
        let failed = try await shop.poll()
        // The outcome is what went wrong, and no change stands behind it.
        #expect(!["changed", "unchanged"].contains(failed.outcome), "\(failed)")
        #expect(!failed.outcome.contains(" "), "\(failed)")
        #expect(!failed.reason.isEmpty)
        #expect(!failed.reason.contains("hunter2"))
        if program.contains("leaking") { #expect(failed.reason.contains("leaking ***")) }
        try FileManager.default.removeItem(at: shop.folder.url.appending(path: "bad"))
        #expect(try await shop.poll().outcome == "unchanged")
        shop.receiver.stop()
    }

    @Test func `kill -9 in the middle of a run loses nothing and leaves nothing`() async throws {
        // The program waits at a gate until somebody opens it, once it is asked to.
        let shop = try Workshop(
            program: """
                #!/usr/bin/python3
                import os, sys
                lines = open("data").readlines()
                sys.stdout.write(lines[0])
                sys.stdout.flush()
                if os.path.exists("gate"):
                    with open("pid", "w") as file: file.write(str(os.getpid()))
                    open("gate").read()
                sys.stdout.writelines(lines[1:])
                """)
        try shop.data(#"{"id":1}"#)
        #expect(try await shop.poll().outcome == "baseline")
        try shop.data(#"{"id":1,"v":2}"#, #"{"id":2}"#)
        let gate = shop.folder.url.appending(path: "gate").path
        #expect(unsafe mkfifo(gate, 0o600) == 0)
        let log = shop.folder.url.appending(path: "log")
        let first = try PullcordProcess(
            ["run", "--config", shop.bridge], log: log, environment: shop.environment)
        // Opening waits for the one who reads.
        let handle = try await Self.open(gate)
        first.signal(SIGKILL)
        #expect(await first.status() == SIGKILL)
        let text = try String(
            contentsOf: shop.folder.url.appending(path: "pid"), encoding: .utf8)
        let program = try #require(pid_t(text))
        // The kernel ends it with the thread that started it; that may take a moment.
        while kill(program, 0) == 0 { await Task.yield() }
        try handle.close()
        try FileManager.default.removeItem(atPath: gate)
        let second = try PullcordProcess(
            ["run", "--config", shop.bridge], log: log, environment: shop.environment)
        await shop.receiver.wait { $0.count >= 2 }
        second.signal(SIGTERM)
        #expect(await second.status() == 0)
        #expect(Set(shop.receiver.accepted.map(\.type)) == ["things.updated", "things.created"])
        let left = try FileManager.default.contentsOfDirectory(atPath: shop.folder.url.path)
        #expect(left.filter { $0.hasPrefix("pullcord-run-") }.isEmpty)
        shop.receiver.stop()
    }

    @Test func `a daemon that is to stop ends a run at once, and polls it again later`()
        async throws
    {
        let shop = try Workshop(
            program: """
                #!/usr/bin/python3
                import os
                if os.path.exists("gate"): open("gate").read()
                """)
        let gate = shop.folder.url.appending(path: "gate").path
        #expect(unsafe mkfifo(gate, 0o600) == 0)
        let log = shop.folder.url.appending(path: "log")
        let daemon = try PullcordProcess(
            ["run", "--config", shop.bridge], log: log, environment: shop.environment)
        let handle = try await Self.open(gate)
        daemon.signal(SIGTERM)
        #expect(await daemon.status() == 0)
        try handle.close()
        let text = try String(contentsOf: log, encoding: .utf8)
        #expect(text.contains("stopped"))
        #expect(!text.contains("poll failed"), "\(text)")
        shop.receiver.stop()
    }

    private static func open(_ gate: String) async throws -> FileHandle {
        while true {
            let descriptor = unsafe Glibc.open(gate, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
            if descriptor >= 0 {
                return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            }
            await Task.yield()
        }
    }

    @Test func `an adapter that the bridge file does not name runs nothing`() async throws {
        let shop = try Workshop(program: Self.cat)
        let text = try String(contentsOfFile: shop.bridge, encoding: .utf8)
        _ = try shop.folder.write(
            text.replacing("programs: { allow: [export] }", with: ""), to: "pullcord.yaml")
        let answer = try await PullcordProcess.run(
            "check", shop.bridge, environment: shop.environment)
        #expect(answer.status == 1)
        #expect(
            answer.text.contains("program_not_allowed") || answer.text.contains("does not allow"))
        shop.receiver.stop()
    }

    // MARK: A tap that nobody here wrote

    /// Where `make tools` has put tap-rest-api-msdk and what it needs.
    private static let tapFolder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: ".build/tools/singer").path

    @Test func `a Singer tap from PyPI gives changes by its state, and deletes of a full table`()
        async throws
    {
        try #require(
            FileManager.default.fileExists(atPath: tapPath), "make tools installs the tap")
        let list = List()
        let server = try ScriptedServer { request in
            .reply(headers: [("Content-Type", "application/json")], text: list.text)
        }
        let port = server.url("").split(separator: ":").last.map(String.init) ?? ""
        let shop = try Workshop(
            program: """
                #!/bin/sh
                exec python3 \(Self.tapFolder)/bin/tap-rest-api-msdk "$@"
                """,
            adapter: """
                exec:
                  command: [./export.py]
                  protocol: singer
                  environment: { PYTHONPATH: \(Self.tapFolder) }
                  config:
                    api_url: "http://127.0.0.1:${params.port}"
                    streams:
                      - { name: things, path: /things, primary_keys: [id], records_path: "$[*]",
                          replication_key: at }
                """,
            stream: "{ reconcile: 24h }", with: "{ port: \(port) }")
        list.set((1, "a", 1), (2, "b", 2))
        #expect(try await shop.poll().outcome == "baseline")
        list.set((1, "a", 1), (2, "bb", 3), (3, "c", 4))
        #expect(try await shop.poll().outcome == "changed ~2 +3")
        // By its state, what is missing is not gone; by a whole reading it is.
        list.set((1, "a", 1), (3, "c", 4))
        #expect(try await shop.poll().outcome == "unchanged")
        #expect(try await shop.poll("--reconcile").outcome == "changed -2")
        list.set((1, "a", 1), (3, "c", 4), (4, "d", 5))
        #expect(try await shop.poll().outcome == "changed +4")
        shop.receiver.stop()
        server.stop()
    }

    private var tapPath: String { "\(Self.tapFolder)/bin/tap-rest-api-msdk" }

    /// What the server of the tap has.
    private final class List: Sendable {
        private let state = Locked("[]")

        var text: String { state.get() }

        func set(_ records: (id: Int, name: String, day: Int)...) {
            let list = records.map {
                #"{"id":\#($0.id),"name":"\#($0.name)","at":"2026-01-0\#($0.day)T00:00:00Z"}"#
            }
            state.set("[\(list.joined(separator: ","))]")
        }
    }
}

/// A value that two tasks share.
final class Locked<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: sending Value) { self.value = Mutex(value) }

    func get() -> Value { value.withLock { $0 } }
    func set(_ new: Value) { value.withLock { $0 = new } }
}
