/// An answer whose header came completely.
package struct HTTPResponse: Sendable {
    /// The status code as it was sent; it may lie outside of 100 to 599.
    package let status: Int
    package let version: HTTPVersion
    package let headers: HTTPHeaders
    /// The body with its content coding undone where one had been offered.
    ///
    /// Only the first 64 KiB if there is a ``file``.
    package var body: [UInt8]
    /// The whole body, where it is larger than the request allowed in memory.
    package let file: BodyFile?
    /// Whether the body is only the beginning of what was sent or announced.
    ///
    /// Only a request with ``BodyLimit/truncate(over:)`` gets such an answer.
    package let isTruncated: Bool
    /// The address that the connection led to: the server's, or the proxy's if there was one.
    package let remote: SocketAddress?
    package let timings: Timings
    /// Whether the exchange went over a connection that was open already.
    package let reusedConnection: Bool

    /// Makes an answer; all but the status has a default, for stand-ins of the network.
    package init(
        status: Int, version: HTTPVersion = .http1_1, headers: HTTPHeaders = HTTPHeaders(),
        body: consuming [UInt8] = [], file: BodyFile? = nil, isTruncated: Bool = false,
        remote: SocketAddress? = nil,
        timings: Timings = Timings(), reusedConnection: Bool = false
    ) {
        self.status = status
        self.version = version
        self.headers = headers
        self.body = body
        self.file = file
        self.isTruncated = isTruncated
        self.remote = remote
        self.timings = timings
        self.reusedConnection = reusedConnection
    }

    /// Bytes of the body, wherever it is.
    package var bodyCount: Int { file?.count ?? body.count }

    /// The remote address as text, as in `203.0.113.7:443`; empty when it is not known.
    package var remoteAddress: String { remote?.description ?? "" }
}

/// The protocol version that an exchange used.
package enum HTTPVersion: String, Sendable {
    case http1_0 = "HTTP/1.0"
    case http1_1 = "HTTP/1.1"
    case http2 = "HTTP/2"
}

/// When the parts of an exchange were done, each counted from the moment it left the queue.
package struct Timings: Sendable, Hashable {
    /// Until the connection, TLS included, was ready; zero for a reused one.
    package var connect: Duration
    /// Until the first byte of the answer.
    package var firstByte: Duration
    /// Until the end.
    package var total: Duration

    package init(connect: Duration = .zero, firstByte: Duration = .zero, total: Duration = .zero) {
        self.connect = connect
        self.firstByte = firstByte
        self.total = total
    }
}
