import PullcordCommit
import PullcordEngine
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

/// Dumps that are read in pieces, from a real server to events.
@Suite(.timeLimit(.minutes(10))) struct PiecesTests {
    private static let filler = String(repeating: "x", count: 50)
    private static let count = 400
    private static let sizes: PieceSizes = {
        var sizes = PieceSizes()
        (sizes.over, sizes.bytes) = (2000, 8000)
        return sizes
    }()

    /// A dump in lines or rows; each text holds a line break.
    private static func dump(
        _ format: String, values: [Int: String] = [:], without gone: Set<Int> = [],
        tail: String = ""
    ) -> String {
        var text = format == "csv" ? "id,value,filler\r\n" : ""
        for id in 1...count where !gone.contains(id) {
            let value = values[id] ?? "a"
            text +=
                format == "csv"
                ? "\(id),\(value),\"\(filler)\r\n\"\r\n"
                : #"{"id":\#(id),"value":"\#(value)","filler":"\#(filler)\n"}"# + "\n"
        }
        return text + tail
    }

    private static func answer(_ text: String, _ format: String) -> ScriptedReply {
        let type = format == "csv" ? "text/csv" : "application/x-ndjson"
        return .reply(headers: [("Content-Type", type)], text: text)
    }

    private static func bridge(
        _ api: ChangingAPI, _ format: String, _ more: String = ""
    ) throws -> BridgeText {
        var text = try BridgeText(api)
        text.stream = "{ request: /dump, format: \(format), key: .id\(more) }"
        text.adapter = "retry: { attempts: 3 }"
        return text
    }

    @Test(arguments: ["ndjson", "csv"])
    func `changes and deletes of all pieces are found`(format: String) async throws {
        let first = Self.dump(format)
        let api = try ChangingAPI { _ in Self.answer(first, format) }
        try await Bridge.with(Self.bridge(api, format)) { bridge in
            let baseline = try await bridge.poll(pieces: Self.sizes)
            #expect(baseline.outcome == "baseline")
            #expect(baseline.records == Self.count)
            #expect(baseline.pages >= 3)
            let second = Self.dump(format, values: [1: "b", 200: "b"], without: [150, Self.count])
            api.set { _ in Self.answer(second, format) }
            #expect(try await bridge.poll(pieces: Self.sizes).outcome == "changed")
            let changes = try await bridge.changes()
            #expect(
                changes.sorted() == [
                    "deleted 150 v2", "deleted 400 v2", "updated 1 v2", "updated 200 v2",
                ])
            try await bridge.poll(pieces: Self.sizes)
            let asked = bridge.pagesRead
            let again = try await bridge.poll(pieces: Self.sizes)
            #expect(again.outcome == "unchanged")
            #expect(again.records == Self.count - 2)
            #expect(bridge.pagesRead == asked, "equal pieces are not read again")
        }
    }

    @Test(arguments: [
        ("ndjson", "{\"id\":", "ndjson_truncated"), ("ndjson", "{\"id\":1}}\n{}", "ndjson_line"),
        ("ndjson", "{\"id\":01}\n", "ndjson_line"), ("csv", "7,\"\n", "csv_truncated"),
        ("csv", "7\n", "csv_ragged"),
    ])
    func `a broken piece ends the poll, and nothing is gone`(
        format: String, tail: String, outcome: String
    ) async throws {
        let first = Self.dump(format)
        let api = try ChangingAPI { _ in Self.answer(first, format) }
        try await Bridge.with(Self.bridge(api, format)) { bridge in
            try await bridge.poll(pieces: Self.sizes)
            let asked = api.requests.count
            let broken = Self.dump(format, values: [1: "b"], without: [2], tail: tail)
            api.set { _ in Self.answer(broken, format) }
            let report = try await bridge.poll(pieces: Self.sizes)
            #expect(report.outcome == outcome, "\(report.reason)")
            #expect(report.reason.contains("line "))
            #expect(api.requests.count == asked + 1, "what is committed is not read twice")
            #expect(try await bridge.state().liveCount == Self.count)
            #expect(try await bridge.changes().allSatisfy { !$0.hasPrefix("deleted") })
            api.set { _ in Self.answer(first, format) }
            let healed = try await bridge.poll(pieces: Self.sizes)
            #expect(healed.outcome != outcome)
            #expect(try await bridge.state().liveCount == Self.count)
        }
    }

    @Test func `a dump that is cut short on the wire is not read at all`() async throws {
        let text = Self.dump("ndjson")
        let api = try ChangingAPI { _ in
            .script(
                .text(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n"
                        + "Content-Length: \(text.utf8.count + 1)\r\n\r\n"), .text(text), .close)
        }
        var bridged = try Self.bridge(api, "ndjson", ", first: emit")
        bridged.adapter = "retry: { attempts: 1 }"
        try await Bridge.with(bridged) { bridge in
            let report = try await bridge.poll(pieces: Self.sizes)
            #expect(report.outcome == "transfer")
            #expect(report.records == 0)
            #expect(try await bridge.changes().isEmpty)
        }
    }

    @Test func `a poll that is stopped between pieces loses and doubles nothing`() async throws {
        let text = Self.dump("ndjson")
        let api = try ChangingAPI { _ in Self.answer(text, "ndjson") }
        try await Bridge.with(Self.bridge(api, "ndjson", ", first: emit")) { bridge in
            let batches = Atomic(0)
            await #expect(throws: CancellationError.self) {
                try await bridge.poll(pieces: Self.sizes) { _ in
                    if batches.wrappingAdd(1, ordering: .relaxed).newValue > 2 {
                        throw CancellationError()
                    }
                }
            }
            let some = try await bridge.changes().count
            #expect(some > 0 && some < Self.count)
            #expect(try await bridge.poll(pieces: Self.sizes).outcome == "changed")
            let changes = try await bridge.changes()
            #expect(changes.count == Self.count)
            #expect(Set(changes).count == Self.count)
        }
    }

    @Test(arguments: ["records: .", "records: '.[]'", "when: '.value == \"a\"'"])
    func `a dump of which something is asked as a whole is still read`(
        more: String
    ) async throws {
        let text = Self.dump("ndjson")
        let api = try ChangingAPI { _ in Self.answer(text, "ndjson") }
        for (more, pages) in [(", \(more)", 3), (", records: '.[1:]'", 1)] {
            try await Bridge.with(Self.bridge(api, "ndjson", more)) { bridge in
                let report = try await bridge.poll(pieces: Self.sizes)
                #expect(report.records == (pages == 1 ? Self.count - 1 : Self.count))
                #expect(pages == 1 ? report.pages == 1 : report.pages >= pages)
            }
        }
    }
}
