import PullcordAdapter
package import PullcordConfig
import PullcordModel
import PullcordPrograms
package import PullcordTransfer
import Synchronization

/// Sends every request as a configuration allows: to the network, by the proxy that it names, to
/// programs of this machine, and to sources in code where the process has some.
///
/// It can change to another configuration, and is to be shut down.
package final class ConfiguredExchange: Exchange, NetworkControl {
    /// Answers requests for pages of a source in code.
    package typealias Code =
        @Sendable (CodeCall, HTTPRequest) async throws(TransferError) -> HTTPResponse

    package let engine: TransferEngine
    private let proxy: Mutex<Secret?>
    private let programs: ProgramExchange
    private let code: Code?

    /// Large answers are kept in `TMPDIR` of the environment, else beside the store.
    ///
    /// - Throws: if addresses of `network.allow` are none, or there is no thread for the network.
    package init(
        _ configuration: Configuration, environment: [String: String], userAgent: String,
        code: Code? = nil
    ) throws {
        let folder = Self.spoolFolder(of: configuration, environment)
        engine = try TransferEngine(
            policy: try Self.policy(of: configuration),
            limits: TransferLimits(spoolFolder: folder), userAgent: userAgent)
        proxy = Mutex(configuration.proxy)
        programs = ProgramExchange(folder: folder, environment: environment)
        self.code = code
    }

    package func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
        switch request.call {
        case .code(let call)?:
            guard let code else { return try await programs.send(request) }
            return try await code(call, request)
        case .program?: return try await programs.send(request)
        case nil:
            guard let proxy = proxy.withLock({ $0 }) else { return try await engine.send(request) }
            var request = request
            request.proxy = proxy.expose()
            return try await engine.send(request)
        }
    }

    package func use(_ configuration: Configuration) throws {
        engine.setPolicy(try Self.policy(of: configuration))
        proxy.withLock { $0 = configuration.proxy }
    }

    /// Ends what is under way; nothing is sent afterwards.
    package func shutdown() async { await engine.shutdown() }

    /// Which addresses a configuration lets requests go to.
    package static func policy(of configuration: Configuration) throws -> AddressPolicy {
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
