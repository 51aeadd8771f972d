import PullcordAPI
import PullcordCommit
import PullcordModel
import PullcordSQLiteStore
import PullcordTestSupport
import Testing
import WireSupport

@Suite(.timeLimit(.minutes(10))) struct `The metrics of the API` {
    private static func status(
        _ fixture: APIFixture, _ port: Int, _ headers: [(String, String)] = []
    ) async throws -> Int {
        try await Call("/metrics", headers: headers).send(port).status
    }

    private static func add(_ fixture: APIFixture) async throws -> (String, String) {
        let token = TokenText.generate()
        let isNew = try await fixture.store.add(
            AccessToken(
                name: "prometheus", hash: TokenText.hash(token), scope: .read,
                made: fixture.time.wall(), expires: nil))
        #expect(isNew)
        return ("Authorization", "Bearer \(token.expose())")
    }

    @Test func `need the scope read as soon as there is a token`() async throws {
        let fixture = try APIFixture()
        try await fixture.serve { port in
            #expect(try await Self.status(fixture, port) == 200)
            let token = try await Self.add(fixture)
            #expect(try await Self.status(fixture, port) == 401)
            #expect(try await Self.status(fixture, port, [token]) == 200)
            let wrong = ("Authorization", "Bearer pct_wrong")
            #expect(try await Self.status(fixture, port, [wrong]) == 401)
        }
    }

    @Test func `are for everybody where the file says so, and nothing else is`() async throws {
        let fixture = try APIFixture(
            api: #"{ listen: "127.0.0.1:0", metrics: { anonymous: true } }"#)
        try await fixture.serve { port in
            _ = try await Self.add(fixture)
            #expect(try await Self.status(fixture, port) == 200)
            #expect(try await Self.status(fixture, port, [("X-Forwarded-For", "1.2.3.4")]) == 200)
            let other = try await Call("/v1/status").send(port).status
            #expect(other == 401)
        }
    }

    @Test(
        arguments: [
            (nil, 200, "text/plain; version=0.0.4; charset=utf-8"),
            ("*/*", 200, "text/plain; version=0.0.4; charset=utf-8"),
            ("text/plain", 200, "text/plain; version=0.0.4; charset=utf-8"),
            (
                "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                200, "application/openmetrics-text; version=1.0.0; charset=utf-8"
            ),
            ("application/json", 406, "application/problem+json"),
        ] as [(String?, Int, String)])
    func `come in the format that is asked for`(
        accept: String?, status: Int, type: String
    ) async throws {
        let fixture = try APIFixture()
        try await fixture.serve { port in
            let headers = accept.map { [("Accept", $0)] } ?? []
            let answer = try await Call("/metrics", headers: headers).send(port)
            #expect(answer.status == status && answer.header("content-type") == type)
            #expect(answer.body.hasSuffix("# EOF\n") == type.hasPrefix("application/openmetrics"))
        }
    }

    @Test func `tell how many definitions were set aside`() async throws {
        let fixture = try APIFixture()
        try await fixture.serve(definitions: ScriptedBook()) { port in
            let text = try await Call("/metrics").send(port).body
            #expect(text.contains("\npullcord_definitions_set_aside 2\n"))
        }
    }

    @Test(arguments: [true, false])
    func `tell of each endpoint unless the file says not to`(isOwn: Bool) async throws {
        let fixture = try APIFixture(
            api: "{ listen: \"127.0.0.1:0\", metrics: { per_source: \(isOwn) } }")
        try await fixture.fill(3)
        try await fixture.serve { port in
            _ = try await Call("/v1/nothing").send(port)
            fixture.time.advance(by: .seconds(90))
            let text = try await Call("/metrics").send(port).body
            let lines = Set(text.split(separator: "\n").map(String.init))
            #expect(lines.contains("pullcord_outbox_backlog 3"))
            #expect(lines.contains("pullcord_outbox_backlog_oldest_seconds 90"))
            #expect(lines.contains(#"pullcord_outbox_depth{endpoint="triage"} 3"#) == isOwn)
            #expect(
                lines.contains(#"pullcord_endpoint_state{endpoint="triage",state="healthy"} 1"#)
                    == isOwn)
            #expect(
                lines.contains(#"pullcord_series_left_out{of="endpoints"} \#(isOwn ? 0 : 1)"#))
            #expect(lines.contains(#"pullcord_endpoints{state="healthy"} 1"#))
            #expect(
                lines.contains(#"pullcord_api_requests_total{operation="none",status="4xx"} 1"#))
        }
    }
}
