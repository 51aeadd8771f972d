import PullcordModel
import PullcordTransfer

/// Sends every request through the proxy that the bridge file names.
struct ProxiedExchange: Exchange {
    let engine: TransferEngine
    let proxy: Secret

    func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
        var request = request
        request.proxy = proxy.expose()
        return try await engine.send(request)
    }
}
