package import PullcordModel

/// Credentials that have to be fetched before a request is sent.
package enum LoginSpec: Sendable, Equatable {
    case oauth2(OAuthGrantSpec)
    case session(SessionSpec)
    case registry(RegistrySpec)

    /// Every template in it.
    package var templates: [Template] {
        switch self {
        case .oauth2(let grant): grant.templates
        case .session(let session): session.templates
        case .registry(let registry):
            [registry.username, registry.password].compactMap { $0 }
        }
    }

    /// The templates whose values nobody must see.
    package var secretTemplates: [Template] {
        switch self {
        case .oauth2(let grant):
            [grant.clientSecret, grant.refreshToken, grant.password, grant.assertion?.key]
                .compactMap { $0 }
        // Its secrets are parameters of the kind `secret`.
        case .session: []
        case .registry(let registry): [registry.password].compactMap { $0 }
        }
    }
}

/// A grant of OAuth 2 (RFC 6749, section 4; RFC 7523).
package struct OAuthGrantSpec: Sendable, Equatable {
    package enum Grant: String, Sendable, CaseIterable {
        case clientCredentials = "client_credentials"
        case refreshToken = "refresh_token"
        case password
        case jwtBearer = "jwt_bearer"
    }

    /// How the client proves who it is (RFC 6749, section 2.3; RFC 7523, section 2.2).
    package enum ClientAuth: String, Sendable, CaseIterable {
        case basic, body
        case privateKeyJWT = "private_key_jwt"
    }

    package var grant: Grant
    package var tokenURL: Template
    /// nil for a client that has no name, as with the JWT of a service account.
    package var clientID: Template?
    /// nil for a public client.
    package var clientSecret: Template?
    package var clientAuth: ClientAuth
    package var scope: Template?
    /// The one that the server gave first; it may give others later.
    package var refreshToken: Template?
    package var username: Template?
    package var password: Template?
    package var assertion: AssertionSpec?
    /// Further form items of the request for a token.
    package var parameters: [NamedTemplate]
    package var place: Place

    package init(
        grant: Grant, tokenURL: Template, clientID: Template? = nil,
        clientSecret: Template? = nil, clientAuth: ClientAuth = .basic, scope: Template? = nil,
        refreshToken: Template? = nil, username: Template? = nil, password: Template? = nil,
        assertion: AssertionSpec? = nil, parameters: [NamedTemplate] = [], place: Place
    ) {
        self.grant = grant
        self.tokenURL = tokenURL
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.clientAuth = clientAuth
        self.scope = scope
        self.refreshToken = refreshToken
        self.username = username
        self.password = password
        self.assertion = assertion
        self.parameters = parameters
        self.place = place
    }

    package var templates: [Template] {
        let own = [tokenURL, clientID, clientSecret, scope, refreshToken, username, password]
        return own.compactMap { $0 } + (assertion?.templates ?? []) + parameters.map(\.value)
    }
}

/// A signed statement (JWT, RFC 7519) that stands for credentials.
package struct AssertionSpec: Sendable, Equatable {
    package enum Algorithm: String, Sendable, CaseIterable {
        case rs256 = "RS256"
        case es256 = "ES256"
    }

    /// nil for the client's id.
    package var issuer: Template?
    /// nil for none; in a client's own assertion the client's id.
    package var subject: Template?
    /// nil for the token endpoint.
    package var audience: Template?
    /// A private key in PEM.
    package var key: Template
    package var keyID: Template?
    package var algorithm: Algorithm
    package var lifetime: Duration
    /// Further claims, a JSON object; nil for none.
    package var claims: JSONTemplate?

    package init(
        issuer: Template? = nil, subject: Template? = nil, audience: Template? = nil,
        key: Template, keyID: Template? = nil, algorithm: Algorithm = .rs256,
        lifetime: Duration = .seconds(300), claims: JSONTemplate? = nil
    ) {
        self.issuer = issuer
        self.subject = subject
        self.audience = audience
        self.key = key
        self.keyID = keyID
        self.algorithm = algorithm
        self.lifetime = lifetime
        self.claims = claims
    }

    var templates: [Template] {
        [issuer, subject, audience, key, keyID].compactMap { $0 } + (claims?.templates ?? [])
    }
}

/// A login by requests whose answers hand out a token or a cookie.
package struct SessionSpec: Sendable, Equatable {
    /// Which of the cookies that the login sets are sent with what follows.
    package enum Cookies: Sendable, Equatable {
        case none, all
        case named([String])
    }

    package enum Lifetime: Sendable, Equatable {
        /// Until the API says that it is over.
        case open
        case fixed(Duration)
        /// The last answer of the login says it.
        case stated(ValueReading)
    }

    /// In this order; at least one.
    package var steps: [LoginStepSpec]
    package var sends: [SessionSendSpec]
    package var cookies: Cookies
    package var lifetime: Lifetime
    package var place: Place

    package init(
        steps: [LoginStepSpec], sends: [SessionSendSpec] = [], cookies: Cookies = .none,
        lifetime: Lifetime = .open, place: Place
    ) {
        self.steps = steps
        self.sends = sends
        self.cookies = cookies
        self.lifetime = lifetime
        self.place = place
    }

    var templates: [Template] {
        steps.flatMap(\.request.templates) + sends.map(\.value)
    }
}

/// One request of a login, and what is taken out of its answer.
package struct LoginStepSpec: Sendable, Equatable {
    package enum Source: Sendable, Equatable {
        case body(ExpressionText)
        case header(String)
        case cookie(String)
    }

    package struct Take: Sendable, Equatable {
        package var name: String
        package var source: Source

        package init(name: String, source: Source) {
            self.name = name
            self.source = source
        }
    }

    package var request: RequestSpec
    package var takes: [Take]
    /// A jq program that is true of the answer to a login that has worked; nil for any.
    package var check: ExpressionText?
    /// A jq program over the answer that tells people why a login has failed.
    package var message: ExpressionText?
    package var place: Place

    package init(
        request: RequestSpec, takes: [Take] = [], check: ExpressionText? = nil,
        message: ExpressionText? = nil, place: Place
    ) {
        self.request = request
        self.takes = takes
        self.check = check
        self.message = message
        self.place = place
    }
}

/// What of a session goes along with each request, and where.
package struct SessionSendSpec: Sendable, Equatable {
    package enum Location: String, Sendable, CaseIterable {
        case header, query, cookie
        /// A member of a body that is a JSON object.
        case body
    }

    package var location: Location
    package var name: String
    package var value: Template

    package init(location: Location, name: String, value: Template) {
        self.location = location
        self.name = name
        self.value = value
    }
}

/// Tokens of a container registry, whose 401 says where they are to be had.
package struct RegistrySpec: Sendable, Equatable {
    /// nil for anonymous tokens.
    package var username: Template?
    package var password: Template?
    /// Hosts besides the API's own domain that may be given the password.
    package var realmHosts: [String]
    package var place: Place

    package init(
        username: Template? = nil, password: Template? = nil, realmHosts: [String] = [],
        place: Place
    ) {
        self.username = username
        self.password = password
        self.realmHosts = realmHosts
        self.place = place
    }
}

/// A header that an answer of a certain status hands out and that requests must carry.
package struct ChallengeSpec: Sendable, Equatable {
    package var status: Int
    package var header: String

    package init(status: Int, header: String) {
        self.status = status
        self.header = header
    }
}
