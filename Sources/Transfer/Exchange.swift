/// What can carry an HTTP request to its server: the network, or a stand-in for it.
package protocol Exchange: Sendable {
    /// Sends one request and returns its answer, whatever its status; a redirect is an answer.
    ///
    /// - Throws: ``TransferError`` if no complete answer came; `cancelled` as soon as the calling
    ///   task is cancelled.
    func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse
}
