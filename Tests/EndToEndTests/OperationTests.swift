import Foundation
import Glibc
import PullcordJSON
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import Synchronization
import Testing

/// A daemon whose files are edited while it runs, and what looks after it.
@Suite(.timeLimit(.minutes(10)))
struct OperationTests {
    /// A bridge on disk over an API on loopback.
    private final class Place: Sendable {
        let folder: TemporaryFolder
        let server: ScriptedServer
        let log: URL
        private let box: Box

        init() throws {
            let folder = try TemporaryFolder()
            self.folder = folder
            log = folder.url.appending(path: "log")
            let box = Box()
            server = try ScriptedServer { request in
                .reply(
                    headers: [("Content-Type", "application/json")],
                    text: request.target.hasPrefix("/things") ? box.text : "[]")
            }
            self.box = box
        }

        private final class Box: Sendable {
            private let state = Mutex(#"[{"id":1}]"#)
            var text: String { state.withLock { $0 } }
            func set(_ text: String) { state.withLock { $0 = text } }
        }

        func set(_ text: String) { box.set(text) }

        func adapter(_ more: String = "") throws {
            _ = try folder.write(
                """
                adapter: things
                params: { server: { type: string, required: true }, key: { type: secret } }
                base_url: "${params.server}"
                auth: { bearer: "${params.key}" }
                streams:
                  things: { request: /things, records: ., key: .id }
                \(more)
                """, to: "things.yaml")
        }

        func bridge(_ sources: [String], more: String = "") throws -> String {
            var lines = ["store: sqlite:things.db", "network: { allow: [loopback] }", "sources:"]
            for name in sources {
                lines.append(
                    "  - { name: \(name), adapter: things.yaml, every: 1s, with: "
                        + "{ server: \"\(server.url(""))\", key: \"${file:key}\" } }")
            }
            return try folder.write(
                (lines + [more]).joined(separator: "\n") + "\n", to: "pullcord.yaml")
        }

        func key(_ text: String) throws {
            let path = try folder.write(text, to: "key")
            _ = unsafe chmod(path, 0o600)
        }

        var logged: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

        /// Looks at the log, by way of a command that takes its time, until a line is there.
        func wait(for text: String) async throws {
            while !logged.contains(text) {
                _ = try await PullcordProcess.run("--version")
            }
        }

        func status(_ file: String) async throws -> JSONValue {
            try JSONValue(
                parsing: try await PullcordProcess.run("status", "--json", "--config", file).text)
        }
    }

    @Test func `files that change are taken up, and a mistake in them changes nothing`()
        async throws
    {
        let place = try Place()
        try place.adapter()
        try place.key("first")
        let file = try place.bridge(["one"])
        let daemon = try PullcordProcess(["run", "--config", file], log: place.log)
        try await place.wait(for: "outcome=baseline")
        _ = try place.bridge(["one", "two"])
        try await place.wait(for: "source=two")
        #expect(place.logged.contains("1 added (two), 1 unchanged"))

        _ = try place.bridge(["one", "two"], more: "sauces: []")
        try await place.wait(for: "reload failed")
        #expect(place.logged.contains("pullcord.yaml:6:1"))
        let refused = try await PullcordProcess.run("reload", "--config", file)
        #expect(refused.status == 1 && refused.text.contains("sauces"))

        _ = try place.bridge(["one", "two"])
        try place.key("second")
        try await place.wait(for: "2 changed (one, two)")
        _ = try await PullcordProcess.run("poll", "one", "--config", file)
        #expect(place.server.requests.last?.header("Authorization") == "Bearer second")

        _ = try place.bridge(["one"])
        daemon.signal(SIGHUP)
        try await place.wait(for: "1 removed (two)")
        place.set(#"[{"id":1},{"id":2}]"#)
        let polled = try await PullcordProcess.run("poll", "one", "--config", file)
        #expect(polled.status == 0)
        let events = try await PullcordProcess.run("events", "--json", "--config", file)
        #expect(events.text.split(separator: "\n").count == 1)
        daemon.signal(SIGTERM)
        #expect(await daemon.status() == 0)
        place.server.stop()
    }

    @Test func `a paused source shows, and a backup is a store`() async throws {
        let place = try Place()
        try place.adapter()
        try place.key("first")
        let file = try place.bridge(["one"])
        let daemon = try PullcordProcess(["run", "--config", file], log: place.log)
        try await place.wait(for: "outcome=baseline")
        let paused = try await PullcordProcess.run("pause", "one", "--config", file)
        #expect(paused.status == 0, "\(paused.text)")
        let status = try await place.status(file)
        #expect(status["paused"] == .array([.string("one")]))
        guard case .string? = status["daemon"] else {
            Issue.record("no daemon is shown")
            return
        }
        let copy = place.folder.url.appending(path: "copy.db").path
        let backup = try await PullcordProcess.run("backup", copy, "--config", file)
        #expect(backup.status == 0, "\(backup.text)")
        let again = try await PullcordProcess.run("backup", copy, "--config", file)
        #expect(again.status == 1 && again.text.contains("file_exists"))
        let store = place.folder.url.appending(path: "things.db").path
        let onto = try await PullcordProcess.run("backup", store, "--force", "--config", file)
        #expect(onto.status == 1 && onto.text.contains("backup_onto_store"), "\(onto.text)")
        daemon.signal(SIGTERM)
        #expect(await daemon.status() == 0)
        // The copy is a store of its own, with everything in it.
        let other = try place.folder.write(
            try String(contentsOfFile: file, encoding: .utf8)
                .replacing("things.db", with: "copy.db"), to: "other.yaml")
        let restored = try await place.status(other)
        #expect(restored["paused"] == .array([.string("one")]))
        #expect(restored["daemon"] == .null)
        let resumed = try await PullcordProcess.run("resume", "one", "--config", other)
        #expect(resumed.status == 0)
        place.server.stop()
    }

    @Test func `once polls what is due, delivers it and says how it went`() async throws {
        let place = try Place()
        try place.adapter()
        try place.key("first")
        let receiver = try Receiver(status: { _ in 204 }, before: {})
        let subscription = """
            subscriptions:
              - { name: receiver, url: "\(receiver.url)", secret: "${env.SECRET}", retry: [1h] }
            """
        let environment = ["SECRET": receiver.secret.text.expose()]
        let file = try place.bridge(["one"], more: subscription)
        func once() async throws -> Int32 {
            try await PullcordProcess.runAll(
                ["run", "--once", "--config", file], environment: environment
            ).status
        }
        #expect(try await once() == 0)
        place.set(#"[{"id":1},{"id":2}]"#)
        #expect(try await once() == 0)
        #expect(receiver.accepted.count == 1)
        place.set("nonsense")
        #expect(try await once() == 3)
        receiver.stop()
        place.server.stop()
    }

    @Test func `the doctor tells what is well and what is not`() async throws {
        let place = try Place()
        try place.adapter()
        try place.key("first")
        let file = try place.bridge(["one"])
        let well = try await PullcordProcess.run("doctor", "--config", file)
        #expect(well.status == 0, "\(well.text)")
        #expect(well.text.contains("is not there yet") && well.text.contains("secret files: 1"))
        #expect(well.text.contains("1 source with 1 stream, 0 subscriptions"), "\(well.text)")
        _ = unsafe chmod(place.folder.url.appending(path: "key").path, 0o644)
        let open = try await PullcordProcess.run("doctor", "--offline", "--config", file)
        #expect(open.status == 0 && open.text.contains("chmod 600"))
        // The API's own certificate is looked at as those of endpoints are.
        _ = try place.folder.write("no certificate", to: "api.pem")
        _ = try place.bridge(["one"], more: "api: { tls: { certificate: api.pem, key: key } }")
        let served = try await PullcordProcess.run("doctor", "--offline", "--config", file)
        #expect(served.status == 1 && served.text.contains("api.pem holds none"))
        _ = try place.bridge(["one"])
        _ = try place.folder.write("no database, and no empty file", to: "things.db")
        let broken = try await PullcordProcess.run("doctor", "--offline", "--config", file)
        #expect(broken.status == 1 && broken.text.contains("fail"))
        _ = try place.bridge(["one"], more: "sauces: []")
        let wrong = try await PullcordProcess.run("doctor", "--json", "--config", file)
        #expect(wrong.status == 1 && wrong.text.contains("sauces"))
        place.server.stop()
    }

    @Test func `names that nobody has are refused with the nearest`() async throws {
        let place = try Place()
        try place.adapter()
        try place.key("first")
        let file = try place.bridge(["helpdesk"])
        #expect(try await PullcordProcess.run("poll", "helpdesk", "--config", file).status == 0)
        let commands = [
            ["events", "--source", "helpdsk"], ["pause", "helpdsk"], ["reset", "helpdsk"],
        ]
        for command in commands {
            let answer = try await PullcordProcess.runAll(command + ["--config", file])
            #expect(answer.status == 1 && answer.text.contains("did you mean `helpdesk`"))
        }
        let reload = try await PullcordProcess.run("reload", "--config", file)
        #expect(reload.status == 1 && reload.text.contains("no daemon runs"))
        place.server.stop()
    }
}
