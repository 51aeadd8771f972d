/// Where a text with placeholders stands, which decides what its placeholders may name.
package enum TemplateRoom: Sendable {
    case adapter
    /// A bridge file.
    case bridge
    /// The headers of a subscription, which may name the event too.
    case webhook

    /// What may be named there, as a person writes it.
    package var forms: [String] {
        switch self {
        case .adapter: Self.adapterForms
        case .bridge: ["env.NAME", "file:PATH"]
        case .webhook:
            ["env.NAME", "file:PATH"]
                + Placeholder.EventValue.allCases.map { "event.\($0.rawValue)" }
        }
    }

    private static let adapterForms = [
        "params.NAME", "cursor", "cursor.NAME", "cursor.until", "page.token", "page.number",
        "page.last", "page.offset", "page.after", "page.then", "page.size", "poll.started",
        "record.key", "record.NAME", "parent.NAME", "session.NAME",
    ]

    /// The words before a dot.
    var heads: [String] {
        switch self {
        case .adapter:
            ["params", "cursor", "page", "poll", "parent", "record", "request", "session"]
        case .bridge: ["env"]
        case .webhook: ["env", "event"]
        }
    }

    /// What a name in capitals is for, as shells write the variables of their environment.
    func variable(_ name: String) -> String {
        self == .adapter ? "params.\(name.lowercased())" : "env.\(name)"
    }
}
