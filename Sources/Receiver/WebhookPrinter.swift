import PullcordModel
import PullcordSigning

/// Writes one line for each webhook.
package struct WebhookPrinter: Sendable {
    package enum Form: Sendable, CaseIterable {
        /// For people, without escape sequences.
        case plain
        /// For people at a terminal.
        case coloured
        /// For programs: one JSON object a line.
        case json
    }

    private static let summaryCharactersMax = 72
    private static let membersMax = 4

    private let form: Form
    private let write: @Sendable (String) -> Void

    /// `write` gets each line with its line feed.
    package init(form: Form, write: @escaping @Sendable (String) -> Void) {
        self.form = form
        self.write = write
    }

    package func print(_ webhook: ReceivedWebhook) { write(line(for: webhook) + "\n") }

    /// The line of one webhook, without its line feed; for people a batch has a further one for
    /// each of its events.
    ///
    /// For people: time (UTC), mark, type, key, the record's first scalar members, `dup` for a
    /// repeated id, the status if it was refused on purpose, and the delay since the event.
    package func line(for webhook: ReceivedWebhook) -> String {
        switch form {
        case .json: json(webhook)
        case .plain, .coloured: text(webhook)
        }
    }

    private func text(_ webhook: ReceivedWebhook) -> String {
        let time = painted(.grey, clock(webhook.receivedAt))
        guard webhook.verdict.isValid else {
            let id = webhook.id.isEmpty ? "" : " " + shown(webhook.id, 40)
            let code = painted(.red, webhook.verdict.code)
            let reason = OneLine.plain(webhook.verdict.reason)
            return "\(time)  \(painted(.red, "✗")) \(id) \(code): \(reason)"
        }
        let isRefused = !(200...299).contains(webhook.status)
        var parts = [time, isRefused ? painted(.red, "✗") : painted(.green, "✓")]
        if webhook.batch.isEmpty {
            parts += self.parts(of: webhook.content)
        } else {
            let count = webhook.batch.count
            parts.append("batch of \(count) event\(count == 1 ? "" : "s")")
        }
        if webhook.isDuplicate { parts.append(painted(.yellow, "dup")) }
        if isRefused { parts.append(painted(.red, "answered \(webhook.status)")) }
        if let delay = webhook.delay { parts.append(painted(.grey, Self.text(delay))) }
        let events = webhook.batch.map { "    " + Self.joined(self.parts(of: $0)) }
        return ([Self.joined(parts)] + events).joined(separator: "\n")
    }

    private static func joined(_ parts: [String]) -> String {
        parts.filter { !$0.isEmpty }.joined(separator: "  ")
    }

    /// Type, key and summary of one event.
    private func parts(of content: ReceivedWebhook.Content?) -> [String] {
        let type = content?.type ?? "(no envelope)"
        var parts = [painted(colour(of: type), shown(type, 60))]
        if let key = content?.key { parts.append(shown(key, 40)) }
        if let record = content?.record { parts.append(Self.summary(of: record)) }
        if content?.isTruncated == true { parts.append("(record too large)") }
        return parts
    }

    /// The first scalar members, `name=value`; what holds no object is shown as it is.
    static func summary(of record: [UInt8]) -> String {
        guard let object = JSONMembers(record[...]) else {
            return shown(String(decoding: record.prefix(400), as: UTF8.self), summaryCharactersMax)
        }
        let members = object.members.lazy
            .filter { $0.value.first != 0x7B && $0.value.first != 0x5B }
            .prefix(membersMax)
            .map { member in
                let text =
                    JSONMembers.decoded(member.value)
                    ?? String(decoding: member.value, as: UTF8.self)
                return "\(shown(member.name, 20))=\(shown(text, 32))"
            }
        return OneLine.shortened(members.joined(separator: " "), to: summaryCharactersMax)
    }

    private func json(_ webhook: ReceivedWebhook) -> String {
        var members = [
            "\"received\":\"\(webhook.receivedAt)\"",
            "\"verdict\":\"\(webhook.verdict.code)\"",
            "\"id\":\(OneLine.quoted(webhook.id))",
        ]
        members += Self.facts(of: webhook.content)
        members.append("\"duplicate\":\(webhook.isDuplicate)")
        members.append("\"status\":\(webhook.status)")
        if let delay = webhook.delay { members.append("\"delay_ms\":\(delay.wholeMilliseconds)") }
        members += Self.recordFacts(of: webhook.content)
        if !webhook.batch.isEmpty {
            let events = webhook.batch.map { content in
                "{\((Self.facts(of: content) + Self.recordFacts(of: content)).joined(separator: ","))}"
            }
            members.append("\"events\":[\(events.joined(separator: ","))]")
        }
        return "{\(members.joined(separator: ","))}"
    }

    private static func facts(of content: ReceivedWebhook.Content?) -> [String] {
        let texts = [
            ("type", content?.type), ("key", content?.key), ("source", content?.source),
            ("stream", content?.stream), ("origin", content?.origin),
        ]
        let members = texts.compactMap { name, text in
            text.map { "\"\(name)\":\(OneLine.quoted($0))" }
        }
        return members + (content?.version.map { ["\"version\":\($0)"] } ?? [])
    }

    private static func recordFacts(of content: ReceivedWebhook.Content?) -> [String] {
        (content?.isTruncated == true ? ["\"truncated\":true"] : [])
            + (content?.record.map { ["\"record\":\(OneLine.json($0))"] } ?? [])
    }

    private func clock(_ time: Timestamp) -> String {
        String(time.description.drop { $0 != "T" }.dropFirst().prefix(12)) + "Z"
    }

    private static func text(_ delay: Duration) -> String {
        let milliseconds = max(0, delay.wholeMilliseconds)
        let seconds = milliseconds / 1000
        switch seconds {
        case 0..<10: return "+\(seconds).\(milliseconds % 1000 / 100)s"
        case ..<600: return "+\(seconds)s"
        case ..<36_000: return "+\(seconds / 60)m"
        default: return "+\(seconds / 3600)h"
        }
    }
}

extension WebhookPrinter {
    private enum Colour: String {
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case grey = "90"
    }

    private func colour(of type: String) -> Colour {
        if type.hasSuffix(".created") { return .green }
        return type.hasSuffix(".deleted") ? .red : .blue
    }

    private func painted(_ colour: Colour, _ text: String) -> String {
        form == .coloured ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }
}

private func shown(_ text: String, _ count: Int) -> String {
    OneLine.shortened(OneLine.plain(text), to: count)
}
