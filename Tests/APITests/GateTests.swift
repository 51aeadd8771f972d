import PullcordAPI
import PullcordAdapter
import PullcordCommit
import PullcordModel
import PullcordSQLiteStore
import PullcordTestSupport
import Testing
import WireSupport

/// Who comes in, and who does not.
@Suite(.timeLimit(.minutes(10))) struct `The gate of the API` {
    private static func token(
        _ name: String, _ scope: AccessScope, expires: Timestamp? = nil,
        in fixture: APIFixture
    ) async throws -> (String, String) {
        let token = TokenText.generate()
        let isNew = try await fixture.store.add(
            AccessToken(
                name: name, hash: TokenText.hash(token), scope: scope, made: fixture.time.wall(),
                expires: expires))
        #expect(isNew)
        return ("Authorization", "Bearer \(token.expose())")
    }

    @Test func `on loopback and without tokens, everybody may look and steer, not make`()
        async throws
    {
        let fixture = try APIFixture()
        try await fixture.fill(1)
        try await fixture.serve { port in
            let found1 = try await Call("/v1/status").send(port).status
            #expect(found1 == 200)
            let found2 = try await Call("/v1/sources/shop/pause", "POST").send(port).status
            #expect(found2 == 200)
            let purge = try await Call("/v1/purge", "POST", json: #"{"name":"x"}"#).send(port)
            #expect(purge.status == 403 && purge.code == "scope_too_small")
        }
    }

    @Test func `through a proxy nobody comes in without a token`() async throws {
        let fixture = try APIFixture()
        try await fixture.serve { port in
            for header in ["X-Forwarded-For", "Forwarded", "Via"] {
                let answer = try await Call("/v1/status", headers: [(header, "1.2.3.4")]).send(port)
                #expect(answer.status == 401 && answer.code == "token_missing")
                #expect(answer.header("www-authenticate")?.hasPrefix("Bearer") == true)
            }
        }
    }

    @Test func `as soon as there is a token, nobody comes in without one`() async throws {
        let fixture = try APIFixture()
        let reader = try await Self.token("agent", .read, in: fixture)
        let operates = try await Self.token("deploy", .operate, in: fixture)
        let admin = try await Self.token("root", .admin, in: fixture)
        let old = try await Self.token(
            "old", .admin, expires: fixture.time.wall() + .seconds(1), in: fixture)
        fixture.time.advance(by: .seconds(1))
        try await fixture.fill(1)
        try await fixture.serve { port in
            func status(_ call: Call, _ header: (String, String)?) async throws -> Int {
                var call = call
                if let header { call.headers.append(header) }
                return try await call.send(port).status
            }
            let rows: [((String, String)?, Int, Int, Int)] = [
                (nil, 401, 401, 401), (reader, 200, 403, 403), (operates, 200, 200, 403),
                (admin, 200, 200, 404), (old, 401, 401, 401),
                (("Authorization", "Bearer pct_wrong"), 401, 401, 401),
                (("Authorization", "Basic \(admin.1)"), 401, 401, 401),
                (("Authorization", "Bearer"), 401, 401, 401),
            ]
            for (header, look, steer, make) in rows {
                let found3 = try await status(Call("/v1/sources"), header)
                #expect(found3 == look)
                let found4 = try await status(Call("/v1/sources/shop/pause", "POST"), header)
                #expect(found4 == steer)
                let found5 = try await status(
                    Call("/v1/purge", "POST", json: #"{"name":"x"}"#), header)
                #expect(found5 == make)
                let found6 = try await status(Call("/healthz"), nil)
                #expect(found6 == 200)
            }
            _ = try await fixture.store.revokeToken("agent")
            let found7 = try await status(Call("/v1/sources"), reader)
            #expect(found7 == 401)
            let tokens = try await fixture.store.tokens()
            #expect(tokens.first { $0.name == "deploy" }?.lastUsed == fixture.time.wall())
            let audit = try await fixture.store.audit(limit: 9).filter { $0.action == "pause" }
            #expect(audit.map(\.actor).sorted() == ["token deploy", "token root"])
        }
    }

    @Test func `a token of the bridge file counts like one of the store`() async throws {
        let fixture = try APIFixture(
            api: #"{ listen: ":0", tokens: [{ name: ci, scope: operate, token: "${env.CI}" }] }"#,
            environment: ["CI": "a-token-of-twenty-characters"])
        try await fixture.serve { port in
            let header = ("Authorization", "Bearer a-token-of-twenty-characters")
            let found8 = try await Call("/v1/status", headers: [header]).send(port).status
            #expect(found8 == 200)
            let found9 = try await Call("/v1/status").send(port).status
            #expect(found9 == 401)
        }
    }

    @Test(arguments: ["none", "read"])
    func `the bridge file may say that nobody steers without a token`(word: String) async throws {
        let fixture = try APIFixture(api: "{ listen: \":0\", anonymous: \(word) }")
        try await fixture.serve { port in
            let look = try await Call("/v1/status").send(port).status
            #expect(look == (word == "read" ? 200 : 401))
            let steer = try await Call("/v1/sources/shop/poll", "POST").send(port).status
            #expect(steer == (word == "read" ? 403 : 401))
        }
    }

    @Test(
        arguments: [
            ("localhost", 200), ("127.0.0.1:7465", 200), ("[::1]:9", 200), ("10.0.0.7", 200),
            ("LOCALHOST.", 200), ("pullcord.example.com", 200), ("console.example.com:443", 200),
            ("evil.example", 421), ("127.0.0.1.evil.example", 421), ("localhost.evil.example", 421),
            ("0x7f000001", 421), ("2130706433", 421), ("", 421), ("a, localhost", 400),
        ])
    func `a name that is not the server's is refused`(host: String, status: Int) async throws {
        let fixture = try APIFixture(
            api: """
                { listen: ":0", hosts: [pullcord.example.com],
                  public_url: "https://console.example.com/" }
                """)
        try await fixture.serve { port in
            let head = "GET /healthz HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
            let found10 = try await Wire.send(Array(head.utf8), to: port).status
            #expect(found10 == status)
        }
    }

    @Test(
        arguments: [
            ("Origin", "https://evil.example", 403), ("Origin", "null", 403),
            ("Origin", "http://127.0.0.1", 200), ("Origin", "http://127.0.0.1:1", 403),
            ("Sec-Fetch-Site", "cross-site", 403), ("Sec-Fetch-Site", "same-site", 403),
            ("Sec-Fetch-Site", "same-origin", 200), ("Sec-Fetch-Site", "none", 200),
        ])
    func `a page of another origin changes nothing`(
        name: String, value: String, status: Int
    ) async throws {
        let fixture = try APIFixture()
        try await fixture.fill(1)
        try await fixture.serve { port in
            let answer = try await Call("/v1/sources/shop/pause", "POST", headers: [(name, value)])
                .send(port)
            #expect(answer.status == status)
            #expect(fixture.polls.all.isEmpty == (status == 403))
        }
    }

    @Test func `an address that others reach needs a token before anything is served`() async throws
    {
        let fixture = try APIFixture(api: #"{ listen: "0.0.0.0:0" }"#)
        let error = await #expect(throws: APIError.self) {
            try await fixture.serve { _ in Issue.record("it listens") }
        }
        #expect(error?.code == .tokensMissing)
    }

    @Test func `a client that asks too much is told when to come again`() async throws {
        let fixture = try APIFixture(api: #"{ listen: ":0", rate: 2/s }"#)
        try await fixture.serve { port in
            var statuses: [Int] = []
            for _ in 0..<3 { statuses.append(try await Call("/v1/status").send(port).status) }
            #expect(statuses == [200, 200, 429])
            let refused = try await Call("/v1/status").send(port)
            #expect(refused.header("retry-after") == "1" && refused.code == "too_many_requests")
            // Health is for machines that look often.
            let found11 = try await Call("/readyz").send(port).status
            #expect(found11 == 200)
            fixture.time.advance(by: .seconds(1))
            let found12 = try await Call("/v1/status").send(port).status
            #expect(found12 == 200)
        }
    }

    @Test func `a reload changes tokens, names and who comes in without one`() async throws {
        func text(_ token: String, _ host: String) -> String {
            """
            { listen: ":0", hosts: [\(host)],
              tokens: [{ name: ci, scope: read, token: "${env.\(token)}" }] }
            """
        }
        let values = ["OLD": TokenText.generate().expose(), "NEW": TokenText.generate().expose()]
        let fixture = try APIFixture(api: text("OLD", "old.example"), environment: values)
        let later = try APIFixture(api: text("NEW", "new.example"), environment: values)
        let catalogue = RunningCatalogue(fixture.configuration)
        try await fixture.serve(catalogue: catalogue.catalogue) { port in
            func status(_ token: String, _ host: String) async throws -> Int {
                let head =
                    "GET /v1/status HTTP/1.1\r\nHost: \(host)\r\n"
                    + "Authorization: Bearer \(values[token] ?? "")\r\nConnection: close\r\n\r\n"
                return try await Wire.send(Array(head.utf8), to: port).status
            }
            var statuses = [try await status("OLD", "old.example")]
            statuses.append(try await status("NEW", "old.example"))
            #expect(statuses == [200, 401])
            catalogue.run(later.configuration)
            statuses = [try await status("OLD", "new.example")]
            statuses.append(try await status("NEW", "new.example"))
            statuses.append(try await status("NEW", "old.example"))
            #expect(statuses == [401, 200, 421])
        }
        await later.store.close()
    }
}
