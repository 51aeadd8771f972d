import Foundation
import Glibc
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import PullcordTransfer
import Testing

/// A port of loopback that is free at this moment.
private func freePort() throws -> UInt16 {
    let server = try ScriptedServer { _ in .script(.close) }
    defer { server.stop() }
    return server.port
}

/// A real etcd (https://etcd.io), which `make test` unpacks from Debian's package.
private final class Etcd {
    let url: String
    private let process: ChildProcess

    init(folder: URL) throws {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let candidates = path.split(separator: ":").map { "\($0)/etcd" } + ["/usr/bin/etcd"]
        let binary = try #require(
            candidates.first { FileManager.default.isExecutableFile(atPath: $0) },
            "no etcd in PATH; `make test` brings it")
        // etcd takes no port 0 for its clients, so free ports are asked of the system first.
        let ports = (try freePort(), try freePort())
        url = "http://127.0.0.1:\(ports.0)"
        process = try ChildProcess(
            binary,
            [
                "--data-dir", folder.appending(path: "etcd").path, "--listen-client-urls", url,
                "--advertise-client-urls", url, "--listen-peer-urls",
                "http://127.0.0.1:\(ports.1)", "--initial-advertise-peer-urls",
                "http://127.0.0.1:\(ports.1)", "--initial-cluster",
                "default=http://127.0.0.1:\(ports.1)",
            ])
    }

    deinit {
        process.signal(SIGTERM)
        process.waitUntilEnd()
    }

    /// Asks until it answers: it takes a moment to elect itself.
    func waitUntilReady(_ exchange: TransferEngine) async throws {
        for _ in 0..<100_000 {
            let answer = try? await exchange.send(HTTPRequest(url: "\(url)/health"))
            if answer?.status == 200 { return }
        }
        Issue.record("etcd did not become ready")
    }

    func call(_ exchange: TransferEngine, _ path: String, _ body: String) async throws {
        let answer = try await exchange.send(
            HTTPRequest(method: .post, url: url + path, body: Array(body.utf8)))
        try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    }

    func put(_ exchange: TransferEngine, _ key: String, _ value: String) async throws {
        try await call(
            exchange, "/v3/kv/put",
            #"{"key":"\#(Base64.encode(Array(key.utf8)))","value":"\#(Base64.encode(Array(value.utf8)))"}"#
        )
    }

    func delete(_ exchange: TransferEngine, _ key: String) async throws {
        try await call(
            exchange, "/v3/kv/deleterange", #"{"key":"\#(Base64.encode(Array(key.utf8)))"}"#)
    }
}

/// What a receiver got of one key, in short.
private func story(_ receiver: Receiver, _ key: String, _ stream: String) -> [String] {
    receiver.accepted
        .filter { $0.key == Base64.encode(Array(key.utf8)) && $0.type.hasPrefix(stream) }
        .map { $0.type.split(separator: ".").last.map(String.init) ?? "" }
}

@Suite
struct EtcdTests {
    @Test func `keys of a real etcd become webhooks, each change once and in order`() async throws {
        let folder = try TemporaryFolder()
        let etcd = try Etcd(folder: folder.url)
        let exchange = try TransferEngine(policy: AddressPolicy(allow: [.loopback]))
        try await etcd.waitUntilReady(exchange)
        let receiver = try Receiver()
        let adapters = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "adapters")
        let bridge = try folder.write(
            """
            adapters: ["\(adapters.path)"]
            network: { allow: [loopback] }
            sources:
              - { name: cluster, adapter: etcd, every: 1s, with: { server: "\(etcd.url)" } }
            subscriptions:
              - { name: receiver, url: "\(receiver.url)", secret: "${env.SECRET}" }
            """, to: "pullcord.yaml")
        try await etcd.put(exchange, "old", "was there before")

        let log = folder.url.appending(path: "log")
        let daemon = try PullcordProcess(
            ["run", "--config", bridge], log: log,
            environment: ["SECRET": receiver.secret.text.expose()])
        try await Self.waitForBaseline(bridge)
        for number in 0..<1200 { try await etcd.put(exchange, "many/\(number)", "\(number)") }
        try await etcd.put(exchange, "a", "1")
        await receiver.wait { $0.contains { $0.key == "YQ==" && $0.type == "keys.created" } }
        try await etcd.put(exchange, "a", "2")
        await receiver.wait { $0.contains { $0.key == "YQ==" && $0.type == "keys.updated" } }
        try await etcd.delete(exchange, "a")
        await receiver.wait { $0.contains { $0.key == "YQ==" && $0.type == "keys.deleted" } }
        await receiver.wait { $0.filter { $0.type == "changes.created" }.count >= 1201 }
        daemon.signal(SIGTERM)
        #expect(await daemon.status() == 0)
        try await Self.expectDelete(bridge, receiver)

        #expect(receiver.forgeries == 0)
        #expect(story(receiver, "a", "keys") == ["created", "updated", "deleted"])
        #expect(story(receiver, "a", "changes") == ["created", "updated"])
        #expect(story(receiver, "old", "keys").isEmpty)
        #expect(receiver.webhooks.count == Set(receiver.webhooks.map(\.id)).count)
        #expect(receiver.accepted.filter { $0.type == "keys.created" }.count == 1201)
        await exchange.shutdown()
        receiver.stop()
    }

    /// The stream by revision sees a delete when it reads everything.
    private static func expectDelete(_ bridge: String, _ receiver: Receiver) async throws {
        let secret = ["SECRET": receiver.secret.text.expose()]
        let ordinary = try await PullcordProcess.run(
            "poll", "cluster/changes", "--json", "--config", bridge, environment: secret)
        #expect(ordinary.text.contains(#""deleted":0"#), "\(ordinary.text)")
        let whole = try await PullcordProcess.run(
            "poll", "cluster/changes", "--reconcile", "--json", "--config", bridge,
            environment: secret)
        #expect(whole.text.contains(#""deleted":1"#), "\(whole.text)")
        let status = try await PullcordProcess.run("status", "--config", bridge)
        #expect(status.text.contains("cluster/changes: reads its whole list next"))
    }

    private static func waitForBaseline(_ bridge: String) async throws {
        while true {
            let answer = try await PullcordProcess.run("status", "--json", "--config", bridge)
            let count = answer.text.components(separatedBy: #""has_baseline":true"#).count - 1
            if count == 2 { return }
        }
    }
}
