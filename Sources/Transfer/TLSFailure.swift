import CCurl

/// Tells apart why a TLS handshake failed.
struct TLSFailure {
    let code: TransferError.Code
    let hint: String

    /// `verification` is the result of OpenSSL's check of the chain (`X509_V_ERR_…` of
    /// x509_vfy.h), `message` what libcurl says with OpenSSL's own words in it.
    init(_ result: CURLcode, verification: Int, message: String) {
        let message = message.lowercased()
        code = Self.code(result, verification, message)
        hint = Self.hint(code, verification)
    }

    private static func code(
        _ result: CURLcode, _ verification: Int, _ message: String
    ) -> TransferError.Code {
        let says = { (words: [String]) in words.contains { message.contains($0) } }
        switch result {
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS:
            // The name is compared before the chain's result is there.
            if says(["subject name", "target host name"]) { return .tlsHostname }
            // libcurl gives this code also to the server's alert that our certificate is over, in
            // these words and without a result of the check, which was passed.
            if says(["certificate verification failed"]) { return .tlsClientCertificate }
            switch verification {
            case 0: return .tlsClientCertificate
            // X509_V_ERR_CERT_NOT_YET_VALID, …_HAS_EXPIRED and two for malformed dates.
            case 9, 10, 13, 14: return .tlsExpired
            // X509_V_ERR_HOSTNAME_MISMATCH and …_IP_ADDRESS_MISMATCH.
            case 62, 64: return .tlsHostname
            default: return .tlsUntrusted
            }
        case CURLE_SSL_CERTPROBLEM:
            return .tlsClientCertificate
        case CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED:
            return .tlsProtocol
        default:
            // Alerts come from the server, about what we sent.
            let isAlert = message.contains("alert")
            if isAlert, says(["certificate", "unknown ca", "access denied"]) {
                return .tlsClientCertificate
            }
            let isProtocol = says([
                "version", "unsupported protocol", "no protocols", "cipher", "handshake failure",
                "inappropriate fallback", "packet length too long", "http request",
                "record layer failure",
            ])
            return isProtocol ? .tlsProtocol : .tls
        }
    }

    private static func hint(_ code: TransferError.Code, _ verification: Int) -> String {
        switch code {
        case .tlsExpired:
            verification == 9
                ? "the certificate is not valid yet: check the clock of both machines"
                : "the certificate has expired: its owner has to renew it"
        case .tlsUntrusted:
            verification == 23
                ? "the certificate was revoked"
                : "give the certificate authority of the server, if it is a private one"
        case .tlsHostname: "check the name in the URL: the certificate is for others"
        case .tlsProtocol:
            "check the port and that the server speaks TLS 1.2 or newer; before TLS 1.3, a server"
                + " that misses a client certificate may say the same"
        case .tlsClientCertificate:
            "check that certificate and key belong together and are what the server wants"
        default: "check the certificate and the TLS version of the server"
        }
    }
}
