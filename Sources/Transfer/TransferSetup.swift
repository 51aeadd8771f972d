import CCurl
import Glibc
import PullcordModel

/// Turns a request into options of an easy handle.
extension Transfer {
    /// Sets, once, what all exchanges of an engine have in common.
    func configure(
        userAgent: String, loop: UnsafeMutableRawPointer, share: UnsafeMutableRawPointer?
    ) {
        // Signals would reach other threads; the resolver thread needs none.
        easy.set(CURLOPT_NOSIGNAL, flag: true)
        // Without this a cancelled exchange would wait, and all others with it, until
        // getaddrinfo returns.
        easy.set(CURLOPT_QUICK_EXIT, flag: true)
        easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        easy.set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        easy.set(CURLOPT_FOLLOWLOCATION, flag: false)
        easy.set(CURLOPT_DISALLOW_USERNAME_IN_URL, flag: true)
        easy.set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        // Empty rather than absent: so that no variable of the environment is looked up.
        easy.set(CURLOPT_PROXY, "")
        easy.set(CURLOPT_NOPROXY, "")
        easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, flag: true)
        easy.set(CURLOPT_SSL_VERIFYPEER, flag: true)
        easy.set(CURLOPT_SSL_VERIFYHOST, 2)
        easy.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        easy.set(CURLOPT_TCP_NODELAY, flag: true)
        easy.set(CURLOPT_TCP_KEEPALIVE, flag: true)
        easy.set(CURLOPT_MAXLIFETIME_CONN, Self.connectionLifetimeSeconds)
        easy.set(CURLOPT_BUFFERSIZE, Self.receiveBufferBytes)
        easy.set(CURLOPT_USERAGENT, userAgent)
        unsafe easy.set(CURLOPT_SHARE, pointer: share)
        unsafe setCallbacks(loop: loop)
    }

    /// Sets what this request asks for.
    ///
    /// - Throws: `invalid_url`, `invalid_header` or `refused_scheme`.
    func prepare(_ request: HTTPRequest) throws(TransferError) {
        easy.set(CURLOPT_URL, request.url)
        let isTLS = (request.url.utf8.dropFirst(4).first ?? 0) | 0x20 == 0x73
        // HTTP/2 is agreed on in the TLS handshake only; to wait for its outcome on clear text
        // would make the first exchanges with a host go one by one.
        easy.set(CURLOPT_HTTP_VERSION, isTLS ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1)
        easy.set(CURLOPT_PIPEWAIT, flag: isTLS)
        setMethod(request)
        easy.setHeaders(try Self.headerLines(of: request))
        let connect = ExchangeTimer.nanoseconds(request.deadlines.connect) / 1_000_000
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, Int(connect))
        // The empty text stands for every coding that this libcurl was built with.
        easy.set(CURLOPT_ACCEPT_ENCODING, request.acceptsEncoding ? "" : nil)
        if let proxy = request.proxy {
            guard RequestURL.proxyTarget(proxy) != nil, !proxy.utf8.contains(where: { $0 <= 0x20 })
            else {
                throw TransferError(
                    code: .invalidURL, url: RequestURL.withoutSecrets(proxy), phase: .queue,
                    message: "the proxy's URL is malformed",
                    hint: "write it as http://proxy.example.com:3128")
            }
            easy.set(CURLOPT_PROXY, proxy)
            isSpent = true
        }
        if let path = request.certificateAuthority {
            easy.set(CURLOPT_CAINFO, path)
            easy.set(CURLOPT_CAPATH, nil as String?)
            isSpent = true
        }
        if let identity = request.tls { set(identity) }
        if let login = request.login { set(login) }
    }

    private func set(_ identity: TLSIdentity) {
        if let authority = identity.authority {
            easy.set(CURLOPT_CAINFO_BLOB, blob: authority)
            // The system's folder of authorities would still be trusted.
            easy.set(CURLOPT_CAPATH, nil as String?)
        }
        if let certificate = identity.certificate {
            easy.set(CURLOPT_SSLCERT_BLOB, blob: certificate)
            easy.set(CURLOPT_SSLCERTTYPE, "PEM")
        }
        if let key = identity.key {
            easy.set(CURLOPT_SSLKEY_BLOB, blob: key)
            easy.set(CURLOPT_SSLKEYTYPE, "PEM")
        }
        isSpent = true
    }

    /// A connection that is never idle still ends at times, so that a moved name is noticed.
    private static let connectionLifetimeSeconds = 600
    /// Bytes read at once: few system calls for a page, little memory for thousands of exchanges.
    private static let receiveBufferBytes = 64 << 10

    private func setCallbacks(loop: UnsafeMutableRawPointer) {
        let own = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe easy.set(CURLOPT_PRIVATE, pointer: own)
        unsafe easy.set(CURLOPT_HEADERFUNCTION, receive: TransferCallbacks.header)
        unsafe easy.set(CURLOPT_HEADERDATA, pointer: own)
        unsafe easy.set(CURLOPT_WRITEFUNCTION, receive: TransferCallbacks.body)
        unsafe easy.set(CURLOPT_WRITEDATA, pointer: own)
        unsafe pullcord_set_resolver_start(easy.raw, TransferCallbacks.resolverStart)
        unsafe easy.set(CURLOPT_RESOLVER_START_DATA, pointer: own)
        unsafe pullcord_set_open_socket(easy.raw, TransferCallbacks.openSocket)
        unsafe easy.set(CURLOPT_OPENSOCKETDATA, pointer: own)
        unsafe pullcord_set_prerequest(easy.raw, TransferCallbacks.prerequest)
        unsafe easy.set(CURLOPT_PREREQDATA, pointer: own)
        // A connection is closed long after its exchange: that is the loop's to hear.
        unsafe pullcord_set_close_socket(easy.raw, TransferLoop.closeSocket)
        unsafe easy.set(CURLOPT_CLOSESOCKETDATA, pointer: loop)
    }

    private func setMethod(_ request: HTTPRequest) {
        easy.set(CURLOPT_NOBODY, flag: false)
        easy.set(CURLOPT_CUSTOMREQUEST, nil as String?)
        let needsBody: Bool =
            switch request.method {
            case .post, .put, .patch: true
            case .get, .head, .delete, .options: false
            }
        if request.body != nil || needsBody {
            easy.set(CURLOPT_POST, flag: true)
            easy.setBody(request.body ?? [])
            if request.method != .post {
                easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
            }
            return
        }
        easy.set(CURLOPT_HTTPGET, flag: true)
        switch request.method {
        case .get, .post, .put, .patch: break
        case .head: easy.set(CURLOPT_NOBODY, flag: true)
        case .delete, .options: easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
    }

    /// The lines in libcurl's own form, where `name;` is an empty value and `name:` takes a
    /// header of libcurl's own away.
    private static func headerLines(of request: HTTPRequest) throws(TransferError) -> [String] {
        var lines: [String] = []
        lines.reserveCapacity(request.headers.count + 2)
        var bytes = 0
        var hasType = false
        for field in request.headers {
            try check(field, of: request)
            bytes += field.name.utf8.count + field.value.utf8.count
            guard bytes <= Limits.headerBytesMax else {
                throw refusal(
                    of: request, "the headers have more than \(Limits.headerBytesMax) bytes")
            }
            if field.name.utf8.count == 12, field.name.lowercased() == "content-type" {
                hasType = true
            }
            let isEmpty = field.value.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 }
            lines.append(isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        if !hasType { lines.append("Content-Type:") }
        lines.append("Expect:")
        return lines
    }

    /// Names are tokens; values hold no control character but the tab (RFC 9110, section 5).
    private static func check(_ field: HTTPField, of request: HTTPRequest) throws(TransferError) {
        guard !field.name.isEmpty, field.name.utf8.allSatisfy(isToken) else {
            throw refusal(of: request, "a header has a malformed name")
        }
        let isClean = field.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
        guard isClean else {
            throw refusal(
                of: request, "the value of header \(field.name) holds a control character")
        }
        guard field.name.utf8.count >= 14 else { return }
        let name = field.name.lowercased()
        guard name != "content-length", name != "transfer-encoding" else {
            throw refusal(of: request, "the header \(field.name) follows from the body")
        }
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x5E...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x7C, 0x7E: true
        default: false
        }
    }

    private static func refusal(of request: HTTPRequest, _ message: String) -> TransferError {
        TransferError(
            code: .invalidHeader, url: RequestURL.withoutSecrets(request.url), phase: .queue,
            message: message, hint: "correct the header, or take it out")
    }
}
