import PullcordPrograms
import PullcordTransfer

/// Runs programs as a poll would.
final class ProgramExchangeBox: Sendable {
    private let exchange: ProgramExchange

    init(folder: String) {
        exchange = ProgramExchange(
            folder: folder,
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/", "SECRET": "x"])
    }

    func run(
        _ call: ProgramCall, timeout: Duration = .seconds(60), limit: Int = 1 << 20,
        spoolsOver: Int? = nil
    ) async -> Result<HTTPResponse, TransferError> {
        var request = HTTPRequest(
            url: "exec:test",
            deadlines: Deadlines(connect: timeout, firstByte: timeout, total: timeout),
            bodyLimit: .refuse(over: limit))
        request.call = .program(call)
        request.spoolsOver = spoolsOver
        return await exchange.answer(to: request)
    }

    /// The failure of a run that is to fail.
    func failure(
        _ call: ProgramCall, timeout: Duration = .seconds(60), limit: Int = 1 << 20
    ) async -> TransferError? {
        if case .failure(let error) = await run(call, timeout: timeout, limit: limit) {
            return error
        }
        return nil
    }
}
