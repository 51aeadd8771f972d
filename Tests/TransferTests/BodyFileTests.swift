import Glibc
import PullcordModel
import PullcordTestSupport
import Testing

@testable import PullcordTransfer

/// Bodies that are too large for memory.
@Suite(.timeLimit(.minutes(10))) struct BodyFileTests {
    /// Bytes of which each place can be told.
    private static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    }

    private static func request(_ url: String, over: Int?, limit: Int = 1 << 20) -> HTTPRequest {
        var request = HTTPRequest(
            url: url, deadlines: deadlines(), bodyLimit: .refuse(over: limit),
            acceptsEncoding: true)
        request.spoolsOver = over
        return request
    }

    @Test(arguments: [0, 999, 1000, 1001, 65_536, 300_000])
    func `a body of more than the bound is in a file, to the last byte`(count: Int) async throws {
        let body = Self.bytes(count)
        let server = try ScriptedServer { _ in .reply(body: body) }
        let response = try await localEngine().send(Self.request(server.url(), over: 1000))
        #expect(response.bodyCount == count)
        guard count > 1000 else {
            #expect(response.file == nil)
            #expect(response.body == body)
            return
        }
        let file = try #require(response.file)
        let isHead = response.body == Array(body.prefix(64 << 10))
        #expect(isHead)
        let isWhole = try file.bytes(at: 0, count: .max) == body
        #expect(isWhole)
        #expect(try file.bytes(at: count - 5, count: 100) == Array(body.suffix(5)))
        #expect(try file.bytes(at: count, count: 1).isEmpty)
    }

    @Test(arguments: [
        ("Content-Length: 9000\r\n\r\n", TransferError.Code.truncated),
        ("Transfer-Encoding: chunked\r\n\r\n2000\r\n", .truncated),
    ])
    func `a body that is cut short is an error, however much of it came`(
        head: String, code: TransferError.Code
    ) async throws {
        let body = Self.bytes(5000)
        let server = try ScriptedServer { _ in
            .script(.text("HTTP/1.1 200 OK\r\n" + head), .bytes(body), .close)
        }
        let error = try await failure(
            of: Self.request(server.url(), over: 1000), over: localEngine())
        #expect(error.code == code, "\(error)")
    }

    @Test func `the limit of a body counts in a file as well`() async throws {
        let body = Self.bytes(5000)
        let server = try ScriptedServer { _ in .reply(body: body) }
        let engine = try localEngine()
        let error = try await failure(
            of: Self.request(server.url(), over: 1000, limit: 4999), over: engine)
        #expect(error.code == .bodyTooLarge)
        let whole = try await engine.send(Self.request(server.url(), over: 1000, limit: 5000))
        #expect(whole.file?.count == 5000)
    }

    @Test func `a file that cannot be made is an error that names the folder`() async throws {
        let server = try ScriptedServer { _ in .reply(body: Self.bytes(5000)) }
        let engine = try localEngine(TransferLimits(spoolFolder: "/nowhere/at/all"))
        let error = try await failure(of: Self.request(server.url(), over: 1000), over: engine)
        #expect(error.code == .spool)
        #expect(error.message.contains("/nowhere/at/all"))
        let small = try await engine.send(Self.request(server.url(), over: nil))
        #expect(small.body.count == 5000)
    }

    @Test func `a full disk is told by its own words`() throws {
        let spool = BodySpool(descriptor: unsafe open("/dev/full", O_RDWR | O_CLOEXEC))
        let failure = try #require(spool.append([1, 2, 3]))
        #expect(failure.number == ENOSPC)
        #expect(BodySpool.reason(of: failure.number) == "No space left on device")
    }

    @Test func `a file has no name in its folder`() throws {
        let spool = try BodySpool.make(in: "/var/tmp").get()
        #expect(spool.append([1, 2, 3]) == nil)
        let file = spool.file()
        #expect(file.count == 3)
        #expect(try file.bytes(at: 1, count: 5) == [2, 3])
    }
}
