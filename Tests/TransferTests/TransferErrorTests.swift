import PullcordModel
import PullcordTestSupport
import PullcordTransfer
import Testing

/// A server's behaviour and the error that it makes.
struct BadAnswer: Sendable, CustomTestStringConvertible {
    let name: String
    let code: TransferError.Code
    let phase: TransferError.Phase
    let steps: [ScriptedReply.Step]
    var deadlines = TransferTests.deadlines()
    var limit = BodyLimit.refuse(over: 1 << 20)

    var testDescription: String { name }

    static let short = Duration.milliseconds(200)
    static let header = "HTTP/1.1 200 OK\r\n"

    static let all: [BadAnswer] = [
        BadAnswer(name: "close", code: .reset, phase: .firstByte, steps: [.close]),
        BadAnswer(name: "reset", code: .reset, phase: .firstByte, steps: [.reset]),
        BadAnswer(
            name: "no answer", code: .timeoutFirstByte, phase: .firstByte, steps: [.never],
            deadlines: TransferTests.deadlines(firstByte: short)),
        BadAnswer(
            name: "half a status line", code: .timeoutFirstByte, phase: .firstByte,
            steps: [.text("HTTP/1.1 2"), .never],
            deadlines: TransferTests.deadlines(firstByte: short)),
        BadAnswer(
            name: "half a header", code: .timeoutTotal, phase: .firstByte,
            steps: [.text(header + "X-A: 1"), .never],
            deadlines: TransferTests.deadlines(total: short)),
        BadAnswer(
            name: "half a body", code: .timeoutTotal, phase: .body,
            steps: [.text(header + "Content-Length: 9\r\n\r\nhalf"), .never],
            deadlines: TransferTests.deadlines(total: short)),
        BadAnswer(
            name: "endless interim answers", code: .headersTooLarge, phase: .firstByte,
            steps: [.endless(Array("HTTP/1.1 102 Wait\r\n\r\n".utf8))]),
        BadAnswer(
            name: "endless headers", code: .headersTooLarge, phase: .firstByte,
            steps: [.text(header), .endless(Array("X-A: 1234567890\r\n".utf8))]),
        BadAnswer(
            name: "an endless header", code: .headersTooLarge, phase: .firstByte,
            steps: [.text(header + "X-A: "), .endless([UInt8](repeating: 0x41, count: 4096))]),
        BadAnswer(
            name: "endless trailers", code: .headersTooLarge, phase: .body,
            steps: [
                .text(header + "Transfer-Encoding: chunked\r\n\r\n0\r\n"),
                .endless(Array("X-A: 1234567890\r\n".utf8)),
            ]),
        BadAnswer(
            name: "an endless body", code: .bodyTooLarge, phase: .body,
            steps: [.text(header + "\r\n"), .endless([UInt8](repeating: 0x41, count: 4096))]),
        BadAnswer(
            name: "a gzip bomb", code: .bodyTooLarge, phase: .body,
            steps: [
                .text(header + "Content-Encoding: gzip\r\nContent-Length: "),
                .text("\(Samples.gzipBomb.count)\r\n\r\n"), .bytes(Samples.gzipBomb),
            ], limit: .refuse(over: 100_000)),
        BadAnswer(
            name: "a body shorter than announced", code: .truncated, phase: .body,
            steps: [.text(header + "Content-Length: 9\r\n\r\nshort"), .close]),
        BadAnswer(
            name: "a reset within the body", code: .truncated, phase: .body,
            steps: [.text(header + "Content-Length: 999999\r\n\r\nshort"), .reset]),
        BadAnswer(
            name: "chunks without an end", code: .truncated, phase: .body,
            steps: [.text(header + "Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n"), .close]),
        BadAnswer(
            name: "a broken chunk", code: .malformed, phase: .body,
            steps: [.text(header + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"), .close]),
        BadAnswer(
            name: "half a gzip", code: .encoding, phase: .body,
            steps: [
                .text(header + "Content-Encoding: gzip\r\nContent-Length: 12\r\n\r\n"),
                .bytes([UInt8](repeating: 0x41, count: 12)),
            ]),
        BadAnswer(
            name: "an unknown coding", code: .encoding, phase: .body,
            steps: [.text(header + "Content-Encoding: rot13\r\nContent-Length: 2\r\n\r\nno")]),
        BadAnswer(
            name: "no HTTP", code: .malformed, phase: .firstByte,
            steps: [.text("SSH-2.0-OpenSSH_9.2\r\n"), .close]),
        BadAnswer(
            name: "two lengths", code: .malformed, phase: .firstByte,
            steps: [.text(header + "Content-Length: x\r\n\r\n"), .close]),
    ]
}

@Suite(.timeLimit(.minutes(10))) struct TransferErrorTests {
    @Test(arguments: BadAnswer.all)
    func `a bad answer is an error that says what, where and when`(bad: BadAnswer) async throws {
        let server = try ScriptedServer { _ in ScriptedReply(steps: bad.steps) }
        let request = HTTPRequest(
            url: server.url("/path?secret=1"), deadlines: bad.deadlines, bodyLimit: bad.limit,
            acceptsEncoding: true)
        let error = try await failure(of: request, over: localEngine())
        #expect(error.code == bad.code, "\(error)")
        #expect(error.phase == bad.phase, "\(error)")
        #expect(error.mayHaveBeenSent)
        #expect(error.url == server.url("/path"))
        #expect(!error.message.isEmpty)
        await server.waitForEndedConnections(1)
    }

    @Test(
        arguments: [
            ("", .invalidURL), ("example.com", .invalidURL), ("/path", .invalidURL),
            ("http://", .invalidURL), ("http:///path", .invalidURL), ("https://?x", .invalidURL),
            ("http://127.0.0.1:99999/", .invalidURL), ("http://127.0.0.1:x/", .invalidURL),
            ("http://[::1/", .invalidURL), ("http://a b/", .invalidURL),
            ("http://a/\r\nX: 1", .invalidURL), ("http://a/\0", .invalidURL),
            ("http://user@host/", .invalidURL), ("http://user:pass@host/", .invalidURL),
            ("http://a\\@b/", .invalidURL), ("file:///etc/hosts", .refusedScheme),
            ("gopher://a/", .refusedScheme), ("ftp://a/", .refusedScheme),
            ("javascript:alert(1)", .refusedScheme), ("HTTPX://a", .refusedScheme),
        ] as [(String, TransferError.Code)])
    func `a URL that is not plain HTTP is refused before anything is sent`(
        url: String, code: TransferError.Code
    ) async throws {
        let error = try await failure(of: HTTPRequest(url: url), over: localEngine())
        #expect(error.code == code, "\(error)")
        #expect(!error.mayHaveBeenSent)
        #expect(!error.url.contains("pass"))
    }

    @Test(arguments: [
        HTTPField("", "1"), HTTPField("A B", "1"), HTTPField("A:", "1"), HTTPField("A\r\nB", "1"),
        HTTPField("é", "1"), HTTPField("A", "1\r\nB: 2"), HTTPField("A", "1\n"),
        HTTPField("A", "\0"), HTTPField("Content-Length", "3"),
        HTTPField("transfer-encoding", "chunked"),
    ])
    func `a header that could break out of its line is refused`(field: HTTPField) async throws {
        let server = try ScriptedServer { _ in .reply(text: "") }
        let request = HTTPRequest(url: server.url(), headers: [field])
        let error = try await failure(of: request, over: localEngine())
        #expect(error.code == .invalidHeader)
        #expect(server.acceptedConnections == 0)
    }

    @Test func `more header bytes than the limit are refused`() async throws {
        let value = String(repeating: "x", count: Limits.headerBytesMax)
        let request = HTTPRequest(url: "http://127.0.0.1:9999/", headers: [HTTPField("A", value)])
        let error = try await failure(of: request, over: localEngine())
        #expect(error.code == .invalidHeader)
    }

    @Test func `a port on which nobody listens is a connect error`() async throws {
        let port = try RefusingPort()
        let error = try await failure(of: HTTPRequest(url: port.url), over: localEngine())
        #expect(error.code == .connect)
        #expect(error.phase == .connect)
        #expect(!error.mayHaveBeenSent)
        withExtendedLifetime(port) {}
    }

    @Test func `a name that does not exist is a dns error`() async throws {
        let error = try await failure(
            of: HTTPRequest(url: "http://no-such-host.invalid/"), over: localEngine())
        #expect(error.code == .dns)
        #expect(error.phase == .resolve)
        #expect(!error.mayHaveBeenSent)
    }

    @Test func `a handshake that is not answered is a connect timeout`() async throws {
        let gate = try Gate()
        let server = try ScriptedServer { _ in .script(.wait(gate)) }
        // The server waits for the end of a line that a handshake does not have.
        let error = try await failure(
            of: HTTPRequest(
                url: "https://127.0.0.1:\(server.port)/",
                deadlines: deadlines(connect: BadAnswer.short)), over: localEngine())
        #expect(error.code == .timeoutConnect)
        #expect(error.phase == .tls)
        #expect(!error.mayHaveBeenSent)
    }

    @Test func `more exchanges than the limit are overloaded at once`() async throws {
        let server = try ScriptedServer { _ in .script(.never) }
        let engine = try localEngine(TransferLimits(inFlight: 1))
        let held = Task { try? await engine.send(HTTPRequest(url: server.url())) }
        await server.waitForRequests(1)
        let error = try await failure(of: HTTPRequest(url: server.url()), over: engine)
        #expect(error.code == .overloaded)
        held.cancel()
        _ = await held.value
    }

    @Test func `a wait for a free connection counts towards the total`() async throws {
        let server = try ScriptedServer { _ in .script(.never) }
        let engine = try localEngine(TransferLimits(connections: 1))
        let held = Task { try? await engine.send(HTTPRequest(url: server.url())) }
        await server.waitForRequests(1)
        let error = try await failure(
            of: HTTPRequest(url: server.url(), deadlines: deadlines(total: BadAnswer.short)),
            over: engine)
        #expect(error.code == .timeoutTotal)
        #expect(error.phase == .queue)
        #expect(!error.mayHaveBeenSent)
        held.cancel()
        _ = await held.value
    }
}
