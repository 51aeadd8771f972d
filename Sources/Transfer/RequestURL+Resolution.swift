import CCurl

extension RequestURL {
    /// Scheme, host and port: what credentials are bound to.
    package var origin: String { "\(scheme)://\(target.host):\(target.port)" }

    /// The URL that a reference means which was found at `base` (RFC 3986, section 5), by
    /// libcurl's own parser (`curl_url_set`(3)).
    ///
    /// - Returns: nil if either is malformed, or if user information stands in them.
    package static func resolve(_ reference: String, against base: String) -> String? {
        guard let handle = unsafe curl_url() else { return nil }
        defer { unsafe curl_url_cleanup(handle) }
        let flags = CUnsignedInt(CURLU_DISALLOW_USER)
        var text: UnsafeMutablePointer<CChar>?
        guard unsafe curl_url_set(handle, CURLUPART_URL, base, flags) == CURLUE_OK,
            unsafe curl_url_set(handle, CURLUPART_URL, reference, flags) == CURLUE_OK,
            unsafe curl_url_get(handle, CURLUPART_URL, &text, 0) == CURLUE_OK,
            let found = unsafe text
        else { return nil }
        defer { unsafe curl_free(found) }
        return unsafe String(cString: found)
    }
}
