import PullcordModel

/// Puts libyaml's messages into words that say what to do.
struct SyntaxMessage {
    let message: String
    let hint: String
    var mark: Mark?
    var related: Mark?

    static func error(_ failure: ParserFailure, in source: SourceText) -> YAMLError {
        if failure.isMemory {
            return YAMLError(
                code: .memory, place: source.place(failure.mark), message: "memory ran out")
        }
        let words = SyntaxMessage(failure, in: source)
        return YAMLError(
            code: .syntax, place: source.place(words.mark ?? failure.mark),
            message: words.message, hint: words.hint,
            related: words.related.map { source.place($0) })
    }

    init(message: String, hint: String, mark: Mark? = nil, related: Mark? = nil) {
        self.message = message
        self.hint = hint
        self.mark = mark
        self.related = related
    }

    init(_ failure: ParserFailure, in source: SourceText) {
        let found = source.character(at: failure.mark)
        switch failure.problem {
        case "found character that cannot start any token":
            self = Self.badStart(found)
        case "found a tab character that violates indentation",
            "found a tab character where an indentation space is expected":
            self = Self.tab
        case "mapping values are not allowed in this context":
            self = Self(
                message: "a `:` stands where no key can be",
                hint: "quote a text that contains `: `, and indent the keys of a mapping alike")
        case "could not find expected ':'":
            self = Self(
                message: "a key without `:`",
                hint: "write `key: value`; a text over several lines needs quotes or `|`",
                mark: failure.contextMark)
        case "did not find expected key":
            self = Self(
                message: "a key was expected here",
                hint: "keys of one mapping are indented alike; quote a text that begins with a "
                    + "quote or goes on after one", related: failure.contextMark)
        case "did not find expected '-' indicator":
            self = Self(
                message: "an item of the list (`- …`) was expected here",
                hint: "items of one list are indented alike", related: failure.contextMark)
        case "did not find expected ',' or '}'", "did not find expected ',' or ']'":
            self = Self.openFlow(failure, found)
        case "found unexpected end of stream" where failure.context.contains("quoted scalar"):
            self = Self(
                message: "the quote that is opened here is never closed", hint: "",
                mark: failure.contextMark)
        case "found unknown escape character":
            self = Self(
                message: "an unknown escape after `\\`",
                hint: #"write `\\` for a backslash, or use single quotes"#)
        case "block sequence entries are not allowed in this context":
            self = Self(
                message: "a `-` stands where no list can begin",
                hint: "put the list on lines of its own under its key")
        case "did not find expected node content":
            self = Self(message: "a value was expected here", hint: "")
        case "did not find expected <document start>":
            self = Self(
                message: "the file goes on after its value has ended",
                hint: "keys at the top of the file begin at column 1")
        default:
            let context = failure.context.isEmpty ? "" : " \(failure.context)"
            self = Self(
                message: "not valid YAML: \(failure.problem)\(context)",
                hint: "", related: failure.context.isEmpty ? nil : failure.contextMark)
        }
    }

    private static let tab = Self(
        message: "a tab is used as indentation", hint: "YAML is indented with spaces")

    private static func badStart(_ found: Unicode.Scalar?) -> Self {
        guard let found else {
            return Self(message: "a value was expected here", hint: "")
        }
        if found == "\t" { return tab }
        return Self(
            message: "a text cannot begin with `\(found)`", hint: "put the text in quotes")
    }

    private static func openFlow(_ failure: ParserFailure, _ found: Unicode.Scalar?) -> Self {
        let bracket = failure.problem.hasSuffix("'}'") ? "}" : "]"
        guard let found else {
            let opening = bracket == "}" ? "{" : "["
            return Self(
                message: "the `\(opening)` that is opened here is never closed", hint: "",
                mark: failure.contextMark)
        }
        let hint =
            found == "{" || found == "[" || found == "}" || found == "]"
            ? "inside { } and [ ] a text with ${…}, brackets or braces needs quotes"
            : "inside { } and [ ] items are separated by commas"
        return Self(
            message: "`,` or `\(bracket)` was expected here", hint: hint,
            related: failure.contextMark)
    }
}
