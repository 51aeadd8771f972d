import CCurl

/// A URL as libcurl reads it, so that a check sees the same host that a transfer will.
package struct RequestURL: Sendable, Hashable {
    /// `http` or `https`.
    package let scheme: String
    /// The host and port that the URL leads to, the scheme's own port filled in.
    package let target: AddressPolicy.Target

    /// Parses and checks a URL without any look at the network.
    ///
    /// - Throws: ``TransferError`` with `invalid_url` or `refused_scheme`, the same as a transfer.
    package init(_ text: String) throws(TransferError) {
        try Self.check(text)
        guard let parts = Self.parts(of: text, schemes: ["http", "https"]) else {
            throw Self.invalid(text, "the URL is malformed")
        }
        scheme = parts.scheme
        target = parts.target
    }

    /// The host and port of a proxy's URL; nil if it is malformed.
    static func proxyTarget(_ text: String) -> AddressPolicy.Target? {
        parts(of: text, schemes: ["http", "https", "socks5", "socks5h"])?.target
    }

    /// The URL as its server sees it, for signatures (RFC 9421, section 2.2.2): scheme and host in
    /// lower case, without the scheme's own port, with a path, dot segments resolved as libcurl
    /// resolves them.
    ///
    /// nil if libcurl cannot read it.
    package static func normalized(_ text: String) -> String? {
        guard let handle = unsafe curl_url() else { return nil }
        defer { unsafe curl_url_cleanup(handle) }
        guard unsafe curl_url_set(handle, CURLUPART_URL, text, 0) == CURLUE_OK,
            let scheme = unsafe part(CURLUPART_SCHEME, of: handle),
            let host = unsafe part(CURLUPART_HOST, of: handle, CURLU_PUNYCODE),
            let path = unsafe part(CURLUPART_PATH, of: handle)
        else { return nil }
        var result = "\(scheme.lowercased())://\(host.lowercased())"
        if let port = unsafe part(CURLUPART_PORT, of: handle, CURLU_NO_DEFAULT_PORT) {
            result += ":\(port)"
        }
        result += path.isEmpty ? "/" : path
        if let query = unsafe part(CURLUPART_QUERY, of: handle, 0) { result += "?\(query)" }
        return result
    }

    /// Refuses what must not even reach libcurl: relative URLs, other schemes, user information,
    /// white space and control characters.
    static func check(_ text: String) throws(TransferError) {
        guard text.utf8.count <= bytesMax else {
            throw invalid(text, "the URL has more than \(bytesMax) bytes")
        }
        guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            throw invalid(
                text, "the URL holds white space or a control character",
                hint: "percent-encode it, as in %20 for a space")
        }
        guard let length = prefixLength(of: text) else { throw schemeError(text) }
        let authority = text.utf8.dropFirst(length).prefix { byte in
            byte != 0x2F && byte != 0x3F && byte != 0x23
        }
        guard !authority.isEmpty else { throw invalid(text, "the URL has no host") }
        guard !authority.contains(0x5C) else { throw invalid(text, "the host holds a backslash") }
        guard !authority.contains(0x40) else {
            throw invalid(
                text, "the URL holds user information",
                hint: "send credentials in a header, never in a URL, which gets logged")
        }
    }

    /// The URL without user information, query and fragment, cut to a length fit for a log line.
    package static func withoutSecrets(_ text: String) -> String {
        var bytes = text.utf8.prefix { $0 != 0x3F && $0 != 0x23 }.prefix(1024).map { byte in
            byte < 0x20 || byte == 0x7F ? 0x20 : byte
        }
        let slash: UInt8 = 0x2F
        if let colon = bytes.firstIndex(of: 0x3A),
            bytes[(colon + 1)...].starts(with: [slash, slash])
        {
            let start = colon + 3
            let end = bytes[start...].firstIndex(of: slash) ?? bytes.endIndex
            if let sign = bytes[start..<end].lastIndex(of: 0x40) {
                bytes.removeSubrange(start...sign)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Longer than any URL that servers take (most stop at 8 KiB).
    private static let bytesMax = 65_536

    /// The number of bytes of `http://` or `https://` at the front, in any case.
    private static func prefixLength(of text: String) -> Int? {
        for prefix in ["http://", "https://"] as [StaticString] {
            let count = prefix.utf8CodeUnitCount
            let matches = unsafe text.utf8.prefix(count).elementsEqual(
                UnsafeBufferPointer(start: prefix.utf8Start, count: count),
                by: { $0 == $1 || ($0 | 0x20 == $1 && $0 >= 0x41 && $0 <= 0x5A) })
            if matches { return count }
        }
        return nil
    }

    private static func schemeError(_ text: String) -> TransferError {
        guard let colon = text.utf8.firstIndex(of: 0x3A), colon != text.startIndex,
            text[..<colon].utf8.allSatisfy({ $0 != 0x2F && $0 != 0x2E && $0 != 0x5B })
        else {
            return invalid(text, "the URL is not absolute", hint: "begin it with https://")
        }
        return TransferError(
            code: .refusedScheme, url: withoutSecrets(text), phase: .queue,
            message: "the scheme is neither http nor https", hint: "begin it with https://")
    }

    private static func invalid(_ text: String, _ message: String, hint: String = "")
        -> TransferError
    {
        TransferError(
            code: .invalidURL, url: withoutSecrets(text), phase: .queue, message: message,
            hint: hint)
    }

    private struct Parts {
        let scheme: String
        let target: AddressPolicy.Target
    }

    private static func parts(of text: String, schemes: Set<String>) -> Parts? {
        guard let handle = unsafe curl_url() else { return nil }
        defer { unsafe curl_url_cleanup(handle) }
        let flags = CUnsignedInt(CURLU_NON_SUPPORT_SCHEME)
        guard unsafe curl_url_set(handle, CURLUPART_URL, text, flags) == CURLUE_OK,
            let scheme = unsafe part(CURLUPART_SCHEME, of: handle), schemes.contains(scheme),
            let host = unsafe part(CURLUPART_HOST, of: handle)
        else { return nil }
        // libcurl's URL parser knows a default port for proxies of no kind: 1080 is its fallback.
        let port = unsafe part(CURLUPART_PORT, of: handle).flatMap { UInt16($0) }
        return Parts(
            scheme: scheme, target: AddressPolicy.Target(host: host, port: port ?? 1080))
    }

    @unsafe private static func part(
        _ part: CURLUPart, of handle: OpaquePointer, _ flags: Int32 = CURLU_DEFAULT_PORT
    ) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard unsafe curl_url_get(handle, part, &text, CUnsignedInt(flags)) == CURLUE_OK,
            let found = unsafe text
        else { return nil }
        defer { unsafe curl_free(found) }
        return unsafe String(cString: found)
    }
}
