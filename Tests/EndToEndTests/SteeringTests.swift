import Foundation
import Glibc
import PullcordJSON
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import Testing

/// Commands beside a running daemon.
@Suite(.timeLimit(.minutes(10)))
struct SteeringTests {
    @Test func `a daemon is steered while it runs, and a replay survives kill -9`() async throws {
        let folder = try TemporaryFolder()
        let log = folder.url.appending(path: "log")
        let count = 40
        let list = (1...count).map { #"{"id":\#($0)}"# }.joined(separator: ",")
        let server = try ScriptedServer { _ in
            .reply(headers: [("Content-Type", "application/json")], text: "[\(list)]")
        }
        let receiver = try Receiver(status: { _ in 204 }, before: {})
        _ = try folder.write(
            """
            adapter: things
            params: { server: { type: string, required: true } }
            base_url: "${params.server}"
            streams:
              things: { request: /things, records: ., key: .id, first: emit }
            """, to: "things.yaml")
        let bridge = try folder.write(
            """
            store: sqlite:steer.db
            network: { allow: [loopback] }
            sources:
              - { name: things, adapter: things.yaml, every: 1s,
                  with: { server: "\(server.url(""))" } }
            subscriptions:
              - { name: receiver, url: "\(receiver.url)", secret: "${env.SECRET}" }
            """, to: "pullcord.yaml")
        let environment = ["SECRET": receiver.secret.text.expose()]
        func start() throws -> PullcordProcess {
            try PullcordProcess(["run", "--config", bridge], log: log, environment: environment)
        }
        func run(_ arguments: String...) async throws -> String {
            let answer = try await PullcordProcess.runAll(arguments + ["--config", bridge])
            #expect(answer.status == 0, "\(answer.text)")
            return answer.text
        }

        var daemon = try start()
        while receiver.accepted.count < count {
            _ = try await PullcordProcess.run("audit", "--config", bridge)
        }
        _ = try await run("disable", "receiver")
        #expect(try await run("status").contains("stopped"))
        _ = try await run("enable", "receiver")
        #expect(try await run("replay", "--all", "--dry-run").contains("receiver: \(count) events"))
        _ = try await run("replay", "--all", "--rate", "10/s")
        while receiver.accepted.count < count + 3 { _ = try await run("replays") }
        kill(daemon.identifier, SIGKILL)
        _ = await daemon.status()
        daemon = try start()
        while try await !run("replays", "--json").contains(#""state":"done""#) {}
        daemon.signal(SIGTERM)
        #expect(await daemon.status() == 0)

        // Each event came again, with its id; only what was in the air may have come thrice.
        let times = Dictionary(grouping: receiver.accepted, by: \.id).mapValues(\.count)
        #expect(times.count == count && times.values.allSatisfy { $0 >= 2 })
        #expect(times.values.count { $0 > 2 } <= 4)
        let replay = try JSONValue(parsing: try await run("replays", "--json"))
        #expect(replay["delivered"] == .number(String(count)))
        let audit = try await run("audit", "--json")
        #expect(audit.split(separator: "\n").count == 3)
        receiver.stop()
        server.stop()
    }
}
