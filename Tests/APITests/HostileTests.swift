import PullcordAPI
import PullcordModel
import PullcordTestSupport
import Testing
import WireSupport

/// Requests that nobody friendly sends.
@Suite(.timeLimit(.minutes(10))) struct `The API and hostile requests` {
    /// What is sent as it stands, and the status that it gets.
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        let status: Int

        init(_ name: String, _ text: String, _ status: Int) {
            self.name = name
            self.text = text
            self.status = status
        }

        var testDescription: String { name }
    }

    private static let post = "POST /v1/replays HTTP/1.1\r\nHost: localhost\r\n"
    private static let get = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
    private static let end = "Connection: close\r\n\r\n"

    static let rows = [
        Row("two lengths", post + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde", 400),
        Row(
            "a length and chunks",
            post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        Row("a strange coding", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
        Row("a folded header", get + "X: a\r\n b\r\n\r\n", 400),
        Row("a blank before the colon", get + "X : a\r\n\r\n", 400),
        Row("bare line feeds", "GET /healthz HTTP/1.1\nHost: localhost\n\n", 400),
        Row("no HTTP at all", "\u{1}\u{2}\r\n\r\n", 400),
        Row("HTTP 0.9", "GET /healthz\r\n\r\n", 400),
        Row("two hosts", get + "Host: localhost\r\n" + end, 400),
        Row(
            "a foreign host before the own",
            get.replacing("Host: ", with: "Host: evil.example\r\nHost: ") + end, 400),
        Row("no host", "GET /healthz HTTP/1.1\r\n" + end, 400),
        Row("a huge header", get + "X: \(String(repeating: "a", count: 100_000))\r\n" + end, 400),
        Row(
            "many headers",
            get + (0..<400).map { "X\($0): a\r\n" }.joined() + end, 400),
        Row(
            "two tokens",
            get.replacing("/healthz", with: "/v1/status")
                + "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n" + end, 400),
        Row(
            "a long target",
            "GET /\(String(repeating: "a", count: 14_000)) HTTP/1.1\r\nHost: localhost\r\n" + end,
            414),
        Row(
            "a path out of the tree", "GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n" + end,
            400),
        Row(
            "an escaped path out of the tree",
            "GET /v1/adapters/%2e%2e%2f%2e%2e%2fetc HTTP/1.1\r\nHost: localhost\r\n" + end, 400),
        Row("a NUL", "GET /v1/sources/a%00b HTTP/1.1\r\nHost: localhost\r\n" + end, 400),
        Row("no UTF-8", "GET /v1/sources/%ff HTTP/1.1\r\nHost: localhost\r\n" + end, 400),
        Row("half an escape", "GET /v1/sources/%f HTTP/1.1\r\nHost: localhost\r\n" + end, 400),
        Row(
            "a query of no UTF-8",
            "GET /v1/events?key=%c0%af HTTP/1.1\r\nHost: localhost\r\n" + end, 400),
        Row(
            "a parameter twice",
            "GET /v1/events?limit=1&limit=2 HTTP/1.1\r\nHost: localhost\r\n" + end, 400),
        Row(
            "an unknown parameter", "GET /v1/events?drop=1 HTTP/1.1\r\nHost: localhost\r\n" + end,
            400),
        Row("another method", "DELETE /v1/sources HTTP/1.1\r\nHost: localhost\r\n" + end, 405),
        Row("a made-up method", "EAT /v1/sources HTTP/1.1\r\nHost: localhost\r\n" + end, 400),
        Row("TRACE", "TRACE /v1/sources HTTP/1.1\r\nHost: localhost\r\n" + end, 405),
        Row("no accepted type", get + "Accept: text/html\r\n" + end, 406),
        Row("a weight of zero", get + "Accept: application/json;q=0\r\n" + end, 406),
        Row(
            "a form",
            post + "Content-Type: application/x-www-form-urlencoded\r\n"
                + "Content-Length: 4\r\n" + end + "to=a", 415),
        Row("no type", post + "Content-Length: 2\r\n" + end + "{}", 415),
        Row(
            "deep JSON",
            post + "Content-Type: application/json\r\nContent-Length: 100000\r\n"
                + end + String(repeating: "[", count: 100_000), 400),
        Row(
            "a body that is announced too large",
            post + "Content-Type: application/json\r\nContent-Length: 99999999\r\n\r\n{", 413),
        Row(
            "a body that grows too large",
            post + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "200000\r\n\(String(repeating: " ", count: 0x200000))\r\n", 413),
        Row(
            "a body where there is none",
            get + "Content-Length: 2\r\n" + end + "{}", 400),
        Row(
            "an empty key", post + "Idempotency-Key: \r\nContent-Length: 0\r\n" + end, 422),
    ]

    @Test(arguments: rows)
    func `are refused, and the server goes on`(row: Row) async throws {
        let fixture = try APIFixture()
        try await fixture.serve { port in
            let answer = try await Wire.send(Array(row.text.utf8), to: port)
            #expect(answer.status == row.status, "\(answer.body)")
            let found1 = try await Call("/healthz").send(port).status
            #expect(found1 == 200)
        }
    }

    @Test(
        arguments: [
            "", "GET /healthz HT", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX:",
            post + "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{",
        ])
    func `are not waited for`(beginning: String) async throws {
        let fixture = try APIFixture()
        let soon = ClientDeadlines(head: .milliseconds(50), body: .milliseconds(50))
        try await fixture.serve(deadlines: soon) { port in
            // Returns when the server hangs up, which it does without an answer.
            let answer = try? await Wire.send(Array(beginning.utf8), to: port)
            #expect([0, 400].contains(answer?.status ?? 0))
        }
    }

    @Test func `HEAD is GET without the body, and 405 says what is allowed`() async throws {
        let fixture = try APIFixture()
        try await fixture.serve { port in
            let head = try await Call("/v1/status", "HEAD").send(port)
            #expect(head.status == 200 && head.body.isEmpty)
            #expect((head.header("content-length").flatMap { Int($0) } ?? 0) > 2)
            let refused = try await Call("/v1/sources", "POST").send(port)
            #expect(refused.status == 405 && refused.header("allow") == "GET, HEAD")
            let source = try await Call("/v1/sources/shop", "DELETE").send(port)
            #expect(source.status == 405 && source.object?["hint"] == nil)
            let found2 = try await Call("/v1/sources/x/pause").send(port).header("allow")
            #expect(found2 == "POST")
            let answer = try await Call("/v1/status").send(port)
            #expect(answer.header("cache-control") == "no-store")
            #expect(answer.header("x-content-type-options") == "nosniff")
        }
    }
}
