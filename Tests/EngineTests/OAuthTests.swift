import Foundation
import PullcordCommit
import PullcordEngine
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

extension Bridge {
    /// Polls the first stream, which must end so; nil stands for any good end.
    func polls(
        as outcome: String? = nil, _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let report = try await poll()
        #expect(report.outcome == outcome ?? report.outcome, sourceLocation: location)
        if outcome == nil { #expect(report.reason == "", sourceLocation: location) }
    }

    /// Polls every stream at once, which all must end so.
    func pollsAll(
        as outcome: String? = nil, _ location: SourceLocation = #_sourceLocation
    ) async throws {
        for report in try await pollAll() {
            #expect(report.outcome == outcome ?? report.outcome, sourceLocation: location)
            #expect(report.reason == "", sourceLocation: location)
        }
    }

    /// Polls every stream, all at once.
    func pollAll() async throws -> [PollReport] {
        try await withThrowingTaskGroup(of: PollReport.self) { group in
            for stream in assembly.streams {
                group.addTask {
                    let pipeline = Pipeline(
                        records: self.store, exchange: self.engine, time: self.time,
                        matcher: self.assembly.matcher,
                        commit: { batch in try await self.store.commit(batch) })
                    return try await pipeline.run(
                        stream, nextPoll: { _ in stream.nextPoll(after: self.time.wall()) })
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}

/// A server whose refresh tokens are good once.
final class RotatingServer: Sendable {
    private struct State {
        var refresh = "first-refresh"
        var access = ""
        var number = 0
        var refused = 0
    }

    private let state = Mutex(State())

    /// A token for the newest refresh token, `invalid_grant` for any other.
    func token(_ request: ReceivedRequest, life: Int = 3600) -> ScriptedReply {
        let sent = request.text.split(separator: "&").first { $0.hasPrefix("refresh_token=") }
        return state.withLock { state in
            guard sent == "refresh_token=\(state.refresh)" else {
                state.refused += 1
                return .reply(
                    status: 400,
                    text: #"{"error":"invalid_grant","error_description":"used up"}"#)
            }
            state.number += 1
            state.refresh = "rotated-refresh-\(state.number)"
            state.access = "access-token-\(state.number)"
            return .reply(
                text: """
                    {"access_token":"\(state.access)","refresh_token":"\(state.refresh)",\
                    "token_type":"bearer","expires_in":\(life)}
                    """)
        }
    }

    func isGood(_ request: ReceivedRequest) -> Bool {
        state.withLock { request.header("authorization") == "Bearer \($0.access)" }
    }

    func expire() { state.withLock { $0.access = "gone" } }
    func revoke() { state.withLock { $0.refresh = "gone" } }

    var issued: Int { state.withLock { $0.number } }
    var refused: Int { state.withLock { $0.refused } }
}

@Suite(.timeLimit(.minutes(10))) struct `A source with OAuth` {
    private static func api(_ server: RotatingServer) throws -> ChangingAPI {
        try ChangingAPI { request in
            if request.target == "/token" { return server.token(request) }
            return server.isGood(request)
                ? .reply(text: orders(1...2))
                : .reply(status: 401, text: request.header("authorization") ?? "")
        }
    }

    private static func text(_ api: ChangingAPI, sources: Int = 1) throws -> BridgeText {
        var text = try BridgeText(api)
        let url = api.server.url("/token")
        text.adapter = """
            retry: { attempts: 1 }
            auth: { oauth2: { grant: refresh_token, token_url: "\(url)", client_id: me, refresh_token: "${params.token}" } }
            """
        text.sources = Array(
            repeating: #"every: 60s, with: { token: "${env.REFRESH}" }"#, count: sources)
        text.environment = ["REFRESH": "first-refresh"]
        return text
    }

    @Test func `refreshes once for a hundred polls at the same time`() async throws {
        let server = RotatingServer()
        let api = try Self.api(server)
        try await Bridge.with(try Self.text(api, sources: 100)) { bridge in
            try await bridge.pollsAll(as: "baseline")
            #expect(server.issued == 1 && api.requests.count == 101)
            // All find out at once that the token counts no longer.
            server.expire()
            try await bridge.pollsAll(as: "unchanged")
            #expect(server.issued == 2 && server.refused == 0)
        }
    }

    @Test func `goes on after a restart with what came last`() async throws {
        let server = RotatingServer()
        let api = try Self.api(server)
        let text = try Self.text(api)
        for round in 1...3 {
            // The token that the store holds is tried first, and refused from the second on.
            try await Bridge.with(text) { try await $0.polls() }
            #expect(server.issued == round && server.refused == 0)
            server.expire()
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: text.folder.path)
        for file in files {
            let bytes = try Data(contentsOf: URL(filePath: "\(text.folder.path)/\(file)"))
            for word in ["rotated-refresh", "first-refresh", "access-token"] {
                #expect(bytes.firstRange(of: Data(word.utf8)) == nil, "\(word) in \(file)")
            }
        }
    }

    @Test func `says what to do when no refresh token is good, and asks no more for a while`()
        async throws
    {
        let server = RotatingServer()
        let api = try Self.api(server)
        try await Bridge.with(try Self.text(api)) { bridge in
            try await bridge.poll()
            server.expire()
            server.revoke()
            for _ in 0..<3 {
                let report = try await bridge.poll()
                #expect(report.outcome == "login_refused")
                #expect(report.reason.contains("answered 400, invalid_grant: used up"))
                #expect(report.reason.contains("new refresh token"))
            }
            // The newest one, and the file's.
            #expect(server.refused == 2)
        }
    }

    @Test func `is told apart from another by its credential alone`() async throws {
        let server = RotatingServer()
        let api = try Self.api(server)
        var text = try Self.text(api, sources: 2)
        text.sources[1] = #"every: 60s, with: { token: "${env.OTHER}" }"#
        text.environment["OTHER"] = "other-refresh"
        try await Bridge.with(text) { bridge in
            let outcomes = try await bridge.pollAll().map(\.outcome)
            #expect(Set(outcomes) == ["baseline", "login_refused"])
        }
    }

    @Test(arguments: [
        "no key", "-----BEGIN PRIVATE KEY-----\\nAAAA", "-----BEGIN CERTIFICATE-----",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----",
    ])
    func `is refused with a key that is none, before anything runs`(key: String) throws {
        let api = try ChangingAPI("[]")
        var text = try Self.text(api)
        text.adapter = """
            auth: { oauth2: { grant: jwt_bearer, token_url: "https://a.example", assertion: { issuer: i, key: "${params.token}" } } }
            """
        text.environment = ["REFRESH": key]
        let refusal = #expect(throws: BridgeText.Refusal.self) { try text.load() }
        #expect(refusal?.description.contains("the value of `token` ") == true)
        #expect(refusal?.description.contains("AAAA") == false)
    }

    @Test func `that gets no answer says where, and tries again soon`() async throws {
        let api = try ChangingAPI { _ in .script(.reset) }
        try await Bridge.with(try Self.text(api)) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == "login_unreachable")
            #expect(report.reason.contains("/token"))
            let count = api.requests.count
            bridge.time.advance(by: .seconds(5))
            try await bridge.poll()
            #expect(api.requests.count > count)
        }
    }
}
