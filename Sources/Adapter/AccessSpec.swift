package import PullcordModel

/// How a subscription's deliveries get to its endpoint.
package struct AccessSpec: Sendable, Equatable {
    package var auth: Auth
    package var tls: TLSSpec?
    /// The most that is sent; nil for no bound.
    package var rate: Rate?
    /// Deliveries in flight at once.
    package var concurrency: Int
    /// The OPTIONS request of CloudEvents.
    package var handshake: ConsentPolicy
    /// A signed POST whose answer must hold what was sent.
    package var challenge: ConsentPolicy
    /// Who asks, as a name of the domain name system; nil for this machine's.
    package var origin: Template?

    package init(
        auth: Auth = .none, tls: TLSSpec? = nil, rate: Rate? = nil,
        concurrency: Int = Limits.inFlightPerEndpoint, handshake: ConsentPolicy = .off,
        challenge: ConsentPolicy = .off, origin: Template? = nil
    ) {
        self.auth = auth
        self.tls = tls
        self.rate = rate
        self.concurrency = concurrency
        self.handshake = handshake
        self.challenge = challenge
        self.origin = origin
    }

    /// How a delivery proves who sends it, beside its signature.
    package enum Auth: Sendable, Equatable {
        case none
        case bearer(Template)
        case basic(username: Template, password: Template)
        case oauth2(OAuthSpec)
    }
}

/// Client credentials of OAuth 2 (RFC 6749, section 4.4).
package struct OAuthSpec: Sendable, Equatable {
    package enum Style: String, Sendable, CaseIterable {
        case header, body
    }

    package var tokenURL: Template
    package var clientID: Template
    package var clientSecret: Template
    package var scope: Template?
    package var audience: Template?
    package var style: Style
    package var place: Place

    package init(
        tokenURL: Template, clientID: Template, clientSecret: Template, scope: Template? = nil,
        audience: Template? = nil, style: Style = .header, place: Place
    ) {
        self.tokenURL = tokenURL
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.scope = scope
        self.audience = audience
        self.style = style
        self.place = place
    }
}

/// Paths of PEM files, absolute or relative to the bridge file.
package struct TLSSpec: Sendable, Equatable {
    /// Authorities that replace the system's.
    package var authority: Template?
    /// The client's certificate with its chain; there is a key where there is one.
    package var certificate: Template?
    package var key: Template?

    package init(authority: Template? = nil, certificate: Template? = nil, key: Template? = nil) {
        self.authority = authority
        self.certificate = certificate
        self.key = key
    }
}
