import PullcordModel

/// One HTTP request as it is to be sent: nothing is added from the environment, and a redirect is
/// not followed.
package struct HTTPRequest: Sendable {
    package var method: HTTPMethod
    /// An absolute `http` or `https` URL without user information.
    package var url: String
    /// Sent in this order.
    ///
    /// `Content-Length` and `Transfer-Encoding` are refused: they follow from ``body``.
    package var headers: [HTTPField]
    /// The body; with nil none is sent, and `POST`, `PUT` and `PATCH` say `Content-Length: 0`.
    package var body: [UInt8]?
    package var deadlines: Deadlines
    package var bodyLimit: BodyLimit
    /// From how many bytes on the body goes to a file rather than to memory; nil for never.
    package var spoolsOver: Int?
    /// Whether every content coding that libcurl knows is offered (gzip, deflate, br, zstd).
    ///
    /// The body that comes back is decoded, and ``bodyLimit`` counts decoded bytes.
    package var acceptsEncoding: Bool
    /// The URL of a proxy (`http`, `https`, `socks5`, `socks5h`); the default is none.
    ///
    /// With a proxy it is the proxy's address that the address policy judges, for the proxy
    /// alone knows where it connects to. Variables such as `HTTPS_PROXY` are never read.
    package var proxy: String?
    /// The path of a PEM bundle that replaces the system's certificate authorities.
    package var certificateAuthority: String?
    /// A client certificate and an authority of this request's own; the default is none.
    package var tls: TLSIdentity?
    /// What the server's own question is answered with; the default is nothing.
    package var login: ServerLogin?
    /// What is asked of this machine instead of a host; nil for a request of the network.
    package var call: LocalCall?

    /// Deadlines are those of a delivery, the limit is ``BodyLimit/page``, and no coding
    /// is offered unless said otherwise.
    package init(
        method: HTTPMethod = .get, url: String, headers: [HTTPField] = [], body: [UInt8]? = nil,
        deadlines: Deadlines = .delivery,
        bodyLimit: BodyLimit = .page,
        acceptsEncoding: Bool = false, proxy: String? = nil, certificateAuthority: String? = nil,
        tls: TLSIdentity? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.deadlines = deadlines
        self.bodyLimit = bodyLimit
        self.acceptsEncoding = acceptsEncoding
        self.proxy = proxy
        self.certificateAuthority = certificateAuthority
        self.tls = tls
    }
}

/// The methods of RFC 9110, section 9.3, and RFC 5789 that Pullcord sends.
package enum HTTPMethod: String, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"
}

/// How long each part of an exchange may take.
package struct Deadlines: Sendable, Hashable {
    /// From the start of name resolution to the end of the TLS handshake.
    ///
    /// A wait for a free connection counts towards ``total`` only.
    package var connect: Duration
    /// From a ready connection to the first line of the answer.
    package var firstByte: Duration
    /// From the call to the last byte of the body.
    package var total: Duration

    package init(connect: Duration, firstByte: Duration, total: Duration) {
        self.connect = connect
        self.firstByte = firstByte
        self.total = total
    }

    /// 5 s to connect, 15 s to the first byte, 20 s in all.
    package static let delivery = Deadlines(
        connect: .seconds(5), firstByte: .seconds(15), total: .seconds(20))
}

/// How many decoded body bytes are taken, and what happens when there are more.
package enum BodyLimit: Sendable, Hashable {
    /// A longer body is the error `body_too_large`.
    case refuse(over: Int)
    /// A longer body is cut and the connection is closed.
    ///
    /// The status decides: once the header is complete, nothing that goes wrong with the body (too
    /// long, too slow, cut short, badly encoded) makes an error of the answer.
    case truncate(over: Int)

    /// What a page of a source may have unless its adapter says otherwise.
    package static let page = BodyLimit.refuse(over: Limits.pageBytesDefault)
    /// What is read of a receiver's reply.
    package static let reply = BodyLimit.truncate(over: Limits.replyBytesRead)

    /// The number of bytes; a negative one counts as 0.
    package var bytes: Int {
        switch self {
        case .refuse(let bytes), .truncate(let bytes): max(0, bytes)
        }
    }

    /// Whether the body is cut rather than refused.
    package var truncates: Bool {
        switch self {
        case .refuse: false
        case .truncate: true
        }
    }
}
