import PullcordAPI
import PullcordJSON
import PullcordModel

/// One change of a record as `pullcord diff` tells it.
struct RecordChange {
    /// A value that differs, and whether the stream's adapter says that it means something.
    struct Part {
        let entry: JSONDifference.Entry
        let counts: Bool
    }

    let event: Event
    /// nil if what was before is not known.
    let parts: [Part]?

    /// `earlier` is the event before this one, if it is still there.
    init(_ event: Event, earlier: Event?) {
        self.event = event
        let isSuccessor = earlier?.version == event.version - 1
        let previous =
            event.difference?.previous
            ?? (isSuccessor && earlier?.address == event.address ? earlier?.record : nil)
        guard event.kind == .created || previous != nil else {
            parts = nil
            return
        }
        // Beside an object nothing is an empty one, so that each member is told.
        let (old, new) = (previous, event.record)
        let nothing: [UInt8] = (old ?? new)?.first == 0x7B ? [0x7B, 0x7D] : Array("null".utf8)
        let difference = try? JSONDifference(from: old ?? nothing, to: new ?? nothing)
        let told = event.difference?.changed.flatMap { try? JSONValue(parsing: $0) }
        parts = difference?.entries().map {
            Part(entry: $0, counts: Self.counts($0.pointer, told))
        }
    }

    /// Whether the event names the path, or what it is part of, as changed.
    private static func counts(_ pointer: String, _ told: JSONValue?) -> Bool {
        guard case .array(let paths)? = told else { return true }
        return paths.contains { path in
            guard case .string(let path) = path else { return false }
            return pointer == path || pointer.hasPrefix(path + "/") || path.hasPrefix(pointer + "/")
        }
    }

    func lines(now: Timestamp, palette: Palette) -> [String] {
        let time = Shown.time(event.time, now: now)
        var lines = [
            palette.bold("\(event.type)  \(StrangerText.printable(event.key.text))")
                + palette.dim(
                    "  version \(event.version), \(time), \(event.origin.rawValue), \(event.id)")
        ]
        guard let parts else {
            return lines + [
                "  what was before is not known: write `keep: record` into the stream "
                    + "`\(event.address.stream)`",
                "  of its adapter, and every change from then on can be told",
            ]
        }
        let width = min(40, parts.map { name($0.entry).count }.max() ?? 0)
        for part in parts {
            let name = name(part.entry)
            let gap = String(repeating: " ", count: max(0, width - name.count) + 2)
            let line = "\(name)\(gap)\(values(part.entry, palette))"
            lines.append("  " + sign(part.entry, palette) + " " + line)
            if !part.counts { lines[lines.count - 1] += palette.dim("  (means nothing)") }
        }
        if parts.isEmpty { lines.append("  nothing differs but the spelling") }
        return lines
    }

    private func name(_ entry: JSONDifference.Entry) -> String {
        entry.pointer.isEmpty ? "the record" : StrangerText.printable(entry.pointer)
    }

    private func sign(_ entry: JSONDifference.Entry, _ palette: Palette) -> String {
        if entry.old == nil { return palette.green("+") }
        return entry.new == nil ? palette.red("-") : palette.yellow("~")
    }

    private func values(_ entry: JSONDifference.Entry, _ palette: Palette) -> String {
        let pair = Excerpt.pair(entry.old.map(Excerpt.text), entry.new.map(Excerpt.text))
        let texts = [
            pair.old.map { palette.red($0) }, pair.new.map { palette.green($0) },
        ]
        return texts.compactMap { $0 }.joined(separator: " → ")
    }

    /// One JSON object; `changes` is null if what was before is not known.
    func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("event", event.id.text)
        writer.member("type", event.type)
        writer.member("source", event.address.source.text)
        writer.member("key", event.key.text)
        writer.key("version")
        writer.number(event.version)
        writer.member("time", event.time)
        writer.member("origin", event.origin.rawValue)
        writer.key("changes")
        if let parts {
            writer.beginArray()
            for part in parts {
                writer.beginObject()
                writer.member("path", part.entry.pointer)
                for (name, value) in [("old", part.entry.old), ("new", part.entry.new)] {
                    guard let value else { continue }
                    writer.key(name)
                    writer.raw(value)
                }
                writer.key("counts")
                writer.bool(part.counts)
                writer.endObject()
            }
            writer.endArray()
        } else {
            writer.null()
        }
        writer.endObject()
        return writer.bytes
    }
}

/// Two long texts, cut so that what differs can be seen.
enum Excerpt {
    /// Characters that a value may take up.
    private static let widthMax = 60
    /// Characters that are shown on both sides of a difference.
    private static let context = 12

    /// A JSON value on one line, with nothing in it that could drive a terminal.
    static func text(_ value: [UInt8]) -> String {
        StrangerText.printable(OneLine.json(value))
    }

    static func pair(_ old: String?, _ new: String?) -> (old: String?, new: String?) {
        guard let old, let new else { return (old.map { cut($0) }, new.map { cut($0) }) }
        guard max(old.count, new.count) > widthMax else { return (old, new) }
        let (left, right) = (Array(old), Array(new))
        let (head, tail) = CommonEnds.count(left, right)
        return (middle(left, head, tail), middle(right, head, tail))
    }

    private static func middle(_ text: [Character], _ head: Int, _ tail: Int) -> String {
        let start = max(0, head - context)
        let end = min(text.count, text.count - tail + context)
        let part = cut(String(text[start..<end]))
        return (start > 0 ? "…" : "") + part + (end < text.count ? "…" : "")
    }

    private static func cut(_ text: String) -> String {
        guard text.count > widthMax else { return text }
        let half = widthMax / 2
        return "\(text.prefix(half))…\(text.suffix(half - 1))"
    }
}
