import Foundation
import PullcordAdapter
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordPrograms
import PullcordTransfer
import Synchronization

/// Sends requests of the network, runs programs, and asks sources in code.
final class KitExchange: Exchange, NetworkControl {
    let engine: TransferEngine
    private let proxy: Mutex<Secret?>
    private let programs: ProgramExchange
    private let sources: SourceBook
    private let time: any TimeSource

    init(
        _ configuration: Configuration, sources: SourceBook, environment: [String: String],
        time: any TimeSource
    ) throws {
        let folder = Self.spoolFolder(of: configuration, environment)
        engine = try TransferEngine(
            policy: try Self.policy(of: configuration),
            limits: TransferLimits(spoolFolder: folder), userAgent: "PullcordKit")
        proxy = Mutex(configuration.proxy)
        programs = ProgramExchange(folder: folder, environment: environment)
        self.sources = sources
        self.time = time
    }

    func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
        switch request.call {
        case .code(let call)?: return try await sources.answer(to: call, request, time: time)
        case .program?: return try await programs.send(request)
        case nil:
            guard let proxy = proxy.withLock({ $0 }) else { return try await engine.send(request) }
            var request = request
            request.proxy = proxy.expose()
            return try await engine.send(request)
        }
    }

    func use(_ configuration: Configuration) throws {
        engine.setPolicy(try Self.policy(of: configuration))
        proxy.withLock { $0 = configuration.proxy }
    }

    private static func policy(of configuration: Configuration) throws -> AddressPolicy {
        AddressPolicy(
            allow: try configuration.bridge.allowedAddresses.map {
                try AllowEntry(parsing: $0.text)
            })
    }

    private static func spoolFolder(
        of configuration: Configuration, _ environment: [String: String]
    ) -> String {
        if let folder = environment["TMPDIR"], !folder.isEmpty { return folder }
        guard let slash = configuration.storePath.lastIndex(of: "/") else { return "." }
        return String(configuration.storePath[...slash])
    }
}
