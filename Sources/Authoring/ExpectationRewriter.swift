import PullcordJSON
package import PullcordModel
import PullcordYAML

/// Writes what came out of polls into a test file, in the place of what was expected.
///
/// Only `events`, `cursor` and `error` of polls that failed are touched.
package struct ExpectationRewriter {
    /// A change of the file, to be looked at before it is made.
    package struct Edit: Sendable {
        package let line: Int
        package let removed: [String]
        package let added: [String]
    }

    package private(set) var edits: [Edit] = []
    /// Polls that were left alone, and why.
    package private(set) var refusals: [(place: Place, reason: String)] = []
    private var file: FileLines
    private let root: YAMLNode

    /// nil if the file cannot be read.
    package init?(_ bytes: [UInt8], path: String) {
        guard let document = try? YAMLDocument.parse(bytes, file: path) else { return nil }
        file = FileLines(String(decoding: bytes, as: UTF8.self))
        root = document.root
    }

    /// The file with all edits made.
    package var text: String { file.text }

    /// Takes over what came of the polls that failed; to be called once.
    package mutating func take(_ outcome: FileOutcome) {
        var changes: [Change] = []
        for test in outcome.cases {
            for poll in test.polls where poll.wrongEvents || poll.wrongCursor || poll.wrongError {
                changes += self.changes(of: poll)
            }
        }
        // From the end on, so that places before stay what they are.
        for change in changes.sorted(by: { $0.start > $1.start }) {
            edits.insert(edit(change), at: 0)
            file.replace(change.start, change.end, with: change.text)
        }
    }

    private struct Change {
        let start: FileLines.Spot
        let end: FileLines.Spot
        let text: String
    }

    private func edit(_ change: Change) -> Edit {
        var after = file
        after.replace(change.start, change.end, with: change.text)
        let count = change.text.split(separator: "\n", omittingEmptySubsequences: false).count
        let removed = Self.lines(file, change.start.line...change.end.line)
        let added = Self.lines(after, change.start.line...(change.start.line + count - 1))
        return Edit(
            line: change.start.line + 1,
            removed: removed.filter { !added.contains($0) },
            added: added.filter { !removed.contains($0) })
    }

    private static func lines(_ file: FileLines, _ range: ClosedRange<Int>) -> [String] {
        range.filter { file.lines.indices.contains($0) }.map { line in
            file.text(
                FileLines.Spot(line: line, column: 0),
                FileLines.Spot(line: line, column: file.lines[line].count))
        }
    }

    // MARK: One poll

    private mutating func changes(of poll: PollOutcome) -> [Change] {
        let place = poll.poll.place
        guard poll.strays.isEmpty else {
            refusals.append((place, "it asks for what nobody answers: mend its exchanges first"))
            return []
        }
        guard let node = Self.node(at: place, in: root), let entries = node.mapping else {
            refusals.append((place, "it is shared by an alias, or merged: edit it by hand"))
            return []
        }
        let isFlow = file.scalar(at: FileLines.spot(place)) == "{"
        let editor = PollEditor(file: file, entries: entries, isFlow: isFlow)
        var changes: [Change] = []
        var additions: [String] = []
        func put(_ key: String, _ text: String?) {
            if let entry = entries.first(where: { $0.key.text == key }) {
                guard let spans = editor.spans(of: entry) else {
                    refusals.append(
                        (entry.key.place, "`\(key)` cannot be told apart: edit it by hand"))
                    return
                }
                if let text {
                    changes.append(Change(start: spans.start, end: spans.end, text: text))
                } else {
                    let whole = editor.whole(entry, spans)
                    changes.append(Change(start: whole.start, end: whole.end, text: ""))
                }
            } else if let text {
                additions.append(text)
            }
        }
        let indent = entries.first.map { $0.key.place.column - 1 } ?? 0
        let writer = ExpectationText(indent: indent, isFlow: isFlow)
        let wasBracketed = node["events"].map {
            file.scalar(at: FileLines.spot($0.place)) == "["
        }
        if poll.wrongEvents {
            put("events", writer.events(poll, wasBracketed: wasBracketed ?? false))
        }
        if poll.wrongCursor { put("cursor", writer.cursor(poll)) }
        if poll.wrongError { put("error", writer.error(poll)) }
        if !additions.isEmpty {
            if let spot = editor.end {
                let margin = isFlow ? ", " : "\n" + String(repeating: " ", count: indent)
                let text = additions.map { margin + $0 }.joined()
                changes.append(Change(start: spot, end: spot, text: text))
            } else {
                refusals.append((place, "where it ends cannot be told: edit it by hand"))
            }
        }
        return changes
    }

    /// The mapping that begins at a place.
    private static func node(at place: Place, in node: YAMLNode) -> YAMLNode? {
        switch node.content {
        case .scalar: return nil
        case .sequence(let items):
            return items.lazy.compactMap { self.node(at: place, in: $0) }.first
        case .mapping(let entries):
            if node.place == place { return node }
            return entries.lazy.compactMap { self.node(at: place, in: $0.value) }.first
        }
    }
}

/// Where the entries of a poll stand.
private struct PollEditor {
    let file: FileLines
    let entries: [YAMLEntry]
    let isFlow: Bool

    /// From the key to the end of the value; nil if the value stands elsewhere, as an alias does.
    func spans(of entry: YAMLEntry) -> (start: FileLines.Spot, end: FileLines.Spot)? {
        let start = FileLines.spot(entry.key.place)
        let value = FileLines.spot(entry.value.place)
        guard value > start,
            let end = file.end(of: entry.value, from: value, isFlow: isFlow)
        else { return nil }
        let next = entries.map { FileLines.spot($0.key.place) }.filter { $0 > start }.min()
        if let next, end > next { return nil }
        return (start, end)
    }

    /// With what separates it from the others.
    func whole(
        _ entry: YAMLEntry, _ spans: (start: FileLines.Spot, end: FileLines.Spot)
    ) -> (start: FileLines.Spot, end: FileLines.Spot) {
        let later = entries.map { FileLines.spot($0.key.place) }.filter { $0 > spans.start }.min()
        let earlier = entries.filter { FileLines.spot($0.key.place) < spans.start }
        // What comes after takes its place; the last one goes with what is in front of it.
        if let later, isFlow || earlier.isEmpty { return (spans.start, later) }
        if let last = earlier.last, let end = self.spans(of: last)?.end { return (end, spans.end) }
        return spans
    }

    /// Behind the last entry.
    var end: FileLines.Spot? {
        entries.max { $0.key.place < $1.key.place }.flatMap { spans(of: $0)?.end }
    }
}

/// What is written of a poll.
private struct ExpectationText {
    let indent: Int
    let isFlow: Bool

    /// `wasBracketed` says that the list stood in brackets before.
    func events(_ poll: PollOutcome, wasBracketed: Bool) -> String {
        var old = poll.poll.events ?? []
        let streams = Set(poll.events.map(\.address.stream.text) + old.compactMap(\.stream))
        let items = poll.events.map { event -> JSONValue in
            let same = old.firstIndex { Self.isSame($0, event) }
            return EventText.value(
                event, like: same.map { old.remove(at: $0) },
                showsStream: streams.count > 1 || old.contains { $0.stream != nil })
        }
        let list = JSONValue.array(items)
        let line = "events: \(YAMLText.flow(list))"
        let fits = wasBracketed && indent + line.count <= YAMLText.widthMax
        if isFlow || items.isEmpty || fits { return line }
        return "events:\n"
            + items.flatMap { YAMLText.items($0, indent: indent + 2) }.joined(separator: "\n")
    }

    private static func isSame(_ expected: ExpectedEvent, _ event: Event) -> Bool {
        expected.kind.rawValue == event.kind.rawValue
            && EventComparison.plain(expected.key) == EventComparison.plain(event.key.text)
            && (expected.stream ?? event.address.stream.text) == event.address.stream.text
    }

    /// nil if there is none any more.
    func cursor(_ poll: PollOutcome) -> String? { named("cursor", poll.cursors) }

    func error(_ poll: PollOutcome) -> String? {
        named("error", poll.errors.map { ($0.stream, $0.code) })
    }

    private func named(_ key: String, _ values: [(stream: String, text: String)]) -> String? {
        guard let first = values.first else { return nil }
        guard values.count > 1 else {
            return "\(key): \(YAMLText.scalar(first.text, isFlow: isFlow))"
        }
        let members = values.map { JSONValue.Member($0.stream, .string($0.text)) }
        return "\(key): \(YAMLText.flow(.object(members)))"
    }
}

/// An event as a test expects it.
enum EventText {
    /// `like` says which of its members were asked for before; without one only what it is.
    static func value(_ event: Event, like old: ExpectedEvent?, showsStream: Bool) -> JSONValue {
        var members = [JSONValue.Member(event.kind.rawValue, .string(event.key.text))]
        if old?.stream != nil || old == nil && showsStream {
            members.append(.init("stream", .string(event.address.stream.text)))
        }
        if old?.origin != nil || old == nil && event.origin != .live {
            members.append(.init("origin", .string(event.origin.rawValue)))
        }
        if let record = old?.record, let found = parsed(event.record) {
            members.append(.init("record", updated(record, by: found)))
        }
        if let previous = old?.previous, let found = parsed(event.difference?.previous) {
            members.append(.init("previous", updated(previous, by: found)))
        }
        if old?.changed != nil {
            let paths = event.difference?.changed.map { EventComparison.paths($0) } ?? []
            members.append(.init("changed", .array(paths.map { .string($0) })))
        }
        return .object(members)
    }

    private static func parsed(_ bytes: [UInt8]?) -> JSONValue? {
        bytes.flatMap { try? JSONValue(parsing: $0) }
    }

    /// The members that are asked for, with the values that were found.
    private static func updated(_ expected: JSONValue, by found: JSONValue) -> JSONValue {
        guard expected != .string("*") else { return expected }
        guard case .object(let members) = expected, case .object = found else { return found }
        return .object(
            members.compactMap { member in
                found[member.key].map { .init(member.key, updated(member.value, by: $0)) }
            })
    }
}
