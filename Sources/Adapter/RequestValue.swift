extension Placeholder {
    /// What `${request.…}` and `${signature}` may name, in `auth.hmac`.
    package enum RequestValue: String, Sendable, CaseIterable {
        case method
        /// The whole URL, as the server sees it.
        case url
        /// In lower case, with the port unless it is the scheme's own.
        case host
        /// As it is sent, percent-encoded.
        case path
        /// As it is sent, without `?`.
        case query
        /// The query with its items sorted.
        case sortedQuery = "sorted_query"
        case body
        case bodyHash = "body_hash"
        /// When the request is sent.
        case time
        /// 32 random hexadecimal digits, new for every request.
        case nonce
        case signature

        /// As it stands in a placeholder.
        package var word: String { self == .signature ? rawValue : "request.\(rawValue)" }
    }
}

/// The words that may stand behind `request.`.
enum RequestValueGrammar {
    static func read(_ name: String, _ word: String) -> SubjectGrammar.Outcome {
        let words = Placeholder.RequestValue.allCases.map(\.word)
        guard let value = Placeholder.RequestValue(rawValue: name), value != .signature else {
            return .refused(
                message: "a request has no value `\(name)`", allowed: words,
                suggestion: Suggestion.nearest(to: word, among: words), hint: "")
        }
        return .subject(.request(value))
    }
}
