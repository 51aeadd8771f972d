import PullcordTransfer

/// Counts the requests that were refused because of where they would have gone.
struct MeteredExchange: Exchange {
    let exchange: any Exchange
    let meters: Meters

    func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
        do {
            return try await exchange.send(request)
        } catch {
            if error.code == .refusedAddress || error.code == .refusedScheme {
                meters.blocked(error.code.rawValue)
            }
            throw error
        }
    }
}
