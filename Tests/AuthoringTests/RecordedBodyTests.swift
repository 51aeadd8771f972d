import PullcordAuthoring
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

/// Bodies that are written in another way than most.
@Suite
struct RecordedBodyTests {
    private static let people = "[{\"id\":1,\"email\":\"andr\u{e9}@corp.example\"}]"
    private static let latin = people.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }

    private static let wide = people.utf16.flatMap { [UInt8($0 & 0xFF), UInt8(0)] }
    private static let written: [(type: String, body: [UInt8])] = [
        ("application/json; charset=iso-8859-1", latin),
        ("text/json; charset=iso-8859-1", latin),
        ("application/json", [0xEF, 0xBB, 0xBF] + Array(people.utf8)),
        ("application/json", [0xFF, 0xFE] + wide),
    ]

    private static func record(
        _ adapter: String, _ type: String, _ body: [UInt8], keep: Int? = nil, mask: [String] = []
    ) async throws -> String {
        let server = try ScriptedServer { _ in
            .reply(headers: [("content-type", type)], body: body)
        }
        defer { server.stop() }
        return try await RecordingTests.record(
            adapter, parameters: "{ server: \"\(server.url(""))\" }"
        ) {
            $0.masked = mask
            $0.keep = keep
        }.text
    }

    @Test(arguments: written)
    func `JSON is masked in every character set`(type: String, body: [UInt8]) async throws {
        let text = try await Self.record(
            RecordingTests.table("json", "."), type, body, mask: [".email"])
        #expect(text.contains("email-1@example.com"), "\(text)")
        #expect(!text.contains("corp.example") && !text.contains("base64"), "\(text)")
    }

    @Test func `JSON in a character set that the adapter names is not written unmasked`()
        async throws
    {
        let table = RecordingTests.table("{ json: { charset: iso-8859-1 } }", ".")
        let problem = await #expect(throws: Problem.self) {
            _ = try await Self.record(
                table, "application/json", Self.latin, mask: [".email"])
        }
        #expect(problem?.code == "record_mask")
        let text = try await Self.record(table, "application/json", Self.latin)
        #expect(text.contains("base64"), "\(text)")
    }

    @Test func `what no format reads is not written beside masks`() async throws {
        let polls = Mutex(0)
        let server = try ScriptedServer { _ in
            let isFirst = polls.withLock { polls in
                polls += 1
                return polls == 1
            }
            return isFirst
                ? .reply(headers: [("content-type", "application/json")], text: Self.people)
                : .reply(status: 404, text: "Nobody is called ann@corp.example")
        }
        let problem = await #expect(throws: Problem.self) {
            _ = try await RecordingTests.record(
                RecordingTests.table("json", "."), parameters: "{ server: \"\(server.url(""))\" }",
                polls: 2
            ) { $0.masked = [".email"] }
        }
        #expect(problem?.code == "record_mask")
        #expect(problem?.message.contains("no format") == true)
        server.stop()
    }

    @Test func `members are masked in the format of each stream`() async throws {
        let server = try ScriptedServer { request in
            let mark = request.target.contains("two") ? ";" : ","
            let name = request.target.contains("two") ? "bob" : "ann"
            return .reply(
                headers: [("content-type", "text/csv")],
                text: "id\(mark)email\n1\(mark)\(name)@corp.example\n")
        }
        let (_, text) = try await RecordingTests.record(
            """
            adapter: shop
            base_url: "${params.server}"
            params: { server: { required: true } }
            streams:
              one: { request: /one, format: csv, key: .id }
              two: { request: /two, format: { csv: { delimiter: ";" } }, key: .id }
            """, parameters: "{ server: \"\(server.url(""))\" }"
        ) { $0.masked = [".email"] }
        #expect(text.contains("email-2@example.com"), "\(text)")
        #expect(!text.contains("corp.example"), "\(text)")
        server.stop()
    }

    @Test func `lines that end with CR LF are cut like others`() async throws {
        let lines = (1...5).map { "{\"id\":\($0),\"text\":\"number \($0)\"}\r\n" }
        let text = try await Self.record(
            RecordingTests.table("ndjson", "."), "application/x-ndjson", Array(lines.joined().utf8),
            keep: 2)
        #expect(text.contains("number 1") && text.contains("number 5"), "\(text)")
        #expect(!text.contains("number 2") && !text.contains("number 4"), "\(text)")
        #expect(text.contains("At most 2 records of each page."), "\(text)")
    }

    @Test func `a table is not cut, and its test does not say so`() async throws {
        let text = try await Self.record(
            RecordingTests.table("csv", "."), "text/csv", Array("id\n1\n2\n3\n".utf8), keep: 1)
        #expect(text.contains("At most 1 records of each page that is JSON or NDJSON"), "\(text)")
        #expect(text.contains("2\n") && text.contains("3\n"), "\(text)")
    }
}
