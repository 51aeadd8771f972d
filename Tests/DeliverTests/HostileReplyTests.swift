import PullcordDeliver
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import PullcordTransfer
import Testing

/// Replies that no decent server sends, over real sockets.
@Suite(.timeLimit(.minutes(10))) struct `A hostile reply` {
    /// Sends one delivery to a server that does these steps, and waits until the connection is
    /// closed: its slot is then free.
    private func attempt(
        _ steps: [ScriptedReply.Step], isClosed: Bool = true
    ) async throws -> (result: AttemptResult, requests: [ReceivedRequest]) {
        let server = try ScriptedServer { _ in ScriptedReply(steps: steps) }
        let engine = try TransferEngine(policy: AddressPolicy(allow: [.loopback]))
        let endpoint = Endpoint(
            subscription: SubscriptionID(1), name: SubscriptionName("triage"),
            url: Secret(server.url("/hook")), keys: SigningKeys(secrets: [.init(.generate())]),
            timeout: .seconds(2))
        let result = await Sender(exchange: engine, version: "1").attempt(
            Fixture.delivery(), to: endpoint, time: ManualTime())
        if isClosed { await server.waitForEndedConnections(1) }
        let requests = server.requests
        await engine.shutdown()
        return (result, requests)
    }

    private static func head(_ status: Int, _ more: String = "") -> ScriptedReply.Step {
        .text("HTTP/1.1 \(status) Whatever\r\n\(more)\r\n")
    }

    @Test(
        arguments: [
            ("nothing at all", [.never]), ("half a status line", [.text("HTTP/1.1 2"), .never]),
            ("half a header", [.text("HTTP/1.1 200 OK\r\nContent-Le"), .never]),
            ("interim answers only", [.text("HTTP/1.1 102 Busy\r\n\r\n"), .never]),
        ] as [(String, [ScriptedReply.Step])])
    func `that never completes its header is a timeout`(
        name: String, steps: [ScriptedReply.Step]
    ) async throws {
        let (result, _) = try await attempt(steps)
        #expect(
            [.unreachable(.timeoutTotal), .unreachable(.timeoutFirstByte)]
                .contains(result.outcome), "\(name): \(result.outcome)")
        #expect(!result.attempt.reason.isEmpty)
    }

    private static let kilobyte = [UInt8](repeating: 0x61, count: 1024)

    @Test(
        arguments: [
            ("a body that does not come", [head(200, "Content-Length: 10\r\n"), .never]),
            ("a body that stops", [head(200, "Content-Length: 10\r\n"), .text("abc"), .never]),
            (
                "a body without end",
                [head(200, "Content-Length: 1000000000000\r\n"), .endless(kilobyte)]
            ),
            (
                "chunks without end",
                [
                    head(202, "Transfer-Encoding: chunked\r\n"),
                    .endless(Array("400\r\n".utf8) + kilobyte + Array("\r\n".utf8)),
                ]
            ),
            (
                "trailers without end",
                [
                    head(200, "Transfer-Encoding: chunked\r\n"), .text("0\r\n"),
                    .endless(Array("x: y\r\n".utf8)),
                ]
            ), ("a body until the end of time", [head(200), .endless(kilobyte)]),
            (
                "a body that ends early",
                [head(200, "Content-Length: 10\r\n"), .text("abc"), .close]
            ),
            ("a reset in the body", [head(200, "Content-Length: 10\r\n"), .text("abc"), .reset]),
            (
                "broken chunks",
                [head(200, "Transfer-Encoding: chunked\r\n"), .text("zz\r\n"), .close]
            ),
            (
                "two lengths",
                [head(200, "Content-Length: 3\r\nContent-Length: 3\r\n"), .text("abc"), .close]
            ),
            (
                "a bomb",
                [head(200, "Content-Encoding: gzip\r\n"), .bytes([0x1F, 0x8B, 8, 0, 0]), .close]
            ),
        ] as [(String, [ScriptedReply.Step])])
    func `with a whole header of 2xx is a success whatever follows`(
        name: String, steps: [ScriptedReply.Step]
    ) async throws {
        let (result, requests) = try await attempt(steps)
        #expect(result.outcome == .delivered, "\(name): \(result.outcome)")
        #expect(result.attempt.reply.utf8.count <= Limits.replyBytesKept, "\(name)")
        #expect(requests.allSatisfy { $0.header("accept-encoding") == nil })
    }

    @Test(
        arguments: [
            ("a line without end", [.text("HTTP/1.1 200 OK\r\nx: "), .endless(kilobyte)]),
            (
                "lines without end",
                [.text("HTTP/1.1 200 OK\r\n"), .endless(Array("x: y\r\n".utf8))]
            ),
            ("interim answers without end", [.endless(Array("HTTP/1.1 103 Early\r\n\r\n".utf8))]),
        ] as [(String, [ScriptedReply.Step])])
    func `with a header too large is refused by name`(
        name: String, steps: [ScriptedReply.Step]
    ) async throws {
        let (result, _) = try await attempt(steps)
        #expect(result.outcome == .unreachable(.headersTooLarge), "\(name): \(result.outcome)")
    }

    @Test(
        arguments: [
            (head(204), "delivered"), (head(202, "Content-Length: 0\r\n"), "delivered"),
            (head(200, "Content-Length: 5\r\n\r\nerror"), "delivered"),
            (
                head(302, "Location: http://169.254.169.254/x?y\r\nContent-Length: 0\r\n"),
                "redirect"
            ),
            (head(301, "Content-Length: 0\r\n"), "redirect"),
            (head(308, "Location: /hook\r\nContent-Length: 0\r\n"), "redirect"),
            (head(410, "Content-Length: 0\r\n"), "gone"),
            (head(418, "Content-Length: 0\r\n"), "status"),
            (head(600, "Content-Length: 0\r\n"), "status"),
            (head(999, "Content-Length: 0\r\n"), "status"),
            (head(429, "Retry-After: 5\r\nContent-Length: 0\r\n"), "throttled"),
            (head(503, "Retry-After: \u{1}garbage\r\nContent-Length: 0\r\n"), "throttled"),
            (
                .bytes(
                    Array("HTTP/1.1 200 \u{FF}\u{FE}\r\nContent-Length: 2\r\n\r\n".utf8) + [
                        0xFF, 0xFE,
                    ]), "delivered"
            ),
            (.text("HTTP/1.1 100 Continue\r\n\r\n"), "reset"), (.text("hello\r\n\r\n"), "protocol"),
        ] as [(ScriptedReply.Step, String)])
    func `is told by its status alone`(step: ScriptedReply.Step, word: String) async throws {
        let (result, requests) = try await attempt([step, .close])
        #expect(result.outcome.word == word, "\(result.attempt.reason)")
        // Nothing is followed, nothing is sent twice.
        #expect(requests.count == 1)
        #expect(!result.attempt.reason.contains("x?y"))
    }

    @Test func `of a gigabyte is read to 64 KiB and kept to 16 KiB`() async throws {
        let (result, _) = try await attempt([
            Self.head(500, "Content-Length: 1073741824\r\n"), .endless(Self.kilobyte),
        ])
        #expect(result.outcome == .failed(status: 500))
        #expect(result.attempt.reply.utf8.count <= Limits.replyBytesKept)
        #expect(result.attempt.reply.hasSuffix(" […]"))
    }
}
