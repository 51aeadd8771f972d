import PullcordAuth
import PullcordModel
import PullcordTestSupport
import PullcordTransfer
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct `A keeper of tokens` {
    private final class Counter: Sendable {
        private let count = Mutex(0)
        func next() -> Int {
            count.withLock {
                $0 += 1
                return $0
            }
        }
    }

    private func server(
        waitingFor gate: Gate? = nil, status: Int = 200
    ) throws -> ScriptedServer {
        let counter = Counter()
        return try ScriptedServer { _ in
            let body = #"{"access_token":"token\#(counter.next())","expires_in":100}"#
            var reply = ScriptedReply.reply(status: status, text: body)
            if let gate { reply.steps.insert(.wait(gate), at: 0) }
            return reply
        }
    }

    private func keeper(_ server: ScriptedServer) -> TokenKeeper {
        TokenKeeper(
            ClientCredentials(
                tokenURL: server.url("/token"), identifier: "i", secret: Secret("s3cret")))
    }

    private func engine() throws -> TransferEngine {
        try TransferEngine(policy: AddressPolicy(allow: [.loopback]))
    }

    @Test func `fetches once for all who ask at the same time`() async throws {
        let gate = try Gate()
        let server = try server(waitingFor: gate)
        let (keeper, engine, time) = (keeper(server), try engine(), ManualTime())
        let tokens = try await withThrowingTaskGroup(of: Secret.self) { group in
            for _ in 0..<50 {
                group.addTask { try await keeper.token(over: engine, time: time) }
            }
            await server.waitForConnections(1)
            gate.open()
            return try await group.reduce(into: Set<Secret>()) { $0.insert($1) }
        }
        #expect(tokens == [Secret("token1")])
        #expect(server.requests.count == 1)
    }

    @Test func `fetches anew before the end, and after a refusal`() async throws {
        let server = try server()
        let (keeper, engine, time) = (keeper(server), try engine(), ManualTime())
        var seen: [Secret] = []
        for pause in [0, 69, 1, 0] as [Int64] {
            time.advance(by: .seconds(pause))
            seen.append(try await keeper.token(over: engine, time: time))
        }
        #expect(seen == [Secret("token1"), Secret("token1"), Secret("token2"), Secret("token2")])
        keeper.reject(Secret("token1"))
        #expect(try await keeper.token(over: engine, time: time) == Secret("token2"))
        keeper.reject(Secret("token2"))
        #expect(try await keeper.token(over: engine, time: time) == Secret("token3"))
    }

    @Test func `tells all who wait that there is none, and tries again for the next`()
        async throws
    {
        let gate = try Gate()
        let server = try server(waitingFor: gate, status: 503)
        let (keeper, engine, time) = (keeper(server), try engine(), ManualTime())
        let failures = await withTaskGroup(of: AuthError?.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    do throws(AuthError) {
                        _ = try await keeper.token(over: engine, time: time)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            await server.waitForConnections(1)
            gate.open()
            return await group.reduce(into: [AuthError]()) {
                if let error = $1 { $0.append(error) }
            }
        }
        #expect(failures.count == 10)
        #expect(failures.allSatisfy { $0.code == .refused(status: 503) })
    }

    @Test func `does not fail those who wait because another was cancelled`() async throws {
        let gate = try Gate()
        let server = try server(waitingFor: gate)
        let (keeper, engine, time) = (keeper(server), try engine(), ManualTime())
        try await withThrowingTaskGroup(of: Secret?.self) { group in
            let first = Task { try? await keeper.token(over: engine, time: time) }
            await server.waitForConnections(1)
            for _ in 0..<3 {
                group.addTask { try await keeper.token(over: engine, time: time) }
            }
            first.cancel()
            gate.open()
            _ = await first.value
            for try await token in group { #expect(token != nil) }
        }
    }

    @Test func `names the URL and the phase where no answer came`() async throws {
        let (engine, time) = (try engine(), ManualTime())
        let keeper = TokenKeeper(
            ClientCredentials(
                tokenURL: "http://10.0.0.1/token?x=hidden", identifier: "i",
                secret: Secret("s3cret")))
        do throws(AuthError) {
            _ = try await keeper.token(over: engine, time: time)
            Issue.record("a token from nowhere")
        } catch {
            #expect(error.code == .unreachable(.refusedAddress))
            #expect(error.reason.contains("http://10.0.0.1/token (connect)"), "\(error.reason)")
            #expect(!error.reason.contains("hidden"))
        }
    }
}
