import Foundation
import Glibc
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import PullcordTransfer
import Testing

/// A real registry (https://distribution.github.io), which `make test` unpacks from Debian's
/// package.
private final class Registry {
    let url: String
    private let process: ChildProcess
    private let exchange: TransferEngine
    private static let type = "application/vnd.docker.distribution.manifest.v2+json"
    /// The digest of `{}`, the configuration of every image here.
    private static let configuration =
        "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

    init(folder: TemporaryFolder, _ exchange: TransferEngine) throws {
        self.exchange = exchange
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let candidates =
            path.split(separator: ":").map { "\($0)/docker-registry" }
            + ["/usr/bin/docker-registry"]
        let binary = try #require(
            candidates.first { FileManager.default.isExecutableFile(atPath: $0) },
            "no docker-registry in PATH; `make test` brings it")
        let server = try ScriptedServer { _ in .script(.close) }
        let address = "127.0.0.1:\(server.port)"
        server.stop()
        url = "http://\(address)"
        let configuration = try folder.write(
            """
            version: 0.1
            storage:
              filesystem: { rootdirectory: "\(folder.url.appending(path: "images").path)" }
              delete: { enabled: true }
            http: { addr: "\(address)" }
            """, to: "registry.yml")
        process = try ChildProcess(binary, ["serve", configuration])
    }

    deinit {
        process.signal(SIGTERM)
        process.waitUntilEnd()
    }

    func waitUntilReady() async throws {
        for _ in 0..<100_000 {
            let answer = try? await exchange.send(HTTPRequest(url: "\(url)/v2/"))
            if answer?.status == 200 { return }
        }
        Issue.record("the registry did not become ready")
    }

    /// Puts an image there that differs from others by its variant, and returns its digest.
    @discardableResult
    func push(_ name: String, _ tag: String, variant: Int) async throws -> String {
        let begun = try await send(.post, "\(url)/v2/\(name)/blobs/uploads/")
        let place = try #require(begun.headers.value(of: "Location"))
        _ = try await send(
            .put, "\(place)&digest=\(Self.configuration)", type: "application/octet-stream", "{}")
        let manifest =
            #"{"schemaVersion":2,"mediaType":"\#(Self.type)","config":{"mediaType":"#
            + #""application/vnd.docker.container.image.v1+json","size":2,"digest":""#
            + #"\#(Self.configuration)"},"layers":[]}"# + String(repeating: " ", count: variant)
        let answer = try await send(
            .put, "\(url)/v2/\(name)/manifests/\(tag)", type: Self.type, manifest)
        return try #require(answer.headers.value(of: "Docker-Content-Digest"))
    }

    func delete(_ name: String, _ digest: String) async throws {
        _ = try await send(.delete, "\(url)/v2/\(name)/manifests/\(digest)")
    }

    private func send(
        _ method: HTTPMethod, _ url: String, type: String = "application/json", _ body: String = ""
    ) async throws -> HTTPResponse {
        let answer = try await exchange.send(
            HTTPRequest(
                method: method, url: url, headers: [HTTPField("Content-Type", type)],
                body: Array(body.utf8)))
        try #require(
            (200...299).contains(answer.status), "\(String(decoding: answer.body, as: UTF8.self))")
        return answer
    }
}

@Suite(.timeLimit(.minutes(10))) struct RegistryTests {
    @Test func `tags of a real registry become webhooks with their digests, across a kill`()
        async throws
    {
        let folder = try TemporaryFolder()
        let exchange = try TransferEngine(policy: AddressPolicy(allow: [.loopback]))
        let registry = try Registry(folder: folder, exchange)
        try await registry.waitUntilReady()
        let receiver = try Receiver()
        let adapters = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "adapters")
        // Nobody waits an hour here for a digest to be asked for again.
        _ = try folder.write(
            """
            adapter: quick-registry
            extends: \(adapters.appending(path: "docker-registry.yaml").path)
            streams: { tags: { detail: { refresh: 1s } } }
            """, to: "quick.yaml")
        let bridge = try folder.write(
            """
            network: { allow: [loopback] }
            sources:
              - name: images
                adapter: quick.yaml
                every: 1s
                first: emit
                with: { registry: "\(registry.url)" }
            subscriptions:
              - { name: receiver, url: "\(receiver.url)", secret: "${env.SECRET}" }
            """, to: "pullcord.yaml")
        try await registry.push("app", "latest", variant: 0)
        try await registry.push("library/redis", "v1", variant: 1)

        let log = folder.url.appending(path: "log")
        let environment = ["SECRET": receiver.secret.text.expose()]
        let first = try PullcordProcess(
            ["run", "--config", bridge], log: log, environment: environment)
        await receiver.wait { Self.story($0, "v1") == ["created"] }
        await receiver.wait { Self.story($0, "latest") == ["created"] }
        let digest = try await registry.push("library/redis", "v2", variant: 2)
        await receiver.wait { Self.story($0, "v2") == ["created"] }
        first.signal(SIGKILL)
        _ = await first.status()

        // The tag is moved, and another goes, while nobody looks.
        try await registry.push("library/redis", "v1", variant: 3)
        try await registry.delete("library/redis", digest)
        let second = try PullcordProcess(
            ["run", "--config", bridge], log: log, environment: environment)
        await receiver.wait { Self.story($0, "v1") == ["created", "updated"] }
        await receiver.wait { Self.story($0, "v2") == ["created", "deleted"] }
        second.signal(SIGTERM)
        #expect(await second.status() == 0)
        #expect(receiver.forgeries == 0)
        #expect(Self.story(receiver.accepted, "latest") == ["created"])
        let body = try #require(receiver.accepted.first { $0.key.contains("v2") }?.body)
        #expect(String(decoding: body, as: UTF8.self).contains(digest))
        await exchange.shutdown()
        receiver.stop()
    }

    /// What came of one tag, in short; what came twice counts once.
    private static func story(_ webhooks: [Receiver.Webhook], _ tag: String) -> [String] {
        var known: Set<String> = []
        return webhooks.filter {
            $0.isAccepted && $0.type.hasPrefix("tags.") && $0.key.hasSuffix("\"\(tag)\"]")
                && known.insert($0.id).inserted
        }.map { $0.type.split(separator: ".").last.map(String.init) ?? "" }
    }
}
