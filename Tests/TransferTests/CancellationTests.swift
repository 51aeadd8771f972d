import PullcordTestSupport
import PullcordTransfer
import Testing

@Suite(.timeLimit(.minutes(10))) struct CancellationTests {
    @Test func `a cancelled exchange throws at once and hangs up`() async throws {
        let server = try ScriptedServer { _ in .script(.never) }
        let engine = try localEngine()
        let task = Task { try await failure(of: HTTPRequest(url: server.url()), over: engine) }
        await server.waitForRequests(1)
        task.cancel()
        let error = try await task.value
        #expect(error.code == .cancelled)
        #expect(error.phase == .firstByte)
        #expect(error.mayHaveBeenSent)
        await server.waitForEndedConnections(1)
    }

    @Test func `a task that was cancelled before sends nothing for long`() async throws {
        let server = try ScriptedServer { _ in .script(.never) }
        let engine = try localEngine()
        let gate = AsyncStream<Void>.makeStream()
        let task = Task {
            for await _ in gate.stream {}
            return try await failure(of: HTTPRequest(url: server.url()), over: engine)
        }
        task.cancel()
        gate.continuation.finish()
        #expect(try await task.value.code == .cancelled)
    }

    @Test func `cancelling some of many leaves the others alone`() async throws {
        let gate = try Gate()
        let server = try ScriptedServer { _ in
            .script(.wait(gate), .text("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
        }
        let engine = try localEngine()
        let tasks = (0..<40).map { _ in
            Task { try await engine.send(HTTPRequest(url: server.url())).status }
        }
        await server.waitForRequests(40)
        for index in stride(from: 0, to: 40, by: 2) { tasks[index].cancel() }
        for index in stride(from: 0, to: 40, by: 2) {
            await #expect(throws: TransferError.self) { try await tasks[index].value }
        }
        gate.open()
        for index in stride(from: 1, to: 40, by: 2) {
            #expect(try await tasks[index].value == 200)
        }
    }

    @Test func `a shutdown ends what is in flight and refuses what comes after`() async throws {
        let server = try ScriptedServer { _ in .script(.never) }
        let engine = try localEngine()
        let tasks = (0..<20).map { _ in
            Task { try await failure(of: HTTPRequest(url: server.url()), over: engine) }
        }
        await server.waitForRequests(20)
        await engine.shutdown()
        for task in tasks { #expect(try await task.value.code == .stopped) }
        await server.waitForEndedConnections(20)
        let late = try await failure(of: HTTPRequest(url: server.url()), over: engine)
        #expect(late.code == .stopped)
        #expect(!late.mayHaveBeenSent)
        await engine.shutdown()
    }

    @Test func `an engine that is let go closes its connections`() async throws {
        let server = try ScriptedServer { _ in .reply(text: "x") }
        for _ in 0..<3 {
            let engine = try localEngine()
            _ = try await engine.send(HTTPRequest(url: server.url()))
        }
        await server.waitForEndedConnections(3)
    }
}
