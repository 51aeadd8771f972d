import Foundation
import Glibc
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import Testing

/// The sample of the library: a program with a source in Swift code.
@Suite
struct CodeSourceTests {
    private static let binary = URL(filePath: CommandLine.arguments[0])
        .deletingLastPathComponent().appending(path: "pullcord-sample").path

    @Test func `files and lines of a folder become webhooks, through kill -9 too`() async throws {
        let folder = try TemporaryFolder()
        let watched = try TemporaryFolder()
        let receiver = try Receiver()
        let bridge = try folder.write(
            """
            store: sqlite:bridge.db
            network: { allow: [loopback] }
            sources:
              - { name: desk, adapter: swift:folder, every: 1s, with: { folder: "\(watched.url.path)" } }
            subscriptions:
              - { name: receiver, url: "\(receiver.url)", secret: "${env.SECRET}" }
            """, to: "pullcord.yaml")
        _ = try watched.write("one\n", to: "log")
        _ = try watched.write("x", to: "old")
        let environment = ["SECRET": receiver.secret.text.expose(), "PATH": "/usr/bin:/bin"]
        let start = {
            try ChildProcess(
                Self.binary, [bridge], environment: environment,
                output: .file(folder.url.appending(path: "log").path))
        }
        let first = try start()
        try await Self.waitForBaseline(bridge, first)
        _ = try watched.write("y", to: "new")
        await receiver.wait { $0.contains { $0.type == "files.created" && $0.key == "new" } }
        first.signal(SIGKILL)
        #expect(await first.status() == SIGKILL)
        try FileManager.default.removeItem(at: watched.url.appending(path: "old"))
        _ = try watched.write("one\ntwo\nthr", to: "log")
        let second = try start()
        await receiver.wait { webhooks in
            webhooks.contains { $0.type == "files.deleted" && $0.key == "old" }
                && webhooks.contains { $0.type == "lines.created" && $0.key == "4" }
        }
        second.signal(SIGTERM)
        #expect(await second.status() == 0)
        let lines = receiver.accepted.filter { $0.type == "lines.created" }
        #expect(Set(lines.map(\.key)) == ["4"])
        #expect(receiver.forgeries == 0)
        receiver.stop()
    }

    /// Waits until both streams know what exists; the commands of `pullcord` work beside it.
    ///
    /// How the last poll ended would be too late to ask: a second later there is another one.
    private static func waitForBaseline(_ bridge: String, _ process: ChildProcess) async throws {
        while true {
            try #require(process.isRunning, "the sample has ended")
            let answer = try await PullcordProcess.run("status", "--json", "--config", bridge)
            let count = answer.text.components(separatedBy: #""has_baseline":true"#).count - 1
            if answer.status == 0, count == 2 { return }
        }
    }

    @Test func `a source that nobody has registered is told, with those that are`() async throws {
        let folder = try TemporaryFolder()
        let bridge = try folder.write(
            """
            store: sqlite:bridge.db
            sources: [{ name: desk, adapter: "swift:foldr", every: 1s }]
            """, to: "pullcord.yaml")
        let log = folder.url.appending(path: "log")
        let process = try ChildProcess(Self.binary, [bridge], output: .file(log.path))
        #expect(await process.status() == 1)
        let text = try String(contentsOf: log, encoding: .utf8)
        #expect(text.contains("no source in Swift code is called `foldr`"))
        #expect(text.contains("swift:folder"))
        let check = try await PullcordProcess.run("check", bridge)
        #expect(check.status == 1)
        #expect(check.text.contains("run the program that is built with the library"))
    }
}
