import CCurl
package import PullcordModel

/// User name and password for a server that asks by 401 and says how to prove them.
///
/// The password itself is never sent. The first request of each exchange goes without proof, and
/// libcurl answers the question it is met with; so every exchange takes two requests or, for NTLM
/// on a new connection, three.
package struct ServerLogin: Sendable, Hashable {
    package enum Scheme: Sendable, Hashable {
        /// RFC 7616: MD5, SHA-256 and SHA-512-256, whichever the server names.
        case digest
        /// A connection is bound to whom it was proven for: libcurl uses it for nobody else.
        case ntlm
    }

    package let scheme: Scheme
    /// For NTLM also `DOMAIN\user`.
    package let username: String
    package let password: Secret

    package init(_ scheme: Scheme, username: String, password: Secret) {
        self.scheme = scheme
        self.username = username
        self.password = password
    }
}

extension Transfer {
    func set(_ login: ServerLogin) {
        switch login.scheme {
        case .digest: easy.set(CURLOPT_HTTPAUTH, Int(pullcord_auth_digest()))
        case .ntlm:
            easy.set(CURLOPT_HTTPAUTH, Int(pullcord_auth_ntlm()))
            // It proves a connection, and HTTP/2 shares one among many requests.
            easy.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
            easy.set(CURLOPT_PIPEWAIT, flag: false)
        }
        easy.set(CURLOPT_USERNAME, login.username)
        easy.set(CURLOPT_PASSWORD, login.password.expose())
        isSpent = true
    }
}
