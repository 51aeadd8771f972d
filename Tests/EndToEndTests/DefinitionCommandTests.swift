import Foundation
import Glibc
import PullcordJSON
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import Testing

/// Sources and subscriptions that are made beside a running daemon.
@Suite(.timeLimit(.minutes(10)))
struct DefinitionCommandTests {
    private static let adapter = """
        adapter: things
        params: { server: { required: true }, token: { type: secret } }
        base_url: "${params.server}"
        auth: { bearer: "${params.token}" }
        streams:
          things: { request: /things, records: ., key: .id, first: emit }
        """

    @Test func `what is made on the command line runs at once and its secrets stay sealed`()
        async throws
    {
        let folder = try TemporaryFolder()
        let log = folder.url.appending(path: "log")
        let server = try ScriptedServer { _ in
            .reply(headers: [("Content-Type", "application/json")], text: #"[{"id":1}]"#)
        }
        let receiver = try Receiver(status: { _ in 204 }, before: {})
        _ = try folder.write(Self.adapter, to: "things.yaml")
        let key = try await PullcordProcess.run("secrets", "key").text
        _ = try folder.write(key, to: "key")
        let bridge = try folder.write(
            """
            store: sqlite:s.db
            network: { allow: [loopback] }
            secrets: { key_file: key }
            """, to: "pullcord.yaml")
        func run(_ status: Int32 = 0, _ arguments: String...) async throws -> String {
            let answer = try await PullcordProcess.runAll(arguments + ["--config", bridge])
            #expect(answer.status == status, "\(arguments): \(answer.text)")
            return answer.text
        }
        // Made before anything has run.
        let subscription = try folder.write(
            """
            name: receiver
            url: "\(receiver.url)"
            secret: "\(receiver.secret.text.expose())"
            sources: { labels: customer=acme }
            """, to: "subscription.yaml")
        _ = try await run(0, "subscription", "create", "--file", subscription)
        let daemon = try PullcordProcess(["run", "--config", bridge], log: log)
        let source = try folder.write(
            """
            [{"name":"acme","adapter":"things","every":"1s","labels":{"customer":"acme"},
              "with":{"server":"\(server.url(""))","token":"t0ken-of-acme"}}]
            """, to: "sources.json")
        while try await !run(0, "subscription", "list").contains("receiver") {}
        _ = try await run(0, "source", "create", "--file", source)
        while receiver.accepted.isEmpty { _ = try await run(0, "status") }

        #expect(try await run(1, "source", "create", "--file", source).contains("name_taken"))
        let wrong = try folder.write(
            #"{"name":"x","adapter":"thing","every":"1s"}"#, to: "wrong.json")
        let told = try await run(1, "source", "create", "--file", wrong)
        #expect(told.contains("/adapter") && told.contains("did you mean things?"))
        let shown = try JSONValue(parsing: try await run(0, "source", "show", "acme", "--json"))
        #expect(shown["definition"]?["with"]?["token"]?["sealed"] == .bool(true))
        #expect(try await run(0, "status", "--label", "customer=acme").contains("acme/things"))
        #expect(try await !run(0, "status", "--label", "customer=x").contains("acme/things"))
        #expect(try await run(0, "doctor", "--offline").contains("definitions: "))
        _ = try await run(0, "subscription", "test", "receiver")
        #expect(try await run(0, "subscription", "rotate", "receiver").contains("whsec_"))
        #expect(try await run(0, "source", "delete", "acme").contains("deleted"))

        daemon.signal(SIGTERM)
        #expect(await daemon.status() == 0)
        for name in ["s.db", "s.db-wal", "log"] {
            let bytes = FileManager.default.contents(atPath: folder.url.path + "/" + name) ?? Data()
            for secret in ["t0ken-of-acme", receiver.secret.text.expose()] {
                #expect(bytes.firstRange(of: Data(secret.utf8)) == nil, "\(name)")
            }
        }
        // Another key: nothing starts, and it says which is missing.
        _ = try folder.write(try await PullcordProcess.run("secrets", "key").text, to: "key")
        #expect(try await run(1, "run").contains("sealed_other_key"))
        receiver.stop()
        server.stop()
    }
}
