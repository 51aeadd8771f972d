import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

/// What a server with logins has to remember.
final class LoginDesk: Sendable {
    private let state = Mutex((logins: 0, valid: Set<String>()))

    /// A new session, `NAME-1` at first; those before it end.
    func open(_ name: String) -> String {
        state.withLock { state in
            state.logins += 1
            state.valid = ["\(name)-\(state.logins)"]
            return "\(name)-\(state.logins)"
        }
    }

    func closeAll() { state.withLock { $0.valid = [] } }

    func isOpen(_ session: String?) -> Bool {
        state.withLock { $0.valid.contains(session ?? "") }
    }

    var logins: Int { state.withLock { $0.logins } }
}

@Suite(.timeLimit(.minutes(10))) struct `A source with a session` {
    private static func bridge(
        _ api: ChangingAPI, _ auth: String, more: String = ""
    ) throws -> BridgeText {
        var text = try BridgeText(api)
        text.adapter = "retry: { attempts: 1 }\nauth:\n  \(auth)\n\(more)"
        text.sources = [#"every: 60s, with: { token: "${env.PASSWORD}" }"#]
        text.environment = ["PASSWORD": "p4ssw0rd&"]
        return text
    }

    private static let token = """
        session: { login: { method: POST, path: /login, body: { user: ann, password: "${params.token}" } }, \
        take: { token: .data.token }, send: { header: X-Token, value: "Session ${session.token}" } }
        """

    private static func tokenAPI(_ desk: LoginDesk) throws -> ChangingAPI {
        try ChangingAPI { request in
            if request.target == "/login" {
                guard request.text == #"{"user":"ann","password":"p4ssw0rd&"}"# else {
                    return .reply(status: 403, text: #"{"error":"no \#(request.text)"}"#)
                }
                return .reply(text: #"{"data":{"token":"\#(desk.open("session-token"))"}}"#)
            }
            let token = request.header("x-token")?.split(separator: " ").last.map(String.init)
            return desk.isOpen(token)
                ? .reply(text: orders(1...2)) : .reply(status: 401, text: "who is \(token ?? "")?")
        }
    }

    @Test func `logs in once, and again when its token counts no longer`() async throws {
        let desk = LoginDesk()
        let api = try Self.tokenAPI(desk)
        try await Bridge.with(try Self.bridge(api, Self.token)) { bridge in
            for _ in 0..<3 { try await bridge.polls() }
            #expect(desk.logins == 1)
            desk.closeAll()
            try await bridge.polls(as: "unchanged")
            #expect(desk.logins == 2)
            let targets = api.requests.map(\.target)
            #expect(targets.filter { $0 == "/orders" }.count == 5)
        }
    }

    @Test func `shows no token, whatever an answer repeats`() async throws {
        let desk = LoginDesk()
        let api = try Self.tokenAPI(desk)
        try await Bridge.with(try Self.bridge(api, Self.token)) { bridge in
            try await bridge.poll()
            api.set { .reply(status: 418, text: "\($0.header("x-token") ?? "") p4ssw0rd&") }
            let report = try await bridge.poll()
            #expect(report.reason.contains("418") && report.reason.contains("***"))
            #expect(!report.reason.contains("session-token"))
            #expect(!report.reason.contains("p4ssw0rd"))
        }
    }

    @Test func `is not logged in again and again for an answer that stays 401`() async throws {
        let desk = LoginDesk()
        let api = try Self.tokenAPI(desk)
        try await Bridge.with(try Self.bridge(api, Self.token)) { bridge in
            try await bridge.poll()
            api.set { request in
                request.target == "/login"
                    ? .reply(text: #"{"data":{"token":"\#(desk.open("session-token"))"}}"#)
                    : .reply(status: 401, text: "no")
            }
            for _ in 0..<4 { try await bridge.polls(as: "unauthorized") }
            #expect(desk.logins == 2)
            bridge.time.advance(by: .seconds(60))
            try await bridge.polls(as: "unauthorized")
            #expect(desk.logins == 3)
        }
    }

    @Test func `does not hammer a login that fails, and says what the API says`() async throws {
        let api = try ChangingAPI { _ in
            .reply(status: 403, text: #"{"why":"account p4ssw0rd& is locked"}"#)
        }
        let auth = Self.token.replacing(
            "password: \"${params.token}\" }",
            with: "password: \"${params.token}\" }, message: .why")
        try await Bridge.with(try Self.bridge(api, auth)) { bridge in
            for _ in 0..<3 {
                let report = try await bridge.poll()
                #expect(report.outcome == "login_refused")
                #expect(report.reason.contains("/login (answer): no login: answered 403"))
                #expect(report.reason.contains("account *** is locked"))
            }
            #expect(api.requests.count == 1)
            bridge.time.advance(by: .seconds(60))
            try await bridge.poll()
            #expect(api.requests.map(\.target) == ["/login", "/login"])
        }
    }

    @Test func `shows nothing of the answer of a login that is let in but not understood`()
        async throws
    {
        let api = try ChangingAPI { _ in .reply(text: #"{"data":{"jwt":"unknown-token"}}"#) }
        try await Bridge.with(try Self.bridge(api, Self.token)) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == "login_refused")
            #expect(report.reason.contains("answered 200 with no `token`"))
            #expect(!report.reason.contains("unknown"))
        }
    }

    @Test func `is shared by all sources with the same credential`() async throws {
        let desk = LoginDesk()
        let api = try Self.tokenAPI(desk)
        var text = try Self.bridge(api, Self.token)
        text.sources = Array(
            repeating: #"every: 60s, with: { token: "${env.PASSWORD}" }"#, count: 20)
        try await Bridge.with(text) { bridge in
            let reports = try await bridge.pollAll()
            #expect(reports.allSatisfy { $0.outcome == "baseline" })
            #expect(desk.logins == 1)
        }
    }

    @Test func `logs in where a rule says so of an answer with 200`() async throws {
        let desk = LoginDesk()
        let api = try ChangingAPI { request in
            if request.text.contains("user.login") {
                return .reply(text: #"{"result":"\#(desk.open("zabbix-session"))"}"#)
            }
            let session = request.text.split(separator: "\"").dropFirst(3).first.map(String.init)
            return desk.isOpen(session)
                ? .reply(text: #"{"result":\#(orders(1...1))}"#)
                : .reply(text: #"{"error":{"data":"Session terminated, re-login, please."}}"#)
        }
        let auth = """
            session: { login: { method: POST, path: /rpc, body: { method: user.login, params: { password: "${params.token}" } } }, \
            take: { auth: .result }, send: { body: auth, value: "${session.auth}" } }
            """
        var text = try Self.bridge(
            api, auth,
            more: #"answers: [{ when: '.error.data | test("re-login")', then: login }]"#)
        text.stream =
            "{ request: { method: POST, path: /rpc, body: { method: host.get } }, records: .result, key: .id }"
        try await Bridge.with(text) { bridge in
            try await bridge.polls(as: "baseline")
            desk.closeAll()
            try await bridge.polls()
            #expect(desk.logins == 2)
            #expect(
                api.requests.last?.text == #"{"auth":"zabbix-session-2","method":"host.get"}"#)
        }
    }

    @Test func `takes a token in one step and the cookies of the next, as MediaWiki wants it`()
        async throws
    {
        let api = try ChangingAPI { request in
            let cookies = request.header("cookie") ?? ""
            switch (request.method, request.target) {
            case ("GET", "/api?meta=tokens"):
                return .reply(
                    headers: [("Set-Cookie", "wiki_session=abcd; path=/; HttpOnly")],
                    text: #"{"query":{"tokens":{"logintoken":"1234+\\"}}}"#)
            case ("POST", "/api"):
                let isRight =
                    cookies == "wiki_session=abcd"
                    && request.text == "lgname=ann&lgpassword=p4ssw0rd%26&lgtoken=1234%2B%5C"
                    && request.header("content-type") == "application/x-www-form-urlencoded"
                return isRight
                    ? .reply(
                        headers: [
                            ("Set-Cookie", "wiki_user=7; Secure"),
                            ("Set-Cookie", "wiki_old=; expires=Thu, 01 Jan 1970 00:00:00 GMT"),
                        ], text: #"{"login":{"result":"Success"}}"#)
                    : .reply(text: #"{"login":{"result":"Failed","reason":"\#(request.text)"}}"#)
            default:
                return cookies == "wiki_session=abcd; wiki_user=7"
                    ? .reply(text: orders(1...3)) : .reply(status: 401, text: cookies)
            }
        }
        let auth = """
            session:
                login:
                  - { path: /api, query: { meta: tokens }, take: { logintoken: .query.tokens.logintoken } }
                  - { method: POST, path: /api, form: { lgname: ann, lgpassword: "${params.token}", lgtoken: "${session.logintoken}" }, check: '.login.result == "Success"', message: .login.reason }
                cookies: true
            """
        try await Bridge.with(try Self.bridge(api, auth)) { bridge in
            let report = try await bridge.poll()
            #expect(report.reason == "" && report.records == 3)
        }
    }

    @Test func `takes cookies by their names, and says which is missing`() async throws {
        let api = try ChangingAPI { request in
            guard request.target == "/login" else {
                return .reply(
                    status: request.header("cookie") == "JSESSIONID=xyz1" ? 200 : 401,
                    text: orders(1...1))
            }
            return .reply(
                status: 302,
                headers: [("Location", "/home"), ("Set-Cookie", "JSESSIONID=xyz1; Path=/")],
                text: "")
        }
        let login = "session: { login: { method: POST, path: /login, form: { u: a } }, cookies: "
        try await Bridge.with(try Self.bridge(api, login + "[JSESSIONID] }")) { bridge in
            try await bridge.polls(as: "baseline")
        }
        try await Bridge.with(try Self.bridge(api, login + "[sid] }")) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == "login_malformed")
            #expect(report.reason.contains("sets the cookie `sid`"))
        }
    }

    @Test(arguments: [("expires: 10m", 570), ("expires: { path: .ttl, as: seconds }", 90)])
    func `logs in anew before a session ends`(expires: String, seconds: Int) async throws {
        let desk = LoginDesk()
        let api = try ChangingAPI { request in
            request.target == "/login"
                ? .reply(headers: [("X-Sid", desk.open("sid"))], text: #"{"ttl":120}"#)
                : .reply(
                    status: desk.isOpen(request.query("sid")) ? 200 : 401, text: orders(1...1))
        }
        let auth = """
            session: { login: { path: /login }, take: { sid: { header: X-Sid } }, \
            send: { query: sid, value: "${session.sid}" }, \(expires) }
            """
        try await Bridge.with(try Self.bridge(api, auth)) { bridge in
            try await bridge.poll()
            bridge.time.advance(by: .seconds(seconds - 1))
            try await bridge.poll()
            #expect(desk.logins == 1)
            bridge.time.advance(by: .seconds(1))
            try await bridge.polls(as: "unchanged")
            #expect(desk.logins == 2)
        }
    }

    @Test func `deletes nothing that it could not ask for, because no login worked`()
        async throws
    {
        let desk = LoginDesk()
        let ids = Mutex([1, 2])
        let api = try ChangingAPI { request in
            switch request.target {
            case "/login" where desk.logins == 0:
                return .reply(text: #"{"data":{"token":"\#(desk.open("sid"))"}}"#)
            case "/login": return .reply(status: 403, text: "no")
            case "/orders": return .reply(text: orders(ids.withLock { $0 }))
            default: return .reply(status: 401, text: "")
            }
        }
        var text = try Self.bridge(api, Self.token)
        text.stream =
            #"{ request: /orders, key: .id, confirm_deletes: { get: "/orders/${record.key}" } }"#
        try await Bridge.with(text) { bridge in
            try await bridge.polls(as: "baseline")
            ids.withLock { $0 = [1] }
            let report = try await bridge.poll()
            #expect(report.outcome == "login_refused" && report.deleted == 0)
            #expect(try await bridge.state().liveCount == 2)
        }
    }

    @Test func `asks a login for its budget`() async throws {
        let desk = LoginDesk()
        let api = try Self.tokenAPI(desk)
        let text = try Self.bridge(api, Self.token, more: "limits: { budget: 1/m }")
        try await Bridge.with(text) { bridge in
            async let report = bridge.poll()
            let waited = await bridge.time.advanceToNextSleeper()
            #expect(waited > .seconds(50))
            let outcome = try await report.outcome
            #expect(outcome == "baseline")
        }
    }
}
