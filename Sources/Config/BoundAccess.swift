package import PullcordAdapter
package import PullcordModel

/// How a subscription's deliveries get to its endpoint, with all values.
package struct BoundAccess: Sendable {
    package let spec: AccessSpec
    package let auth: Auth
    /// Paths as the process must open them; nil without `tls`.
    package let files: Files?
    /// nil for this machine's name.
    package let origin: String?
    /// The values that must not be seen.
    package let secrets: [Secret]

    package init(
        spec: AccessSpec, auth: Auth = .none, files: Files? = nil, origin: String? = nil,
        secrets: [Secret] = []
    ) {
        self.spec = spec
        self.auth = auth
        self.files = files
        self.origin = origin
        self.secrets = secrets
    }

    package enum Auth: Sendable, Equatable {
        case none
        case bearer(Secret)
        case basic(username: String, password: Secret)
        case oauth2(OAuth)
    }

    package struct OAuth: Sendable, Equatable {
        package let tokenURL: String
        package let clientID: String
        package let clientSecret: Secret
        package let scope: String?
        package let audience: String?
        package let style: OAuthSpec.Style
    }

    package struct Files: Sendable, Equatable {
        package let authority: String?
        package let certificate: String?
        package let key: String?

        package init(
            authority: String? = nil, certificate: String? = nil, key: String? = nil
        ) {
            self.authority = authority
            self.certificate = certificate
            self.key = key
        }
    }
}
