import PullcordCommit
import PullcordTestSupport
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct `A source with a challenge` {
    @Test func `copies the header of the error into what follows`() async throws {
        let current = Mutex("id-1")
        let api = try ChangingAPI { request in
            let id = current.withLock { $0 }
            return request.header("x-transmission-session-id") == id
                && request.header("authorization") == "Basic YW5uOnA0c3N3MHJk"
                ? .reply(text: orders(1...2))
                : .reply(status: 409, headers: [("X-Transmission-Session-Id", id)], text: "409")
        }
        var text = try BridgeText(api)
        text.adapter = """
            auth:
              basic: { username: ann, password: "${params.token}" }
              challenge: { status: 409, header: X-Transmission-Session-Id }
            """
        text.sources = [#"every: 60s, with: { token: "${env.PASSWORD}" }"#]
        text.environment = ["PASSWORD": "p4ssw0rd"]
        try await Bridge.with(text) { bridge in
            for _ in 0..<3 { try await bridge.polls() }
            #expect(api.requests.count == 4)
            current.withLock { $0 = "id-2" }
            try await bridge.polls()
            #expect(api.requests.count == 6)
        }
    }

    @Test func `fails with the status where the header does not help`() async throws {
        let count = Mutex(0)
        let api = try ChangingAPI { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return .reply(status: 409, headers: [("X-Id", "\(number)")], text: "conflict")
        }
        var text = try BridgeText(api)
        text.adapter += "\nauth: { challenge: { status: 409, header: X-Id } }"
        try await Bridge.with(text) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == "status" && report.reason.contains("409"))
            #expect(api.requests.count == 3)
        }
    }
}

@Suite(.timeLimit(.minutes(10))) struct `A source with registry tokens` {
    @Test func `gets one for each scope, and keeps it`() async throws {
        let api = try ChangingAPI { _ in .reply(text: "") }
        let realm = api.server.url("/token")
        api.set { request in
            let path = request.target.prefix { $0 != "?" }
            if path == "/token" {
                let isAnn = request.header("authorization") == "Basic YW5uOnA0c3N3MHJk"
                return isAnn
                    ? .reply(text: #"{"token":"t-\#(request.query("scope") ?? "")"}"#)
                    : .reply(status: 401, text: "")
            }
            let scope = path == "/orders" ? "one" : "two"
            return request.header("authorization") == "Bearer t-\(scope)"
                ? .reply(text: orders(1...1))
                : .reply(
                    status: 401,
                    headers: [
                        (
                            "WWW-Authenticate",
                            "Bearer realm=\"\(realm)\",service=\"reg\",scope=\"\(scope)\""
                        )
                    ], text: "")
        }
        var text = try BridgeText(api)
        text.adapter +=
            "\nauth: { registry: { username: ann, password: \"${params.token}\" } }"
        text.stream = "{ request: /orders, key: .id }\n  tags: { request: /tags, key: .id }"
        text.sources = [#"every: 60s, with: { token: "${env.PASSWORD}" }"#]
        text.environment = ["PASSWORD": "p4ssw0rd"]
        try await Bridge.with(text) { bridge in
            for _ in 0..<2 {
                try await bridge.pollsAll()
            }
            let tokens = api.requests.filter { $0.target.hasPrefix("/token") }
            #expect(
                Set(tokens.map(\.target)) == [
                    "/token?service=reg&scope=one", "/token?service=reg&scope=two",
                ])
            #expect(tokens.count == 2 && api.requests.count == 8)
            bridge.time.advance(by: .seconds(31))
            try await bridge.polls()
            #expect(api.requests.count == 10)
        }
    }
}
