import PullcordModel

/// The words that may stand first in a placeholder.
enum SubjectGrammar {
    enum Outcome {
        case subject(Placeholder.Subject)
        case refused(message: String, allowed: [String], suggestion: String?, hint: String)
    }

    private static let pageValues = Placeholder.PageValue.allCases.map { "page.\($0.rawValue)" }

    private static let eventValues = Placeholder.EventValue.allCases.map { "event.\($0.rawValue)" }

    static func read(_ word: String, in room: TemplateRoom) -> Outcome {
        switch word {
        case "cursor": return .subject(.cursor)
        case "poll.started": return .subject(.pollStarted)
        case "record.key": return .subject(.recordKey)
        case "signature": return .subject(.request(.signature))
        default: break
        }
        if word.hasPrefix("file:") {
            return file(String(word.dropFirst(5)))
        }
        let head = String(word.prefix { $0 != "." })
        guard head.count < word.count else { return unknown(word, room) }
        let rest = String(word.dropFirst(head.count + 1))
        switch head {
        case "params": return name(rest, word) { .parameter($0) }
        case "env": return name(rest, word) { .environment($0) }
        case "session": return name(rest, word) { .session($0) }
        case "cursor": return name(rest, word) { .namedCursor($0) }
        case "page":
            guard let value = Placeholder.PageValue(rawValue: rest) else {
                return .refused(
                    message: "there is no page value `\(rest)`", allowed: pageValues,
                    suggestion: Suggestion.nearest(to: word, among: pageValues), hint: "")
            }
            return .subject(.page(value))
        case "event":
            guard let value = Placeholder.EventValue(rawValue: rest) else {
                return .refused(
                    message: "an event has no value `\(rest)`", allowed: eventValues,
                    suggestion: Suggestion.nearest(to: word, among: eventValues), hint: "")
            }
            return .subject(.event(value))
        case "request": return RequestValueGrammar.read(rest, word)
        case "parent": return name(rest, word) { .parent($0) }
        case "record":
            guard
                rest.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({
                    isName(String($0)) && !$0.contains("-")
                })
            else { return name("", word) { .record($0) } }
            return .subject(.record(rest))
        default: return unknown(word, room)
        }
    }

    private static func name(
        _ name: String, _ word: String, _ make: (String) -> Placeholder.Subject
    ) -> Outcome {
        guard isName(name) else {
            return .refused(
                message: "`\(word)` names no value: letters, digits, `_` and `-` make a name",
                allowed: [], suggestion: nil, hint: "")
        }
        return .subject(make(name))
    }

    private static func file(_ path: String) -> Outcome {
        guard !path.isEmpty else {
            return .refused(
                message: "`file:` names no file", allowed: [], suggestion: nil,
                hint: "write the path after it: ${file:/run/secrets/token}")
        }
        return .subject(.file(path))
    }

    private static func unknown(_ word: String, _ room: TemplateRoom) -> Outcome {
        let head = String(word.prefix { $0 != "." })
        var suggestion = Suggestion.nearest(
            to: word, among: room == .adapter ? ["cursor", "poll.started"] : [])
        if suggestion == nil, head.count < word.count,
            let nearest = Suggestion.nearest(to: head, among: room.heads)
        {
            suggestion = nearest == "poll" ? "poll.started" : nearest + word.dropFirst(head.count)
        }
        // A bare upper-case name is how shells write environment variables.
        if suggestion == nil, head == word, isName(word), word == word.uppercased() {
            suggestion = room.variable(word)
        }
        return .refused(
            message: "nothing is called `\(word)`", allowed: room.forms, suggestion: suggestion,
            hint: "")
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                switch $0 {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D: true
                default: false
                }
            }
    }
}

/// The words that may stand after a `|`.
enum FilterGrammar {
    enum Outcome {
        case filter(Placeholder.Filter)
        case refused(message: String, offset: Int, allowed: [String], hint: String)
    }

    static let names = [
        "date", "urlencode", "base64", "json", "xml", "number", "list", "default", "raw",
    ]

    static func read(_ name: String, argument: String?) -> Outcome {
        switch (name, argument) {
        case ("date", let format?):
            if let mistake = TimeFormat.mistake(in: format) {
                return .refused(
                    message: mistake.message, offset: mistake.offset + 1,
                    allowed: TimeFormat.allDirectives, hint: "")
            }
            return .filter(.date(format))
        case ("default", let text?): return .filter(.fallback(text))
        case ("date", nil), ("default", nil):
            let example = name == "date" ? #"date "%Y-%m-%d""# : #"default "text""#
            return .refused(
                message: "the filter `\(name)` needs a text in quotes", offset: 0, allowed: [],
                hint: "for example: \(example)")
        case ("urlencode", nil): return .filter(.urlencode)
        case ("base64", nil): return .filter(.base64)
        case ("json", nil): return .filter(.json)
        case ("xml", nil): return .filter(.xml)
        case ("number", nil): return .filter(.number)
        case ("list", nil): return .filter(.list)
        case ("raw", nil): return .filter(.raw)
        default:
            return .refused(
                message: "the filter `\(name)` takes nothing after it", offset: 0, allowed: [],
                hint: "")
        }
    }
}
