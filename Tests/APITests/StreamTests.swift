import NIOCore
import NIOPosix
import PullcordAPI
import PullcordCommit
import PullcordModel
import PullcordSQLiteStore
import PullcordTestSupport
import Testing
import WireSupport

/// Events as they come.
@Suite(.timeLimit(.minutes(10))) struct `The stream of events` {
    /// Reads until `marks` were seen, then hangs up; returns all that was read.
    private static func follow(
        _ port: Int, headers: String = "", query: String = "", until marks: [String],
        _ meanwhile: @escaping @Sendable () async throws -> Void = {}
    ) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            let head = "GET /v1/events/stream\(query) HTTP/1.1\r\nHost: localhost\r\n"
            try await outbound.write(ByteBuffer(string: head + headers + "\r\n"))
            var text = ""
            var isTold = false
            for try await buffer in inbound {
                text += String(buffer: buffer)
                if !isTold, text.contains("retry: 2000") {
                    isTold = true
                    try await meanwhile()
                }
                if marks.allSatisfy({ text.contains($0) }) { break }
            }
            return text
        }
    }

    @Test func `goes on where its reader was`() async throws {
        let fixture = try APIFixture()
        try await fixture.fill(5)
        try await fixture.serve { port in
            let text = try await Self.follow(
                port, headers: "Last-Event-ID: 3\r\n", until: ["id: 5"])
            #expect(text.contains("text/event-stream"))
            #expect(text.contains("id: 4") && !text.contains("id: 3"))
            #expect(text.contains(#"data: {"id":"evt_4""#) && !text.contains("price"))
        }
    }

    @Test func `tells what is committed after it was opened, and no other kind`() async throws {
        let fixture = try APIFixture()
        try await fixture.fill(2)
        try await fixture.serve { port in
            let text = try await Self.follow(
                port, query: "?kind=updated", until: ["evt_9"]
            ) {
                try await fixture.commit([
                    fixture.event(8), fixture.event(9, kind: .updated),
                ])
                await fixture.time.advanceToNextSleeper()
            }
            #expect(text.contains("id: 4") && !text.contains("evt_8") && !text.contains("evt_1\""))
        }
    }

    @Test func `says now and then that it is still there`() async throws {
        let fixture = try APIFixture()
        try await fixture.fill(1)
        try await fixture.serve { port in
            let time = fixture.time
            let text = try await Self.follow(port, until: [": still here"]) {
                for _ in 0..<70 { await time.advanceToNextSleeper() }
            }
            #expect(!text.contains("data:"))
        }
    }

    @Test func `ends when its token does`() async throws {
        let fixture = try APIFixture()
        try await fixture.fill(1)
        let token = TokenText.generate()
        let isNew = try await fixture.store.add(
            AccessToken(
                name: "agent", hash: TokenText.hash(token), scope: .read,
                made: fixture.time.wall(), expires: fixture.time.wall() + .seconds(10)))
        #expect(isNew)
        try await fixture.serve { port in
            let time = fixture.time
            let text = try await Self.follow(
                port, headers: "Authorization: Bearer \(token.expose())\r\n",
                until: ["\r\n0\r\n"]
            ) {
                for _ in 0..<60 { await time.advanceToNextSleeper() }
            }
            #expect(text.contains("\r\n0\r\n") && !text.contains(": still here"))
        }
    }

    @Test(arguments: ["-1", "x", "1.5", "99999999999999999999"])
    func `refuses an id that it never gave`(id: String) async throws {
        let fixture = try APIFixture()
        try await fixture.serve { port in
            let answer = try await Call("/v1/events/stream", headers: [("Last-Event-ID", id)])
                .send(port)
            #expect(answer.status == 400 && answer.code == "event_id_invalid")
        }
    }
}
