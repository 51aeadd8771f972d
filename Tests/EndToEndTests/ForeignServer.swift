import Foundation
import Glibc
import PullcordModel
import PullcordTestSupport
import PullcordTransfer
import Testing

/// A program of others that serves an API on a port of loopback for the time of a test.
final class ForeignServer {
    let url: String
    private let process: ChildProcess

    init(_ binary: String, _ arguments: (_ port: UInt16) throws -> [String]) throws {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let candidates = path.split(separator: ":").map { "\($0)/\(binary)" }
        let program = try #require(
            candidates.first { FileManager.default.isExecutableFile(atPath: $0) },
            "no \(binary) in PATH; `make test` brings it")
        let taken = try ScriptedServer { _ in .script(.close) }
        let port = taken.port
        taken.stop()
        url = "http://127.0.0.1:\(port)"
        process = try ChildProcess(program, try arguments(port))
    }

    deinit {
        process.signal(SIGTERM)
        process.waitUntilEnd()
    }

    /// Asks until it answers.
    func waitUntilReady(_ path: String) async throws {
        let exchange = try TransferEngine(policy: AddressPolicy(allow: [.loopback]))
        for _ in 0..<100_000 {
            let answer = try? await exchange.send(HTTPRequest(url: url + path))
            if answer?.status == 200 {
                await exchange.shutdown()
                return
            }
        }
        await exchange.shutdown()
        Issue.record("the server did not become ready")
    }
}

/// A source on a foreign server, polled by the real program.
struct ForeignSource {
    let bridge: String
    let name: String
    let environment: [String: String]

    /// A source of an adapter that has these streams.
    init(_ folder: TemporaryFolder, _ url: String, streams: String) throws {
        _ = try folder.write(
            """
            adapter: foreign
            base_url: "\(url)"
            streams:
            \(streams)
            """, to: "foreign.yaml")
        try self.init(folder, "{ name: foreign, adapter: foreign.yaml, every: 1h }")
    }

    /// A source of the catalogue's adapter of that name, which has the parameter `server`.
    init(_ folder: TemporaryFolder, catalogue adapter: String, _ url: String) throws {
        let adapters = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "adapters")
        try self.init(
            folder,
            "{ name: foreign, adapter: \(adapter), every: 1h, with: { server: \"\(url)\" } }",
            also: "adapters: [\"\(adapters.path)\"]")
    }

    private init(_ folder: TemporaryFolder, _ source: String, also: String = "") throws {
        let bridge = try folder.write(
            """
            store: sqlite:store.db
            network: { allow: [loopback] }
            sources: [\(source)]
            \(also)
            """, to: "pullcord.yaml")
        self.init(bridge: bridge, name: "foreign")
    }

    init(bridge: String, name: String, environment: [String: String] = [:]) {
        self.bridge = bridge
        self.name = name
        self.environment = environment
    }

    func poll() async throws {
        let answer = try await PullcordProcess.run(
            "poll", name, "--config", bridge, environment: environment)
        #expect(answer.status == 0, "\(answer.text)")
    }

    /// The events of all sources as `type key`, sorted.
    func events() async throws -> [String] {
        let answer = try await PullcordProcess.run(
            "events", "--json", "--config", bridge, environment: environment)
        #expect(answer.status == 0, "\(answer.text)")
        return answer.text.split(separator: "\n").compactMap { line in
            let value = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            guard let type = value?["type"] as? String, let key = value?["key"] as? String else {
                return nil
            }
            return "\(type) \(key)"
        }.sorted()
    }
}
