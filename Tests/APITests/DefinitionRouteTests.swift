import PullcordAPI
import PullcordCommit
import PullcordModel
import PullcordSQLiteStore
import PullcordTestSupport
import Testing
import WireSupport

/// What is made and changed through the API, and under which conditions.
@Suite(.timeLimit(.minutes(10))) struct `The definitions of the API` {
    private static func serve(
        _ use: @escaping @Sendable (Int, (String, String)) async throws -> Void
    ) async throws {
        let fixture = try APIFixture()
        let token = TokenText.generate()
        _ = try await fixture.store.add(
            AccessToken(
                name: "root", hash: TokenText.hash(token), scope: .admin,
                made: fixture.time.wall(), expires: nil))
        let store = fixture.store
        try await fixture.serve(definitions: ScriptedBook()) { port in
            _ = try await store.register(subscriptions: ["triage", "former"].map { .init($0) })
            try await use(port, ("Authorization", "Bearer \(token.expose())"))
        }
    }

    private static let path = "/v1/sources/mine/definition"

    @Test func `are made once, changed by who knows them, and deleted so`() async throws {
        try await Self.serve { port, token in
            func put(_ condition: (String, String)?) async throws -> WireAnswer {
                try await Call(
                    Self.path, "PUT", json: #"{"adapter":"orders"}"#,
                    headers: [token] + (condition.map { [$0] } ?? [])
                ).send(port)
            }
            let made = try await put(("If-None-Match", "*"))
            #expect(made.status == 201 && made.header("etag") == "\"v7\"")
            let found1 = try await put(("If-None-Match", "*")).status
            #expect(found1 == 412)
            let missing = try await put(nil)
            #expect(missing.status == 428 && missing.code == "condition_missing")
            let found2 = try await put(("If-Match", "\"v6\"")).status
            #expect(found2 == 412)
            let found3 = try await put(("If-Match", "\"w7\"")).status
            #expect(found3 == 412)
            let found4 = try await put(("If-Match", "W/\"v7\"")).status
            #expect(found4 == 412)
            let changed = try await put(("If-Match", "\"v7\""))
            #expect(changed.status == 200 && changed.header("etag") == "\"v8\"")
            let read = try await Call(Self.path, headers: [token]).send(port)
            #expect(read.header("etag") == "\"v8\"")
            let source = try await Call("/v1/sources?labels=tier%3Dfree", headers: [token])
                .send(port)
            // One that was set aside is listed, with what is wrong with it.
            #expect(source.items.map { $0["state"] as? String } == ["set_aside"])
            let complaint = source.items.first?["set_aside"] as? String
            #expect(complaint == "no adapter [key_missing]")
            let list = try await Call("/v1/subscriptions?state=set_aside", headers: [token])
                .send(port)
            #expect(list.items.map { $0["name"] as? String } == ["former"])
            #expect(list.items.first?["state"] as? String == "set_aside")
            #expect(list.items.first?["set_aside"] as? String == "no address [url_invalid]")
            let status = try await Call("/v1/status", headers: [token]).send(port)
            #expect(status.body.contains(#""subscriptions":{"healthy":1,"set_aside":1}"#))
            #expect(status.body.contains(#""set_aside":1},"streams""#), "\(status.body)")
            let gone = try await Call(
                Self.path, "DELETE", headers: [token, ("If-Match", "\"v8\"")]
            ).send(port)
            #expect(gone.status == 200 && gone.header("etag") == nil)
            let again = try await Call(Self.path, "DELETE", headers: [token, ("If-Match", "*")])
                .send(port)
            #expect(again.status == 404 && again.code == "definition_unknown")
            let short = try await Call("/v1/sources/mine", "PUT", json: "{}", headers: [token])
                .send(port)
            #expect(short.status == 405)
            #expect(short.object?["hint"] as? String == "PUT \(Self.path)")
        }
    }

    @Test func `are refused with every complaint at its place`() async throws {
        try await Self.serve { port, token in
            let answer = try await Call(
                Self.path, "PUT", json: #"{"adapter":"wrong"}"#,
                headers: [token, ("If-None-Match", "*")]
            ).send(port)
            #expect(answer.status == 422 && answer.code == "definition_invalid")
            #expect(answer.object?["field"] as? String == "/adapter")
            #expect((answer.object?["complaints"] as? [Any])?.count == 1)
            let check = try await Call("\(Self.path)/check", "POST", json: "{}", headers: [token])
                .send(port)
            #expect(check.object?["valid"] as? Bool == false)
        }
    }

    @Test func `need the scope of those who make`() async throws {
        let fixture = try APIFixture()
        try await fixture.serve(definitions: ScriptedBook()) { port in
            let answer = try await Call(
                Self.path, "PUT", json: "{}", headers: [("If-None-Match", "*")]
            ).send(port)
            #expect(answer.status == 403)
            let rotate = try await Call("/v1/subscriptions/triage/rotate-secret", "POST")
                .send(port)
            #expect(rotate.status == 403)
            // A test is no change.
            let test = try await Call("/v1/subscriptions/triage/test", "POST").send(port)
            #expect(test.status == 200 && test.object?["outcome"] as? String == "delivered")
        }
    }

    @Test func `a new secret is told once and kept nowhere`() async throws {
        try await Self.serve { port, token in
            let call = Call(
                "/v1/subscriptions/triage/rotate-secret", "POST",
                json: #"{"overlap_seconds":60}"#, headers: [token, ("Idempotency-Key", "k")])
            let answer = try await call.send(port)
            #expect(answer.object?["secret"] as? String == "whsec_new")
            let found5 = try await call.send(port).header("idempotency-replayed")
            #expect(found5 == nil)
        }
    }
}
