import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordPrograms
import PullcordTransfer
import Synchronization

/// Sends every request of the network as the bridge file allows, by the proxy that it names.
///
/// Both can change. Programs of this machine are run.
final class ProxiedExchange: Exchange, NetworkControl {
    let engine: TransferEngine
    private let proxy: Mutex<Secret?>
    private let programs: ProgramExchange

    init(engine: TransferEngine, proxy: Secret?, programs: ProgramExchange) {
        self.programs = programs
        self.engine = engine
        self.proxy = Mutex(proxy)
    }

    func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
        guard request.call == nil else { return try await programs.send(request) }
        guard let proxy = proxy.withLock({ $0 }) else { return try await engine.send(request) }
        var request = request
        request.proxy = proxy.expose()
        return try await engine.send(request)
    }

    func use(_ configuration: Configuration) throws {
        engine.setPolicy(try Workplace.policy(of: configuration))
        proxy.withLock { $0 = configuration.proxy }
    }
}
