import PullcordCommit
import PullcordJSON
import PullcordModel

/// Logging in with a browser: a token is exchanged for a cookie that scripts cannot read.
struct SessionRoutes: RouteGroup {
    let gate: Gatekeeper
    let sessions: SessionBook
    let time: any TimeSource
    let version: String
    /// Whether browsers come over TLS only.
    let isSecure: Bool

    var routes: [Route] {
        [show, open, close].map { route in
            var route = route
            route.isDocumented = false
            route.keepsAnswers = false
            return route
        }
    }

    private var show: Route {
        Route(
            .get, "/console/session", id: "getSession", tag: "console", "Who is logged in.",
            access: .own, reply: .json(.any)
        ) { request in APIAnswer(json: shown(request.principal)) }
    }

    private var open: Route {
        Route(
            .post, "/console/login", id: "logIn", tag: "console", "Log in with a token.",
            access: .own, content: .json(.object([.init("token", .text(max: 1000))])),
            reply: .json(.any)
        ) { request in
            try Gatekeeper.checkPage(request.headers)
            let token = request.texts["token"] ?? ""
            let principal = try await gate.principal(["authorization": "Bearer \(token)"])
            sessions.close(request.headers["cookie"])
            let value = sessions.open(TokenText.hash(Secret(token)), at: time.monotonic())
            return APIAnswer(
                json: shown(principal),
                headers: [
                    cookie(value.expose(), seconds: SessionBook.life.wholeMilliseconds / 1000)
                ])
        }
    }

    private var close: Route {
        Route(
            .post, "/console/logout", id: "logOut", tag: "console", "End the session.",
            access: .own, content: .json(.object([])), status: 204, reply: .none
        ) { request in
            try Gatekeeper.checkPage(request.headers)
            sessions.close(request.headers["cookie"])
            return APIAnswer(headers: [cookie("", seconds: 0)])
        }
    }

    private func cookie(_ value: String, seconds: Int64) -> (name: String, value: String) {
        let secure = isSecure ? "; Secure" : ""
        return (
            "set-cookie",
            "\(SessionBook.cookie)=\(value); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Strict\(secure)"
        )
    }

    private func shown(_ principal: Principal) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("name", principal.name)
        writer.member("scope", principal.scope?.rawValue)
        writer.key("is_session")
        writer.bool(principal.isSession)
        writer.member("version", version)
        writer.endObject()
        return writer.bytes
    }
}
