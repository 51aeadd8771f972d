import Foundation
import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct UntouchedTests {
    @Test(arguments: [
        #"{"id":1,"n":1.10}"#, #"{"id":1,"n":12345678901234567890.123456789012345678901}"#,
        #"{"id":1,"n":[1E+2,1e2,100,-0,-0.0]}"#, #"{"id":1,"s":"\u00e9 é \/ \ud83d\ude00 😀"}"#,
        #"{ "id" : 1 ,  "z":1, "a":2 }"#, "{\"id\":1,\"s\":\"e\u{301}\u{2028}\"}",
        #"{"id":1,"s":"\u0000\u001f\\\""}"#, #"{"id":1,"empty":[{},[],"",null]}"#,
    ])
    func `a record reaches the receiver byte for byte`(record: String) async throws {
        let api = try ChangingAPI("[\n  \(record)\n]")
        let time = ManualTime()
        let subscriber = try Subscriber(time: time)
        var text = try BridgeText(api, time: time)
        text.stream = "{ request: /orders, records: ., key: .id, first: emit }"
        text.subscriptions = [(subscriber, "")]
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            try await bridge.delivering { _ in await bridge.log.wait(for: "attempt", count: 1) }
            let webhook = try #require(subscriber.webhooks.first)
            #expect(webhook.isVerified)
            let expected = """
                {"type":"orders.created","timestamp":"2026-01-01T00:00:00.000Z",\
                "data":{"record":\(record),"key":"1","source":"shop0","stream":"orders",\
                "version":1,"origin":"backfill"}}
                """
            #expect(webhook.body == Array(expected.utf8))
        }
    }

    @Test func `a subscription gets the events that it asks for and no others`() async throws {
        let api = try ChangingAPI(orders(1...3))
        let time = ManualTime()
        let all = try Subscriber("all", time: time)
        let gone = try Subscriber("gone", time: time)
        let big = try Subscriber("big", time: time)
        let elsewhere = try Subscriber("elsewhere", time: time)
        var text = try BridgeText(api, time: time)
        text.sources = ["every: 60s", "every: 60s"]
        text.subscriptions = [
            (all, ""), (gone, "events: [orders.deleted]"),
            (big, #"filter: '.data.record.value == "big"'"#), (elsewhere, "sources: [shop1]"),
        ]
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set(orders([(1, "new"), (2, "big")]))
            try await bridge.poll()
            try await bridge.delivering { _ in await bridge.log.wait(for: "attempt", count: 4) }
            #expect(Set(all.webhooks.map(\.change)) == ["2 v2", "3 v2"])
            #expect(gone.webhooks.map(\.type) == ["orders.deleted"])
            #expect(big.webhooks.map(\.change) == ["2 v2"])
            #expect(elsewhere.webhooks == [])
        }
    }
}

@Suite(.timeLimit(.minutes(10))) struct SecrecyTests {
    private static let token = "s3cr3t/t0ken+that=is&long"
    private static let encoded = "s3cr3t%2Ft0ken%2Bthat%3Dis%26long"

    /// Answers with all that it was sent.
    private static let echo: ScriptedServer.Handler = { request in
        let head = request.headers.map { "\($0.name): \($0.value)" }.joined(separator: " ")
        return .reply(status: 401, text: "\(request.target) \(head)")
    }

    private static func forms(_ user: String = "") -> [String] {
        [
            token, encoded, Data(token.utf8).base64EncodedString(),
            Data("\(user):\(token)".utf8).base64EncodedString(), String(token.prefix(12)),
        ]
    }

    private static func text(_ auth: String, _ api: ChangingAPI) throws -> BridgeText {
        var text = try BridgeText(api)
        text.adapter = "retry: { attempts: 1 }\nauth: \(auth)"
        text.sources = [#"every: 60s, with: { token: "${env.TOKEN}" }"#]
        text.environment = ["TOKEN": token]
        return text
    }

    private static let auths = [
        #"{ bearer: "${params.token}" }"#,
        #"{ basic: { username: me, password: "${params.token}" } }"#,
        #"{ api_key: { query: key, value: "${params.token}" } }"#,
        #"{ api_key: { header: X-Key, value: "${params.token}" } }"#,
        #"{ api_key: { cookie: session, value: "${params.token}" } }"#,
    ]

    @Test(arguments: auths)
    func `an answer that echoes the request does not bring a secret into the report`(
        auth: String
    ) async throws {
        let api = try ChangingAPI(Self.echo)
        try await Bridge.with(Self.text(auth, api)) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == "unauthorized")
            for form in Self.forms("me") {
                #expect(!report.reason.contains(form))
                #expect(try await bridge.state().lastPoll?.reason.contains(form) == false)
            }
        }
    }

    @Test(arguments: auths)
    func `an answer that echoes the request does not bring a secret into the log`(
        auth: String
    ) async throws {
        let api = try ChangingAPI(Self.echo)
        try await Bridge.with(Self.text(auth, api)) { bridge in
            try await bridge.polling { _ in await bridge.log.wait(for: "poll", count: 1) }
            for form in Self.forms("me") { #expect(!bridge.log.text.contains(form)) }
        }
    }

    @Test(arguments: [150, 170, 180, 190, 199])
    func `a secret that the excerpt of an answer cuts through is masked as well`(
        room: Int
    ) async throws {
        let filler = String(repeating: "x", count: room)
        let api = try ChangingAPI { _ in .reply(status: 403, text: filler + Self.token) }
        let auth = #"{ bearer: "${params.token}" }"#
        try await Bridge.with(Self.text(auth, api)) { bridge in
            let report = try await bridge.poll()
            #expect(!report.reason.contains("xs3c"))
            #expect(!report.reason.contains("xs "))
        }
    }

    @Test func `a record that holds a secret where its cursor should be does not tell it`()
        async throws
    {
        let api = try ChangingAPI(#"[{"id":1,"at":"\#(Self.token)"}]"#)
        var text = try Self.text(#"{ bearer: "${params.token}" }"#, api)
        text.stream = """
            { request: { path: /orders, query: { since: "${cursor}" } }, records: ., key: .id, \
            cursor: { from: .at, format: integer } }
            """
        try await Bridge.with(text) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == "cursor_format")
            #expect(!report.reason.contains(Self.token))
        }
    }

    @Test(arguments: auths)
    func `an exchange that failed does not tell the secret`(auth: String) async throws {
        let api = try ChangingAPI { _ in .script(.close) }
        try await Bridge.with(Self.text(auth, api)) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == "transfer")
            for form in Self.forms("me") { #expect(!report.reason.contains(form)) }
        }
    }
}
