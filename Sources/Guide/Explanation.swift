package import PullcordAdapter
import PullcordJSON
import PullcordModel

/// What an adapter does, in words: made of what it says alone, so that nothing is asked for it.
package struct Explanation: Sendable, Equatable {
    /// Sentences about one thing.
    package struct Topic: Sendable, Equatable {
        /// One or two words, in lower case.
        package let title: String
        package let sentences: [String]

        init(_ title: String, _ sentences: [String]) {
            self.title = title
            self.sentences = sentences
        }
    }

    package struct Stream: Sendable, Equatable {
        package let name: String
        package let summary: String
        package let topics: [Topic]
    }

    package let name: String
    package let version: Int
    package let summary: String
    package let documentation: String?
    /// What holds for all streams.
    package let topics: [Topic]
    package let streams: [Stream]

    /// Explains an adapter.
    ///
    /// `parameters` are values that a source would give; what is not among them stays a
    /// placeholder. Values of secret parameters are never shown, whether given or not.
    package init(_ spec: AdapterSpec, parameters: [String: String] = [:]) {
        name = spec.name
        version = spec.version
        summary = spec.summary
        documentation = spec.documentation
        let words = RequestWords(spec: spec, parameters: parameters)
        topics = [
            Topic("login", LoginExplanation(spec: spec).sentences),
            Topic("limits", LimitsExplanation(spec: spec).limits),
            Topic("errors", LimitsExplanation(spec: spec).errors),
            Topic(
                "never seen",
                [
                    "What happens between two polls: of several changes to a record the last state "
                        + "counts, and a record that comes and goes between them is nothing."
                ]),
        ]
        streams = spec.streams.map { stream in
            Stream(
                name: stream.name.text, summary: stream.summary,
                topics: StreamExplanation(stream: stream, spec: spec, words: words).topics
                    .filter { !$0.sentences.isEmpty })
        }
    }

    /// For people: a heading for each stream, a paragraph for each topic.
    ///
    /// `width` is where lines are broken; nil leaves them as long as they are.
    package func text(width: Int? = nil, bold: (String) -> String = { $0 }) -> String {
        var lines = [bold("\(name), version \(version)")]
        if !summary.isEmpty { lines.append(summary) }
        if let documentation { lines.append(documentation) }
        let all =
            [(title: "", topics: topics)]
            + streams.map { (title: "stream \($0.name)", topics: $0.topics) }
        for (index, part) in all.enumerated() {
            lines.append("")
            if index > 0 {
                lines.append(bold(part.title))
                let summary = streams[index - 1].summary
                if !summary.isEmpty { lines.append("  " + summary) }
            }
            for topic in part.topics { lines += Self.paragraph(topic, width: width, bold: bold) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let indent = 14

    private static func paragraph(
        _ topic: Topic, width: Int?, bold: (String) -> String
    ) -> [String] {
        let room = width.map { max(40, $0 - indent) }
        let lines = topic.sentences.flatMap { broken($0, at: room) }
        return lines.enumerated().map { index, line in
            let title = index == 0 ? "  " + topic.title : ""
            let gap = String(repeating: " ", count: max(1, indent - title.count))
            return (index == 0 ? bold(title) : title) + gap + line
        }
    }

    private static func broken(_ sentence: String, at width: Int?) -> [String] {
        guard let width else { return [sentence] }
        var lines: [String] = []
        var line = ""
        for word in sentence.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [line]
    }

    /// One JSON object.
    package var json: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("adapter")
        writer.string(name)
        writer.key("version")
        writer.number(version)
        writer.key("summary")
        writer.string(summary)
        if let documentation {
            writer.key("docs")
            writer.string(documentation)
        }
        Self.write(topics, to: &writer)
        writer.key("streams")
        writer.beginArray()
        for stream in streams {
            writer.beginObject()
            writer.key("name")
            writer.string(stream.name)
            writer.key("summary")
            writer.string(stream.summary)
            Self.write(stream.topics, to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func write(_ topics: [Topic], to writer: inout JSONWriter) {
        writer.key("topics")
        writer.beginObject()
        for topic in topics {
            writer.key(topic.title.replacing(" ", with: "_"))
            writer.beginArray()
            for sentence in topic.sentences { writer.string(sentence) }
            writer.endArray()
        }
        writer.endObject()
    }
}
