import PullcordAPI
import PullcordCommit
import PullcordConsole
import PullcordModel
import PullcordSQLiteStore
import PullcordTestSupport
import Testing
import WireSupport

@Suite(.timeLimit(.minutes(10))) struct `The console's page` {
    private static let page = ("X-Pullcord-Console", "1")
    /// Of the server as the tests call it.
    private static let own = ("Origin", "http://127.0.0.1")

    private static func serve(
        _ fixture: APIFixture, _ use: @escaping @Sendable (_ port: Int) async throws -> Void
    ) async throws {
        try await fixture.serve(groups: [ConsoleRoutes()], use)
    }

    private static func token(
        _ scope: AccessScope, _ name: String = "ops", in fixture: APIFixture
    ) async throws -> Secret {
        let token = TokenText.generate()
        _ = try await fixture.store.add(
            AccessToken(
                name: name, hash: TokenText.hash(token), scope: scope, made: fixture.time.wall(),
                expires: nil))
        return token
    }

    /// What a browser sends that logs in from the page.
    private static func logIn(_ token: String, _ port: Int) async throws -> WireAnswer {
        try await Call(
            "/console/login", "POST", json: "{\"token\":\"\(token)\"}",
            headers: [page, own]
        ).send(port)
    }

    private static func cookie(_ answer: WireAnswer) -> (String, String) {
        ("Cookie", String((answer.header("set-cookie") ?? "").prefix { $0 != ";" }))
    }

    @Test(
        arguments: [
            ("/", "text/html"), ("/console/main.js", "text/javascript"),
            ("/console/console.css", "text/css"), ("/console/icon.svg", "image/svg+xml"),
        ])
    func `comes to everybody, under a strict policy`(path: String, type: String) async throws {
        let fixture = try APIFixture()
        _ = try await Self.token(.read, in: fixture)
        try await Self.serve(fixture) { port in
            let answer = try await Call(path).send(port)
            #expect(answer.status == 200)
            #expect(answer.header("content-type") == "\(type); charset=utf-8")
            let policy = try #require(answer.header("content-security-policy"))
            for rule in [
                "default-src 'none'", "script-src 'self'", "frame-ancestors 'none'",
                "base-uri 'none'", "require-trusted-types-for 'script'",
            ] {
                #expect(policy.contains(rule))
            }
            #expect(!policy.contains("unsafe"))
            #expect(answer.header("x-content-type-options") == "nosniff")
            #expect(answer.header("referrer-policy") == "no-referrer")
            #expect(!answer.body.isEmpty)
        }
    }

    @Test func `names no foreign resource and nothing inline`() async throws {
        let fixture = try APIFixture()
        try await Self.serve(fixture) { port in
            let body = try await Call("/").send(port).body
            for word in ["http:", "https:", "//", "style=", "onclick", "<style"] {
                #expect(!body.contains(word), "the page says \(word)")
            }
            for file in [
                "main", "api", "dom", "lists", "details", "diff", "events", "forms", "keys",
            ] {
                let script = try await Call("/console/\(file).js").send(port)
                #expect(script.status == 200)
                for word in [
                    "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
                ] {
                    #expect(!script.body.contains(word), "\(file).js says \(word)")
                }
            }
        }
    }

    @Test func `is found under its name and is not in the document`() async throws {
        let fixture = try APIFixture()
        try await Self.serve(fixture) { port in
            let answer = try await Call("/console").send(port)
            #expect(answer.status == 307 && answer.header("location") == "./")
            #expect(!(try await Call("/v1/openapi.json").send(port).body.contains("console")))
        }
    }

    @Test func `takes a token for a cookie that scripts cannot read`() async throws {
        let fixture = try APIFixture()
        let token = try await Self.token(.operate, in: fixture)
        try await Self.serve(fixture) { port in
            #expect(try await Call("/v1/status").send(port).status == 401)
            let answer = try await Self.logIn(token.expose(), port)
            #expect(answer.status == 200 && answer.object?["scope"] as? String == "operate")
            let set = try #require(answer.header("set-cookie"))
            for word in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
                #expect(set.contains(word))
            }
            #expect(!set.contains(token.expose()))
            let cookie = Self.cookie(answer)
            #expect(try await Call("/v1/status", headers: [cookie]).send(port).status == 200)
            let shown = try await Call("/console/session", headers: [cookie]).send(port)
            #expect(shown.object?["name"] as? String == "token ops")
            #expect(shown.object?["is_session"] as? Bool == true)
        }
    }

    @Test(arguments: ["pct_wrong", "", "a b"])
    func `refuses what is no token`(text: String) async throws {
        let fixture = try APIFixture()
        _ = try await Self.token(.operate, in: fixture)
        try await Self.serve(fixture) { port in
            let answer = try await Self.logIn(text, port)
            #expect(answer.status == 401 && answer.header("set-cookie") == nil)
        }
    }

    @Test func `changes with a session only what the page itself asks for`() async throws {
        let fixture = try APIFixture()
        let token = try await Self.token(.operate, in: fixture)
        try await fixture.fill(1)
        try await Self.serve(fixture) { port in
            let cookie = Self.cookie(try await Self.logIn(token.expose(), port))
            func pause(_ headers: [(String, String)]) async throws -> WireAnswer {
                try await Call("/v1/sources/shop/pause", "POST", headers: [cookie] + headers)
                    .send(port)
            }
            #expect(try await pause([]).code == "page_unknown")
            #expect(try await pause([Self.own]).code == "page_unknown")
            #expect(try await pause([Self.page]).code == "page_unknown")
            let foreign = ("Origin", "http://127.0.0.1:1")
            #expect(try await pause([Self.page, foreign]).code == "origin_foreign")
            #expect(try await pause([Self.page, Self.own]).status == 200)
            #expect(try await pause([Self.page, ("Sec-Fetch-Site", "same-origin")]).status == 200)
            let bare = try await Call(
                "/console/login", "POST", json: "{\"token\":\"\(token.expose())\"}"
            ).send(port)
            #expect(bare.code == "page_unknown")
        }
    }

    @Test func `a session ends with its time, its token, or when one logs out`() async throws {
        let fixture = try APIFixture()
        let token = try await Self.token(.read, in: fixture)
        // Without any token left, everybody on the machine would be let in.
        _ = try await Self.token(.read, "other", in: fixture)
        try await Self.serve(fixture) { port in
            func isIn(_ cookie: (String, String)) async throws -> Bool {
                try await Call("/v1/status", headers: [cookie]).send(port).status == 200
            }
            let first = Self.cookie(try await Self.logIn(token.expose(), port))
            #expect(try await isIn(first))
            let left = try await Call(
                "/console/logout", "POST", headers: [first, Self.page, Self.own]
            ).send(port)
            #expect(left.status == 204 && left.header("set-cookie")?.contains("Max-Age=0") == true)
            #expect(!(try await isIn(first)))

            let second = Self.cookie(try await Self.logIn(token.expose(), port))
            fixture.time.advance(by: .seconds(12 * 3600 - 1))
            #expect(try await isIn(second))
            fixture.time.advance(by: .seconds(1))
            #expect(!(try await isIn(second)))

            let third = Self.cookie(try await Self.logIn(token.expose(), port))
            _ = try await fixture.store.revokeToken("ops")
            #expect(!(try await isIn(third)))
        }
    }

    @Test func `has the changes of each hour, the current one last`() async throws {
        let fixture = try APIFixture()
        try await fixture.fill(3)
        try await Self.serve(fixture) { port in
            func changes(_ target: String) async throws -> [Int] {
                let object = try await Call(target).send(port).object
                return object?["changes_per_hour"] as? [Int] ?? []
            }
            let none = Array(repeating: 0, count: 23)
            #expect(try await changes("/v1/sources/shop") == none + [3])
            #expect(try await changes("/v1/sources/depot") == none + [0])
            try await fixture.commit([fixture.event(7)])
            #expect(try await changes("/v1/status") == none + [4])
            fixture.time.advance(by: .seconds(3600))
            #expect(try await changes("/v1/status") == none.dropLast() + [4, 0])
            fixture.time.advance(by: .seconds(3600 * 23))
            #expect(try await changes("/v1/status") == none + [0])
        }
    }
}
