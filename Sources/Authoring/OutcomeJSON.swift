import PullcordConfig
import PullcordJSON
import PullcordModel

extension FileOutcome {
    /// One JSON object: the file, its cases with their failures, and what is wrong with the file.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        member("file", path, &writer)
        if let report {
            writer.key("complaints")
            writer.raw(report.json.utf8.filter { $0 != 0x0A })
        }
        writer.key("cases")
        writer.beginArray()
        for test in cases { write(test, &writer) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private func write(_ test: CaseOutcome, _ writer: inout JSONWriter) {
        writer.beginObject()
        member("case", test.name, &writer)
        writer.key("line")
        writer.number(test.place.line)
        writer.key("passed")
        writer.bool(test.failures.isEmpty)
        writer.key("milliseconds")
        writer.number(test.duration.wholeMilliseconds)
        if !test.failures.isEmpty {
            writer.key("failures")
            writer.beginArray()
            for failure in test.failures { write(failure, &writer) }
            writer.endArray()
        }
        writer.endObject()
    }

    private func write(_ failure: TestFailure, _ writer: inout JSONWriter) {
        writer.beginObject()
        if let poll = failure.poll {
            writer.key("poll")
            writer.number(poll)
        }
        writer.key("line")
        writer.number(failure.place.line)
        member("message", failure.message, &writer)
        writer.key("details")
        writer.beginArray()
        for detail in failure.details { writer.string(detail) }
        writer.endArray()
        writer.endObject()
    }

    private func member(_ key: String, _ text: String, _ writer: inout JSONWriter) {
        writer.key(key)
        writer.string(text)
    }
}
