import Foundation
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordSQLiteStore
import PullcordTestSupport
import PullcordTransfer
import Testing

/// One source with an adapter of its own, read from real files and polled over a real engine.
final class SourceBridge: Sendable {
    let time: ManualTime
    let folder: TemporaryFolder
    private let store: SQLiteStore
    private let engine: TransferEngine
    private let assembly: Assembly

    private init(
        _ folder: TemporaryFolder, _ time: ManualTime, _ store: SQLiteStore, _ assembly: Assembly
    ) throws {
        self.folder = folder
        self.time = time
        self.store = store
        self.assembly = assembly
        engine = try TransferEngine(policy: AddressPolicy(allow: [.loopback]))
    }

    /// `adapter` are lines of the adapter beside its stream, `source` further members of the
    /// source in flow style; the wall clock begins at the machine's.
    static func with(
        _ adapter: String, stream: String, source: String = "", environment: [String: String] = [:],
        folder: TemporaryFolder? = nil, time: ManualTime = ManualTime(),
        _ body: (SourceBridge) async throws -> Void
    ) async throws {
        let folder = try folder ?? TemporaryFolder()
        let text = """
            adapter: judged
            params:
              user: { type: string }
              secret: { type: secret }
            retry: { attempts: 1 }
            \(adapter)
            streams:
              things: \(stream)
            """
        try text.write(toFile: "\(folder.path)/judged.yaml", atomically: true, encoding: .utf8)
        let values = environment.isEmpty ? "" : ", with: { user: ann, secret: \"${env.SECRET}\" }"
        let bridge = """
            store: sqlite:store.db
            network: { allow: [loopback] }
            sources:
              - { name: judged, adapter: judged, every: 60s\(values)\(source) }
            subscriptions: []
            """
        let path = "\(folder.path)/pullcord.yaml"
        try bridge.write(toFile: path, atomically: true, encoding: .utf8)
        let loader = Loader(
            checkers: .native,
            files: FileAccess(
                read: { path in
                    FileManager.default.contents(atPath: path).map { .bytes(Array($0)) }
                        ?? .missing
                }, list: { _ in [] }))
        let configuration: Configuration
        switch loader.load(path, environment: environment) {
        case .success(let loaded): configuration = loaded
        case .failure(let report):
            throw BridgeText.Refusal(description: report.text(color: false))
        }
        let store = try SQLiteStore.open(path: configuration.storePath, now: time.wall())
        do {
            let bridge = try SourceBridge(
                folder, time, store, try await Assembly(configuration, store: store))
            try await body(bridge)
            await bridge.engine.shutdown()
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    /// Polls the stream once.
    @discardableResult
    func poll() async throws -> PollReport {
        let pipeline = Pipeline(
            records: store, exchange: engine, time: time, matcher: assembly.matcher,
            commit: { [store] in try await store.commit($0) })
        return try await pipeline.run(assembly.streams[0], nextPoll: { _ in nil })
    }

    var liveCount: Int {
        get async throws { try await store.state(of: assembly.streams[0].address).liveCount }
    }
}

/// A server that nobody here wrote, or that judges by somebody else's library.
final class Judge: Sendable {
    let port: UInt16
    private let process: ChildProcess

    /// A Python script that prints its port first.
    init(python script: String, environment: [String: String] = [:]) throws {
        let words = environment.map { "\($0.key)=\($0.value)" }
        process = try ChildProcess(
            "env", words + ["python3", "-u", "-c", script], output: .pipe)
        var text = ""
        while !text.contains("\n") {
            let more = process.readAvailable()
            guard !more.isEmpty else { throw BridgeText.Refusal(description: text) }
            text += String(decoding: more, as: UTF8.self)
        }
        port = try #require(UInt16(text.split(separator: "\n")[0]))
    }

    /// A program of the tools with a configuration in which `PORT` is its port.
    init(
        _ program: String, _ arguments: [String], configuration: String, to path: String
    ) async throws {
        let server = try ScriptedServer { _ in .script(.close) }
        port = server.port
        server.stop()
        try configuration.replacing("PORT", with: "\(port)")
            .write(toFile: path, atomically: true, encoding: .utf8)
        process = try ChildProcess(program, arguments)
        let engine = try TransferEngine(policy: AddressPolicy(allow: [.loopback]))
        for _ in 0..<100_000 where process.isRunning {
            let answer = try? await engine.send(HTTPRequest(url: "http://127.0.0.1:\(port)/"))
            if answer != nil { break }
        }
        await engine.shutdown()
        try #require(process.isRunning, "\(program) did not start; `make test` brings it")
    }

    deinit {
        process.signal(SIGTERM)
        process.waitUntilEnd()
    }

    /// Where `make test` has put a program.
    static func tool(_ name: String) throws -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return try #require(
            path.split(separator: ":").map { "\($0)/\(name)" }
                .first { FileManager.default.isExecutableFile(atPath: $0) },
            "no \(name) in PATH; `make test` brings it")
    }
}
