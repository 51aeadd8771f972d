import PullcordAdapter
import PullcordJSON
package import PullcordModel

/// One complaint about a file: what, where, what is allowed and what to do.
package struct Diagnostic: Sendable, Equatable {
    package enum Severity: String, Sendable {
        /// The file is not used.
        case error
        /// The file works, though perhaps not as meant.
        case warning
    }

    package var severity: Severity
    /// A stable name for scripts: lower-case words joined by `_`.
    package var code: String
    package var place: Place
    /// The keys that lead to the value: `streams.issues.pages.link`, `sources[0].every`; empty
    /// for the whole file.
    package var keyPath: String
    /// What was found, as written; empty if that does not help or may be secret.
    package var found: String
    /// One sentence without the final stop.
    package var message: String
    /// What may stand there; empty if anything may, or the message says it.
    package var allowed: [String]
    /// The nearest of what is allowed.
    package var suggestion: String?
    /// What to do next; may be empty.
    package var hint: String
    /// Another place that the message is about.
    package var related: Place?

    /// Values that are listed: a reader looks for one of them, not through thousands.
    private static let allowedMax = 40

    package init(
        _ severity: Severity = .error, code: String, place: Place, keyPath: String,
        found: String = "", message: String, allowed: [String] = [], suggestion: String? = nil,
        hint: String = "", related: Place? = nil
    ) {
        self.severity = severity
        self.code = code
        self.place = place
        self.keyPath = keyPath
        self.found = found
        self.message = message
        let rest = allowed.count - Self.allowedMax
        self.allowed =
            rest > 0 ? allowed.prefix(Self.allowedMax) + ["and \(rest) more"] : allowed
        self.suggestion = suggestion
        self.hint = hint
        self.related = related
    }
}

extension Diagnostic {
    /// Without control characters that a file brings along: they could drive a terminal.
    var printable: Diagnostic {
        var copy = self
        copy.keyPath = StrangerText.printable(keyPath)
        copy.found = StrangerText.printable(found)
        copy.message = StrangerText.printable(message)
        copy.allowed = allowed.map(StrangerText.printable(_:))
        copy.suggestion = suggestion.map(StrangerText.printable(_:))
        copy.hint = StrangerText.printable(hint)
        return copy
    }
}

extension Diagnostic {
    /// One JSON object with a member for each field; empty ones are left out.
    package var json: String {
        var members = [
            #""severity":\#(JSONText.quoted(severity.rawValue))"#,
            #""code":\#(JSONText.quoted(code))"#, #""file":\#(JSONText.quoted(place.file))"#,
            #""line":\#(place.line)"#, #""column":\#(place.column)"#,
        ]
        func add(_ name: String, _ text: String) {
            if !text.isEmpty { members.append("\"\(name)\":\(JSONText.quoted(text))") }
        }
        add("path", keyPath)
        add("message", message)
        add("found", found)
        if !allowed.isEmpty {
            let list = allowed.map { JSONText.quoted($0) }.joined(separator: ",")
            members.append(#""allowed":[\#(list)]"#)
        }
        add("suggestion", suggestion ?? "")
        add("hint", hint)
        if let related {
            add("related", related.description)
        }
        return "{" + members.joined(separator: ",") + "}"
    }
}
