import PullcordAdapter
import PullcordConfig
import PullcordDeliver
import PullcordModel
import PullcordPoll
import PullcordTransfer
import ServiceLifecycle

/// What the requests of a source get at the moment they are sent: signatures, answers to the
/// server's questions, and certificates.
struct RequestSender: Sendable {
    private let seal: RequestSeal?
    private let tls: (any TLSIdentitySource)?

    init(_ source: BoundSource) throws {
        seal = try RequestSeal(source.adapter.auth, parameters: source.parameters)
        tls = source.files.map {
            TLSFiles(authority: $0.authority, certificate: $0.certificate, key: $0.key)
        }
    }

    /// Sends a request with all that.
    func answer(
        to request: HTTPRequest, over exchange: any Exchange, time: any TimeSource
    ) async -> Result<HTTPResponse, TransferError> {
        var request = request
        do throws(TemplateError) {
            if let seal {
                request = try seal.sealed(request, at: time.wall(), nonce: Self.nonce)
            }
        } catch {
            return .failure(
                TransferError(
                    code: .invalidHeader, url: RequestURL.withoutSecrets(request.url),
                    phase: .queue, message: "the request could not be signed: \(error.message)",
                    hint: "see \(error.place)"))
        }
        if let tls { request.tls = tls.current(now: time.monotonic()) }
        guard request.call != nil else { return await exchange.answer(to: request) }
        // Nothing of a run is committed before its end, which may be far off.
        return await cancelWhenGracefulShutdown { [request] in
            await exchange.answer(to: request)
        }
    }

    /// From the system's secure random numbers.
    private static func nonce() -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return Hex.text(bytes)
    }
}
