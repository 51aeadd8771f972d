import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordTransfer
import Synchronization

/// Sends every request to the addresses that the bridge file allows, by the proxy that it names.
///
/// Both can change.
final class ProxiedExchange: Exchange, NetworkControl {
    let engine: TransferEngine
    private let proxy: Mutex<Secret?>

    init(engine: TransferEngine, proxy: Secret?) {
        self.engine = engine
        self.proxy = Mutex(proxy)
    }

    func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
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
