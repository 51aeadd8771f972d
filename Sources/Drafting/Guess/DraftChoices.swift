/// What a person has said about an API, so that it need not be guessed.
package struct DraftChoices: Sendable {
    /// The jq program for the list.
    package var records: String?
    package var key: [String] = []
    /// The field that grows when a record changes, as a jq program.
    package var cursor: String?
    /// The query item that asks for what changed since.
    package var since: String?
    package var pages: String?
    package var name: String?
    package var stream: String?
    package var credential: DraftCredential?
    /// Headers that every request carries.
    package var headers: [(name: String, value: String)] = []

    package init() {}
}

/// Where a credential goes; its value is none of a draft's business.
package enum DraftCredential: Sendable, Equatable {
    case bearer
    case basic
    case header(String)
    case query(String)
    case cookie(String)

    /// The entries `params` and `auth` of an adapter.
    var parameters: [DraftEntry] {
        switch self {
        case .bearer: [Self.secret("token")]
        case .basic:
            [
                DraftEntry("username", .map([DraftEntry("required", .bool(true))])),
                Self.secret("password"),
            ]
        case .header, .query, .cookie: [Self.secret("key")]
        }
    }

    var auth: DraftValue {
        switch self {
        case .bearer: .texts([("bearer", "${params.token}")])
        case .basic:
            .map([
                DraftEntry(
                    "basic",
                    .texts([
                        ("username", "${params.username}"), ("password", "${params.password}"),
                    ]))
            ])
        case .header(let name): Self.key("header", name)
        case .query(let name): Self.key("query", name)
        case .cookie(let name): Self.key("cookie", name)
        }
    }

    private static func key(_ place: String, _ name: String) -> DraftValue {
        .map([
            DraftEntry("api_key", .texts([(place, name), ("value", "${params.key}")]))
        ])
    }

    static func secret(_ name: String) -> DraftEntry {
        DraftEntry(
            name,
            .map([DraftEntry("type", text: "secret"), DraftEntry("required", .bool(true))]))
    }
}

/// A request that would settle a guess.
package struct DraftProbe: Sendable, Equatable {
    package enum Purpose: Sendable, Equatable {
        /// The same request again, with the validators of the first answer.
        case again
        /// The next page, by the guess.
        case nextPage
        /// Whether pages are counted from 0, and not from 1.
        case zero
    }

    package let purpose: Purpose
    package let url: String
    package let headers: [DraftHeader]
    /// What it is for, in words.
    package let reason: String
}

/// A header of a probe.
package struct DraftHeader: Sendable, Equatable {
    package let name: String
    package let value: String
}
