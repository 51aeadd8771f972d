import PullcordJSON
import PullcordModel
import PullcordTransfer

/// A test file of one case that is being written.
struct DraftTest {
    struct Exchange {
        var method: HTTPMethod
        /// As it is written: below the base URL or whole.
        var url: String
        var headers: [HTTPField] = []
        var body: ExpectedExchange.Body?
        var times = 1
        var answer: JSONValue
    }

    struct Poll {
        /// nil for the usual interval.
        var after: Duration?
        var exchanges: [Exchange] = []
        var events: [JSONValue] = []
        var cursors: [(stream: String, text: String)] = []
        var errors: [(stream: String, text: String)] = []
    }

    var comment: [String]
    var adapter: String
    var with: [JSONValue.Member]
    var source: [JSONValue.Member]
    var streams: [String]?
    var name: String
    var start: Timestamp
    var polls: [Poll]

    /// The file's text.
    var text: String {
        var lines = comment.map { $0.isEmpty ? "#" : "# \($0)" }
        lines += YAMLText.lines("adapter", .string(adapter), indent: 0)
        if !with.isEmpty { lines += YAMLText.lines("with", .object(with), indent: 0) }
        lines.append("cases:")
        lines.append("  - case: \(YAMLText.scalar(name))")
        if let streams {
            lines += YAMLText.lines("streams", .array(streams.map { .string($0) }), indent: 4)
        }
        if !source.isEmpty { lines += YAMLText.lines("source", .object(source), indent: 4) }
        lines.append("    now: \(Self.time(start))")
        lines.append("    polls:")
        for poll in polls { lines += Self.lines(of: poll) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(of poll: Poll) -> [String] {
        var lines: [String] = []
        if let after = poll.after { lines.append("        after: \(duration(after))") }
        lines.append("        exchanges:")
        for exchange in poll.exchanges {
            lines += YAMLText.items(value(of: exchange), indent: 10)
        }
        if poll.exchanges.isEmpty { lines[lines.count - 1] += " []" }
        if poll.events.isEmpty {
            lines.append("        events: []")
        } else {
            lines.append("        events:")
            for event in poll.events { lines += YAMLText.items(event, indent: 10) }
        }
        lines += named("cursor", poll.cursors) + named("error", poll.errors)
        lines[0] = "      - " + lines[0].dropFirst(8)
        return lines
    }

    private static func named(
        _ key: String, _ values: [(stream: String, text: String)]
    ) -> [String] {
        guard let first = values.first else { return [] }
        let value: JSONValue =
            values.count == 1
            ? .string(first.text) : .object(values.map { .init($0.stream, .string($0.text)) })
        return YAMLText.lines(key, value, indent: 8)
    }

    private static func value(of exchange: Exchange) -> JSONValue {
        var members = [
            JSONValue.Member(exchange.method.rawValue.lowercased(), .string(exchange.url))
        ]
        if !exchange.headers.isEmpty {
            let headers = exchange.headers.map {
                JSONValue.Member($0.name.lowercased(), .string($0.value))
            }
            members.append(.init("headers", .object(headers)))
        }
        switch exchange.body {
        case .json(let value): members.append(.init("body", value))
        case .text(let text): members.append(.init("body", .string(text)))
        case nil: break
        }
        if exchange.times > 1 {
            members.append(.init("times", .number(String(exchange.times))))
        }
        members.append(.init("answer", exchange.answer))
        return .object(members)
    }

    private static func time(_ time: Timestamp) -> String {
        time.description.replacing(".000Z", with: "Z")
    }

    private static func duration(_ duration: Duration) -> String {
        let milliseconds = duration.wholeMilliseconds
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }
}

extension DraftTest {
    /// Makes a test say `*` where a request is never twice the same; false if that is no help.
    mutating func mend(_ outcome: CaseOutcome) -> Bool {
        var isMended = false
        for (number, poll) in outcome.polls.enumerated() where polls.indices.contains(number) {
            for stray in poll.strays {
                guard let index = stray.nearestIndex,
                    polls[number].exchanges.indices.contains(index), !stray.isUsedUp
                else { continue }
                for difference in stray.differences
                where polls[number].exchanges[index].mend(difference) {
                    isMended = true
                }
            }
        }
        return isMended
    }

    /// Takes away what was not asked for, as pages that are not needed where records were left out.
    mutating func prune(_ outcome: CaseOutcome) {
        for (number, poll) in outcome.polls.enumerated() where polls.indices.contains(number) {
            guard poll.uses.count == polls[number].exchanges.count else { continue }
            polls[number].exchanges = zip(polls[number].exchanges, poll.uses).compactMap {
                exchange, uses in
                guard uses > 0 else { return nil }
                var exchange = exchange
                exchange.times = min(exchange.times, uses)
                return exchange
            }
        }
    }

    /// Takes over what came of the polls.
    mutating func expect(_ outcome: CaseOutcome) {
        let streams = Set(outcome.polls.flatMap(\.events).map(\.address.stream.text))
        for (number, poll) in outcome.polls.enumerated() where polls.indices.contains(number) {
            polls[number].events = poll.events.map {
                EventText.value($0, like: nil, showsStream: streams.count > 1)
            }
            polls[number].cursors = poll.cursors
            polls[number].errors = poll.errors.map { ($0.stream, $0.code) }
        }
    }
}

extension DraftTest.Exchange {
    /// Takes what differs out of the expectation; false if it is of another kind.
    fileprivate mutating func mend(_ difference: Difference) -> Bool {
        let part = difference.part
        if part.hasPrefix("header ") {
            let name = part.dropFirst("header ".count).lowercased()
            headers.removeAll { $0.name.lowercased() == name }
            return true
        }
        guard difference.expected != nil, difference.found != nil else { return false }
        if part.hasPrefix("query ") {
            return Self.mend(&url, String(part.dropFirst("query ".count)))
        }
        if part.hasPrefix("form "), case .text(var form)? = body {
            let isMended = Self.mend(&form, String(part.dropFirst("form ".count)))
            body = .text(form)
            return isMended
        }
        if part.hasPrefix("body") {
            body = nil
            return true
        }
        return false
    }

    /// Puts `*` in the place of an item's value.
    private static func mend(_ text: inout String, _ name: String) -> Bool {
        let head = text.contains("?") ? String(text.prefix { $0 != "?" }) + "?" : ""
        let items = text.dropFirst(head.count).split(separator: "&").map { item in
            URLShape.items(ofForm: String(item)).first?.name == name
                ? "\(item.prefix { $0 != "=" })=*" : String(item)
        }
        let mended = head + items.joined(separator: "&")
        defer { text = mended }
        return mended != text
    }
}
