import PullcordJSON
import PullcordModel

/// Holds the events that came out of a poll against those that were expected.
struct EventComparison {
    /// Whether an event has to name its stream.
    let streams: [String]

    /// One failure for each that is missing, not as expected, or not expected.
    func failures(
        _ expected: [ExpectedEvent], _ found: [Event], poll: Int, at place: Place
    ) -> [TestFailure] {
        var rest = found
        var missing: [ExpectedEvent] = []
        // Those that say most first, so that one that says little does not take their event.
        let ordered = expected.enumerated()
            .sorted { ($1.element.demands, $0.offset) < ($0.element.demands, $1.offset) }
            .map(\.element)
        for event in ordered {
            if let index = rest.firstIndex(where: { differences(event, $0).isEmpty }) {
                rest.remove(at: index)
            } else {
                missing.append(event)
            }
        }
        var failures: [TestFailure] = []
        for event in missing {
            var details = ["expected  \(Self.words(event))"]
            if let index = nearest(to: event, in: rest) {
                let other = rest.remove(at: index)
                details.append("found     \(Self.words(other, showsStream: streams.count > 1))")
                details += differences(event, other).map { "          \($0)" }
                failures.append(
                    TestFailure(
                        poll: poll, place: event.place, message: "an event is not as expected",
                        details: details))
            } else {
                failures.append(
                    TestFailure(
                        poll: poll, place: event.place, message: "an event is missing",
                        details: details))
            }
        }
        failures += rest.map {
            TestFailure(
                poll: poll, place: place, message: "an event was not expected",
                details: ["found     \(Self.words($0, showsStream: streams.count > 1))"])
        }
        return failures
    }

    /// An event of the same record, else nothing: two records have nothing to do with each other.
    private func nearest(to event: ExpectedEvent, in found: [Event]) -> Int? {
        let same = found.indices.filter {
            Self.plain(found[$0].key.text) == Self.plain(event.key)
                && (event.stream ?? found[$0].address.stream.text) == found[$0].address.stream.text
        }
        return same.first { found[$0].kind.rawValue == event.kind.rawValue } ?? same.first
    }

    private func differences(_ expected: ExpectedEvent, _ found: Event) -> [Difference] {
        var result: [Difference] = []
        let compare = { (part: String, expected: String, found: String) in
            if expected != found {
                result.append(Difference(part, expected: expected, found: found))
            }
        }
        compare("change", expected.kind.rawValue, found.kind.rawValue)
        compare("key", Self.plain(expected.key), Self.plain(found.key.text))
        if let stream = expected.stream { compare("stream", stream, found.address.stream.text) }
        if let origin = expected.origin {
            compare("origin", origin.rawValue, found.origin.rawValue)
        }
        if let record = expected.record {
            result += members(record, found.record, "record")
        }
        if let previous = expected.previous {
            result += members(previous, found.difference?.previous, "previous")
        }
        if let changed = expected.changed {
            let paths = found.difference?.changed.map { Self.paths($0) } ?? []
            compare("changed", Self.list(changed.sorted()), Self.list(paths.sorted()))
        }
        return result
    }

    private func members(
        _ expected: JSONValue, _ found: [UInt8]?, _ part: String
    ) -> [Difference] {
        guard let found, let value = try? JSONValue(parsing: found) else {
            guard expected != .null else { return [] }
            return [Difference(part, expected: JSONPattern.shown(expected), found: nil)]
        }
        return JSONPattern(value: expected, isSubset: true).differences(from: value, at: part)
    }

    static func paths(_ text: [UInt8]) -> [String] {
        guard case .array(let items)? = try? JSONValue(parsing: text) else { return [] }
        return items.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }

    private static func list(_ items: [String]) -> String {
        "[\(items.joined(separator: ", "))]"
    }

    /// A key of several parts, however its parts are written: `["17", 3]` and `["17","3"]`.
    static func plain(_ key: String) -> String {
        guard key.hasPrefix("["), case .array(let parts)? = try? JSONValue(parsing: key) else {
            return key
        }
        let texts = parts.map { part -> JSONValue in
            if case .number(let text) = part { .string(text) } else { part }
        }
        return String(decoding: JSONValue.array(texts).serialized, as: UTF8.self)
    }

    static func words(_ event: ExpectedEvent) -> String {
        var words = "\(event.kind.rawValue) \(event.key)"
        if let stream = event.stream { words += " of \(stream)" }
        if let origin = event.origin { words += ", \(origin.rawValue)" }
        if let record = event.record { words += "  \(JSONPattern.shown(record))" }
        return words
    }

    static func words(_ event: Event, showsStream: Bool) -> String {
        var words = "\(event.kind.rawValue) \(event.key)"
        if showsStream { words += " of \(event.address.stream)" }
        if event.origin != .live { words += ", \(event.origin.rawValue)" }
        if let record = event.record {
            let text = String(decoding: record, as: UTF8.self)
                .split(whereSeparator: \.isNewline).joined(separator: " ")
            words += "  " + (text.count > 200 ? text.prefix(200) + "…" : text)
        }
        return words
    }
}

extension ExpectedEvent {
    /// How much it says of the event.
    fileprivate var demands: Int {
        [stream != nil, origin != nil, record != nil, previous != nil, changed != nil]
            .count { $0 }
    }
}
