import Glibc
import Logging
import PullcordEngine
import PullcordJSON
import PullcordModel
import Synchronization

/// Writes each log message as one line to standard error: as text for people or JSON for machines.
struct LineLogHandler: LogHandler {
    enum Format: String, CaseIterable, Sendable {
        case text, json
    }

    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    let format: Format
    let time: any TimeSource

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let stamp = time.wall().description
        let line =
            switch format {
            case .text: text(stamp, event.level, event.message, facts)
            case .json: json(stamp, event.level, event.message, facts)
            }
        StandardError.write(line + "\n")
    }

    private func text(
        _ stamp: String, _ level: Logger.Level, _ message: Logger.Message,
        _ facts: [(key: String, value: Logger.MetadataValue)]
    ) -> String {
        var line = "\(stamp) \(level.rawValue.uppercased()) \(message)"
        for fact in facts {
            let value = StrangerText.printable("\(fact.value)")
            let isPlain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 }
            line += " \(fact.key)=\(isPlain ? value : JSONText.quoted(value))"
        }
        return line
    }

    /// Facts that stay text though they look like numbers: names of others' choice.
    private static let texts: Set<String> = ["key", "source", "stream", "subscription", "reason"]

    private func json(
        _ stamp: String, _ level: Logger.Level, _ message: Logger.Message,
        _ facts: [(key: String, value: Logger.MetadataValue)]
    ) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("time")
        writer.string(stamp)
        writer.key("level")
        writer.string(level.rawValue)
        writer.key("message")
        writer.string("\(message)")
        for fact in facts {
            writer.key(fact.key)
            let text = "\(fact.value)"
            // Counts and durations are numbers; everything else stays text.
            if !Self.texts.contains(fact.key), let number = Int64(text), String(number) == text {
                writer.number(number)
            } else {
                writer.string(text)
            }
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
