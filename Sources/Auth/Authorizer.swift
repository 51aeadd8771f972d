package import PullcordModel
package import PullcordTransfer

/// Gives requests their `Authorization` header.
package struct Authorizer: Sendable {
    private enum Kind: Sendable {
        case fixed(Secret)
        case tokens(TokenKeeper)
    }

    private let kind: Kind
    /// What must not be seen where a reply echoes the request; tokens come on top of it.
    package let secrets: [Secret]

    /// A token that does not change (RFC 6750, section 2.1).
    package static func bearer(_ token: Secret) -> Authorizer {
        Authorizer(kind: .fixed(Secret("Bearer " + token.expose())), secrets: [token])
    }

    /// User name and password (RFC 7617).
    package static func basic(username: String, password: Secret) -> Authorizer {
        let pair = Base64.encode(Array("\(username):\(password.expose())".utf8))
        return Authorizer(
            kind: .fixed(Secret("Basic " + pair)), secrets: [password, Secret(pair)])
    }

    /// Tokens of a token endpoint.
    package static func tokens(_ keeper: TokenKeeper) -> Authorizer {
        Authorizer(kind: .tokens(keeper), secrets: keeper.secrets)
    }

    /// Credentials for one request.
    package struct Grant: Sendable, Equatable {
        /// The value of the header.
        package let value: Secret
        /// The token that was fetched for it; nil for fixed credentials.
        package let token: Secret?
    }

    /// The credentials to send now.
    ///
    /// - Throws: ``AuthError`` if a token is needed and none is to be had.
    package func grant(
        over exchange: any Exchange, tls: TLSIdentity? = nil, time: any TimeSource
    ) async throws(AuthError) -> Grant {
        switch kind {
        case .fixed(let value):
            return Grant(value: value, token: nil)
        case .tokens(let keeper):
            let token = try await keeper.token(over: exchange, tls: tls, time: time)
            return Grant(value: Secret("Bearer " + token.expose()), token: token)
        }
    }

    /// The server answered 401; true if another try with ``grant(over:tls:time:)`` may help.
    package func rejected(_ grant: Grant) -> Bool {
        guard case .tokens(let keeper) = kind, let token = grant.token else { return false }
        keeper.reject(token)
        return true
    }
}
