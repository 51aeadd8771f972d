import CCurl

/// An absolute `http` or `https` URL, read by libcurl's own parser (`curl_url_set`(3)), so that
/// what is judged here is what is connected to.
package struct WebURL: Sendable, Hashable, CustomStringConvertible {
    /// Scheme, host and port: what credentials are bound to.
    package struct Origin: Sendable, Hashable, CustomStringConvertible {
        package let scheme: String
        package let host: String
        package let port: Int

        package var description: String { "\(scheme)://\(host):\(port)" }
    }

    /// The URL, normalised by libcurl.
    package let text: String
    package let origin: Origin

    /// Reads an absolute URL; nil if it is malformed, relative, of another scheme, or holds user
    /// information.
    package init?(parsing text: String) {
        self.init(base: nil, reference: text)
    }

    /// The URL that a reference found in this one means (RFC 3986, section 5).
    package func resolving(_ reference: String) -> WebURL? {
        WebURL(base: text, reference: reference)
    }

    package var description: String { text }

    /// The URL without query and fragment, which may hold secrets; for messages.
    package static func withoutQuery(_ url: String) -> String {
        String(url.prefix { $0 != "?" && $0 != "#" })
    }

    private init?(base: String?, reference: String) {
        guard let handle = unsafe curl_url() else { return nil }
        defer { unsafe curl_url_cleanup(handle) }
        let flags = UInt32(CURLU_DISALLOW_USER)
        if let base {
            guard unsafe curl_url_set(handle, CURLUPART_URL, base, flags) == CURLUE_OK else {
                return nil
            }
        }
        guard unsafe curl_url_set(handle, CURLUPART_URL, reference, flags) == CURLUE_OK,
            let text = unsafe Self.part(CURLUPART_URL, of: handle),
            let scheme = unsafe Self.part(CURLUPART_SCHEME, of: handle)?.lowercased(),
            scheme == "http" || scheme == "https",
            let host = unsafe Self.part(CURLUPART_HOST, of: handle)?.lowercased(),
            let port = unsafe Self.part(CURLUPART_PORT, of: handle, UInt32(CURLU_DEFAULT_PORT))
                .flatMap(Int.init)
        else { return nil }
        self.text = text
        origin = Origin(scheme: scheme, host: host, port: port)
    }

    private static func part(
        _ part: CURLUPart, of handle: OpaquePointer, _ flags: UInt32 = 0
    ) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard unsafe curl_url_get(handle, part, &text, flags) == CURLUE_OK,
            let found = unsafe text
        else { return nil }
        defer { unsafe curl_free(found) }
        return unsafe String(cString: found)
    }
}
