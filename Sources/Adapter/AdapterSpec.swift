package import PullcordModel

/// What an adapter file says: how to read one API.
///
/// It holds no secrets and no values of one installation; a ``SourceSpec`` adds those.
package struct AdapterSpec: Sendable, Equatable {
    /// Lower-case letters, digits and `-`; the bridge file names the adapter by it.
    package var name: String
    /// The adapter's own version, counted by its author; 1 unless given.
    package var version: Int
    package var summary: String
    /// The API's documentation; nil unless given.
    package var documentation: String?
    package var parameters: [ParameterSpec]
    @Boxed package var origin = OriginSpec.network
    /// What every `path` is appended to; nil if each stream gives a whole `url`.
    package var baseURL: Template?
    /// Sent with every request of every stream.
    package var headers: [NamedTemplate]
    /// Query items of every request of every stream.
    package var query: [NamedTemplate]
    @Boxed package var auth: AuthSpec
    /// A header that an error answer hands out; nil if the API has no such thing.
    package var challenge: ChallengeSpec?
    @Boxed package var limits: LimitsSpec
    /// What answers mean, unless a stream's own rules say otherwise.
    @Boxed package var answers: AnswersSpec
    package var retry: RetrySpec
    package var streams: [StreamSpec]
    /// Client certificates; nil for none.
    @Boxed package var tls: TLSSpec?
    package var place: Place

    package init(
        name: String, version: Int = 1, summary: String = "", documentation: String? = nil,
        parameters: [ParameterSpec] = [], baseURL: Template? = nil,
        headers: [NamedTemplate] = [], query: [NamedTemplate] = [], auth: AuthSpec = .none,
        limits: LimitsSpec = LimitsSpec(), answers: AnswersSpec = AnswersSpec(),
        retry: RetrySpec = RetrySpec(),
        streams: [StreamSpec], place: Place
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.documentation = documentation
        self.parameters = parameters
        self.baseURL = baseURL
        self.headers = headers
        self.query = query
        self.auth = auth
        self.limits = limits
        self.answers = answers
        self.retry = retry
        self.streams = streams
        self.place = place
    }
}

/// One value that a source gives to an adapter under `with:`.
package struct ParameterSpec: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case string, integer, boolean, secret
    }

    package var name: String
    package var kind: Kind
    package var isRequired: Bool
    package var defaultValue: String?
    /// The only values allowed; empty means any.
    package var allowed: [String]
    package var summary: String
    package var place: Place

    package init(
        name: String, kind: Kind = .string, isRequired: Bool = false,
        defaultValue: String? = nil, allowed: [String] = [], summary: String = "", place: Place
    ) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
        self.defaultValue = defaultValue
        self.allowed = allowed
        self.summary = summary
        self.place = place
    }
}

/// A header or query item: its name as written, its value as a template.
///
/// An item whose template needs a value that is absent is left out of the request.
package struct NamedTemplate: Sendable, Equatable {
    package var name: String
    package var value: Template

    package init(name: String, value: Template) {
        self.name = name
        self.value = value
    }
}

/// A jq program as the file has it, with the place of its first character.
package struct ExpressionText: Sendable, Equatable {
    package var text: String
    package var place: Place

    package init(text: String, place: Place) {
        self.text = text
        self.place = place
    }
}

/// How a request proves who sends it.
package enum AuthSpec: Sendable, Equatable {
    case none
    /// RFC 7617.
    case basic(username: Template, password: Template)
    /// RFC 6750, section 2.1.
    case bearer(Template)
    case apiKey(in: KeyLocation, name: String, value: Template)
    /// RFC 7616.
    case digest(username: Template, password: Template)
    /// [MS-NLMP]; a user name may be `DOMAIN\user`.
    case ntlm(username: Template, password: Template)
    /// AWS Signature Version 4.
    case awsSignature(AWSAuthSpec)
    /// A signature by a template of the adapter's own.
    case hmac(HMACAuthSpec)
    /// By what has to be fetched before.
    case login(LoginSpec)

    package enum KeyLocation: String, Sendable, CaseIterable {
        case header, query, cookie
    }
}

/// When a request that failed is tried again within the same poll.
package struct RetrySpec: Sendable, Equatable {
    /// Requests in all for one page, the first included.
    package var attempts: Int
    /// Statuses worth another try, besides failures of the network.
    package var statuses: [Int]

    package static let defaultStatuses = [408, 425, 429, 500, 502, 503, 504]

    package init(attempts: Int = 4, statuses: [Int] = Self.defaultStatuses) {
        self.attempts = attempts
        self.statuses = statuses
    }
}
