import PullcordTestSupport
import PullcordTransfer
import Testing

/// An engine that may connect to this machine, as tests need.
func localEngine(_ limits: TransferLimits = TransferLimits()) throws -> TransferEngine {
    try TransferEngine(policy: AddressPolicy(allow: [.loopback]), limits: limits)
}

/// Sends a request that has to fail, and returns its error.
func failure(of request: HTTPRequest, over exchange: some Exchange) async throws -> TransferError {
    do throws(TransferError) {
        let response = try await exchange.send(request)
        Issue.record("status \(response.status) instead of an error")
        throw TransferError(code: .malformed, url: "", phase: .queue, message: "no error")
    } catch {
        return error
    }
}

/// Deadlines that are long but for one.
func deadlines(
    connect: Duration = .seconds(30), firstByte: Duration = .seconds(30),
    total: Duration = .seconds(30)
) -> Deadlines {
    Deadlines(connect: connect, firstByte: firstByte, total: total)
}
