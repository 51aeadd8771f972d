import PullcordTestSupport
import PullcordTransfer
import Testing

@Suite(.timeLimit(.minutes(10))) struct BodyLimitTests {
    /// What follows a complete header, and what is left of it in an answer that may be cut.
    static let rows: [(String, [ScriptedReply.Step], String)] = [
        ("too long", [.text("Content-Length: 9\r\n\r\n123456789"), .never], "12345"),
        ("endless", [.text("\r\n"), .endless(Array("12345678".utf8))], "12345"),
        ("slow", [.text("Content-Length: 9\r\n\r\n123"), .never], "123"),
        ("no byte at all", [.text("Content-Length: 9\r\n\r\n"), .never], ""),
        ("short", [.text("Content-Length: 9\r\n\r\n123"), .close], "123"),
        ("broken chunks", [.text("Transfer-Encoding: chunked\r\n\r\nxyz\r\n"), .close], ""),
    ]

    @Test(arguments: rows)
    func `the status counts when the body of a cut answer goes wrong`(
        name: String, steps: [ScriptedReply.Step], body: String
    ) async throws {
        let server = try ScriptedServer { _ in
            ScriptedReply(steps: [.text("HTTP/1.1 202 OK\r\n")] + steps)
        }
        let response = try await localEngine().send(
            HTTPRequest(
                method: .post, url: server.url(),
                deadlines: deadlines(total: .milliseconds(200)), bodyLimit: .truncate(over: 5)))
        #expect(response.status == 202)
        #expect(response.isTruncated)
        #expect(String(decoding: response.body, as: UTF8.self) == body)
        await server.waitForEndedConnections(1)
    }

    @Test(arguments: [0, 1, 5])
    func `a body of exactly the limit is whole`(count: Int) async throws {
        let body = [UInt8](repeating: 0x78, count: count)
        let server = try ScriptedServer { _ in .reply(body: body) }
        let engine = try localEngine()
        for limit in [BodyLimit.refuse(over: count), .truncate(over: count)] {
            let response = try await engine.send(HTTPRequest(url: server.url(), bodyLimit: limit))
            #expect(response.body == body)
            #expect(!response.isTruncated)
        }
    }

    @Test func `an incomplete header is an error even where the body may be cut`() async throws {
        let server = try ScriptedServer { _ in
            .script(.text("HTTP/1.1 200 OK\r\nX: 1\r\n"), .close)
        }
        let error = try await failure(
            of: HTTPRequest(url: server.url(), bodyLimit: .truncate(over: 5)),
            over: localEngine())
        #expect([.reset, .malformed].contains(error.code), "\(error)")
    }
}
