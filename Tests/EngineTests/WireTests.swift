import PullcordCommit
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import Testing

/// Formats, signatures and programs from the file to the receiver's socket.
@Suite(.timeLimit(.minutes(10))) struct WireTests {
    /// Delivers two records to a subscription with these keys.
    static func deliver(
        _ more: String, records: String = #"[{"id":1,"total":1.50},{"id":2,"total":2}]"#,
        attempts: Int = 2,
        _ look: (Bridge, [ReceivedRequest]) async throws -> Void
    ) async throws {
        let time = ManualTime()
        let api = try ChangingAPI(records)
        let subscriber = try Subscriber(time: time)
        var text = try DeliveryTests.bridge(api, subscriber, time, more: more)
        text.environment["ED"] = Self.key.text.expose()
        subscriber.acceptsEverything()
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "attempt", count: attempts)
            }
            try await look(bridge, subscriber.server.requests)
        }
    }

    static let key = Ed25519Key.generate()

    @Test func `CloudEvents in binary mode arrive with signed attributes and custom headers`()
        async throws
    {
        let more = """
            format: cloudevents_binary, ed25519: "${env.ED}", http_signature: ed25519, \
            headers: { X-Event: "${event.kind} of ${event.stream}" }
            """
        try await Self.deliver(more) { bridge, requests in
            #expect(requests.count == 2)
            for request in requests {
                #expect(request.header("ce-type") == "orders.created")
                #expect(request.header("ce-id") == request.header("webhook-id"))
                #expect(request.header("x-event") == "created of orders")
                #expect(request.header("content-type") == "application/json")
                #expect(request.text.hasPrefix(#"{"record":{"id":"#))
                #expect(request.header("signature-input")?.contains("\"ce-subject\"") == true)
                #expect(
                    request.header("content-digest")
                        == MessageSignature.digest(of: request.body))
                let verdict = Verifier(secrets: [], publicKeys: [Self.key.publicKey]).verify(
                    headers: request.headers, body: request.body, now: bridge.time.wall())
                #expect(verdict == .valid)
            }
            let states = try await bridge.deliveries().map(\.state)
            #expect(states == [.delivered, .delivered])
        }
    }

    @Test(arguments: [
        ("format: raw", #"{"id":1,"total":1.50}"#),
        ("format: raw, transform: .data.record.total", "1.50"),
        (#"body: "{text: (.type + \" \" + .data.key)}""#, #"{"text":"orders.created 1"}"#),
    ])
    func `a program or format makes the body that arrives`(
        more: String, body: String
    ) async throws {
        try await Self.deliver(more) { _, requests in
            #expect(requests.map(\.text).contains(body))
        }
    }

    @Test func `a program that fails holds its record back and says why; nothing is sent of it`()
        async throws
    {
        let more = #"transform: "if .data.key == \"1\" then error(\"no\") else .data.record end""#
        try await Self.deliver(more) { bridge, requests in
            #expect(requests.count == 1)
            let lines = bridge.log.lines("attempt").filter { $0.facts["outcome"] == "transform" }
            #expect(lines.count == 1 && lines[0].facts["next"] != nil)
            #expect(lines[0].facts["reason"]?.contains("no") == true)
            let states = try await bridge.deliveries().map(\.state)
            #expect(states.filter { $0 == .delivered }.count == 1)
            #expect(states.filter { $0 == .ready }.count == 1)
        }
    }

    @Test func `large webhooks are warned about once, and larger ones go without the record`()
        async throws
    {
        let text = String(repeating: "x", count: 30_000)
        let records =
            #"[{"id":1,"t":"\#(text)"},{"id":2,"t":"\#(text)"},{"id":3,"t":"\#(text + text)"}]"#
        try await Self.deliver("payload_max: 40kB", records: records, attempts: 3) {
            bridge, requests in
            #expect(bridge.log.lines("large webhook").count == 1)
            #expect(requests.filter { $0.text.contains(#""truncated":true"#) }.count == 1)
            #expect(requests.filter { $0.body.count > 30_000 }.count == 2)
        }
    }
}
