/// What can carry an HTTP request to its server: the network, or a stand-in for it.
package protocol Exchange: Sendable {
    /// Sends one request and returns its answer, whatever its status; a redirect is an answer.
    ///
    /// - Throws: ``TransferError`` if no complete answer came; `cancelled` as soon as the calling
    ///   task is cancelled.
    func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse
}

extension Exchange {
    /// What comes of a request, where a failure is an outcome like any other.
    package func answer(to request: HTTPRequest) async -> Result<HTTPResponse, TransferError> {
        do {
            return .success(try await send(request))
        } catch {
            return .failure(error)
        }
    }
}
