import PullcordAdapter
import PullcordDeliver
import PullcordJQ
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import PullcordTransfer
import Testing

/// What of a subscription's wire comes into the request of an attempt.
@Suite struct `The sender's request` {
    @Test func `is signed with every secret that is valid at the attempt`() throws {
        let secrets = [SigningSecret.generate(), .generate()]
        let endpoint = SenderWireFixture.endpoint(
            keys: SigningKeys(secrets: [
                .init(secrets[0]), .init(secrets[1], until: Fixture.time + .seconds(3600)),
            ]))
        for (time, valid) in [
            (Fixture.time, secrets), (Fixture.time + .seconds(3600), [secrets[0]]),
        ] {
            let request = try SenderWireFixture.request(endpoint, at: time)
            let tokens =
                SenderWireFixture.value("webhook-signature", request)?.split(separator: " ") ?? []
            #expect(tokens.count == valid.count)
            for secret in valid {
                let verdict = Verifier(secrets: [secret]).verify(
                    headers: request.headers.map { ($0.name, $0.value) },
                    body: request.body ?? [], now: time)
                #expect(verdict == .valid)
            }
        }
    }

    @Test func `is not made when no secret signs any more, unless a key does`() async throws {
        let secrets = [SigningKeys.TimedSecret(.generate(), until: Fixture.time)]
        let exchange = ScriptedExchange(.success(HTTPResponse(status: 204)))
        let result = await Sender(exchange: exchange, version: "1").attempt(
            Fixture.delivery(attempts: 2),
            to: SenderWireFixture.endpoint(keys: SigningKeys(secrets: secrets)),
            time: ManualTime(start: Fixture.time))
        #expect(exchange.requests.isEmpty)
        #expect(result.outcome == .unmade(.unsigned))
        #expect(result.attempt.outcome == "unsigned" && result.attempt.number == 3)
        #expect(result.attempt.reason.contains("secret: the `until` of every secret is past"))
        let key = Ed25519Key.generate()
        let request = try SenderWireFixture.request(
            SenderWireFixture.endpoint(keys: SigningKeys(secrets: secrets, ed25519: key)))
        #expect(SenderWireFixture.value("webhook-signature", request)?.hasPrefix("v1a,") == true)
    }

    @Test(arguments: ["empty", "error(.data.key)"])
    func `is not made of a program that fails, and the attempt says why`(program: String)
        async throws
    {
        let exchange = ScriptedExchange(.success(HTTPResponse(status: 204)))
        let wire = Wire(transform: try Expression(parsing: program))
        let result = await Sender(exchange: exchange, version: "1").attempt(
            Fixture.delivery(),
            to: SenderWireFixture.endpoint(
                keys: SigningKeys(secrets: [.init(.generate())]), wire: wire),
            time: ManualTime(start: Fixture.time))
        #expect(exchange.requests.isEmpty)
        #expect(result.attempt.outcome == "transform" && result.attempt.status == nil)
        #expect(result.attempt.reason.hasPrefix("transform: "))
        #expect(result.bodyBytes == 0)
        // It is tried again by the schedule, and the endpoint is not blamed.
        let decision = Settler.decide(
            result, schedule: .standard, random: 0, now: Fixture.time)
        guard case .settle(let settlement) = decision else {
            Issue.record("the attempt is written down")
            return
        }
        #expect(settlement.verdict == .retry(at: Fixture.time + .seconds(5)))
        var gate = EndpointGate()
        for _ in 0..<100 {
            let action = gate.heard(result.outcome, started: Fixture.time, now: Fixture.time)
            #expect(action == .none)
        }
        #expect(gate.health == EndpointHealth())
    }

    @Test(arguments: [WireSpec.Format.standard, .thin, .cloudevents, .cloudeventsBinary])
    func `tells and signs the place in the queue`(format: WireSpec.Format) throws {
        let delivery = Delivery(
            id: DeliveryID(7), subscription: SubscriptionID(1), event: Fixture.event(),
            attempts: 0, committed: Fixture.time, gap: EventID("evt_dead"), sequence: 42,
            previous: EventID("evt_before"))
        let endpoint = SenderWireFixture.endpoint(
            keys: SigningKeys(secrets: [.init(.generate())], requests: .hmac),
            wire: Wire(format: format))
        let request = try Sender(
            exchange: ScriptedExchange(.success(HTTPResponse(status: 204))), version: "1"
        ).request(for: delivery, to: endpoint, started: Fixture.time)
        let body = String(decoding: request.body ?? [], as: UTF8.self)
        #expect(body.contains(#","sequence":42,"previous_id":"evt_before"}"#))
        let covered = try #require(SenderWireFixture.value("signature-input", request))
        for (name, value) in [
            ("pullcord-sequence", "42"), ("pullcord-previous", "evt_before"),
            ("pullcord-gap", "evt_dead"),
        ] {
            #expect(SenderWireFixture.value(name, request) == value)
            #expect(covered.contains("\"\(name)\""))
        }
    }

    @Test func `covers extra headers and the URL as the server sees it`() throws {
        let keys = SigningKeys(secrets: [.init(.generate())], requests: .hmac)
        let request = try SenderWireFixture.request(
            SenderWireFixture.endpoint(
                keys: keys, headers: [EndpointHeader(name: "X-Team", value: Secret("a"))]),
            extra: [HTTPField("pullcord-sequence", "7")])
        let input = try #require(SenderWireFixture.value("signature-input", request))
        #expect(input.contains(#""webhook-timestamp" "pullcord-sequence");created=1769851800"#))
        #expect(!input.contains("x-team"))
        #expect(SenderWireFixture.value("pullcord-sequence", request) == "7")
        let digest = MessageSignature.digest(of: request.body ?? [])
        #expect(SenderWireFixture.value("content-digest", request) == digest)
        let names = request.headers.map { $0.name.lowercased() }
        #expect(Set(names).count == names.count)
    }

    @Test func `has no signature of its own unless asked`() throws {
        let request = try SenderWireFixture.request(
            SenderWireFixture.endpoint(keys: SigningKeys(secrets: [.init(.generate())])))
        for name in ["signature", "signature-input", "content-digest"] {
            #expect(SenderWireFixture.value(name, request) == nil)
        }
    }

    @Test(arguments: [
        ("${event.type}", "orders.updated"), ("k=${event.key}!", "k=a%20%C3%A9%0D%0A%25!"),
        ("${event.id}", "evt_0fd1b8w2ffxz64pyqkmceyp25x"), ("${event.source}", "shop"),
        ("${event.stream}.${event.kind}", "orders.updated"), ("${event.version}", "3"),
        ("${event.origin}", "live"), ("${event.key | urlencode}", "a%20%C3%A9%0D%0A%25"),
        ("${event.key | base64}", "YSDDqQ0KJQ=="), ("${event.key | raw}", "a %C3%A9%0D%0A%"),
        ("${event.kind | default \"x\"}", "updated"),
    ])
    func `fills an event's values into headers, safe for any header`(
        text: String, expected: String
    ) throws {
        let place = Place(file: "b.yaml", line: 1, column: 1)
        let pieces = try Template(parsing: text, at: place).segments.map {
            segment -> EndpointHeader.Piece in
            switch segment {
            case .literal(let text): .text(Secret(text))
            case .placeholder(let placeholder): .event(placeholder)
            }
        }
        let endpoint = SenderWireFixture.endpoint(
            keys: SigningKeys(secrets: [.init(.generate())]),
            headers: [EndpointHeader(name: "X-Event", pieces: pieces)])
        let request = try SenderWireFixture.request(endpoint, event: Fixture.event(key: "a é\r\n%"))
        #expect(SenderWireFixture.value("x-event", request) == expected)
    }
}

enum SenderWireFixture {
    static func endpoint(
        keys: SigningKeys, wire: Wire = Wire(), headers: [EndpointHeader] = []
    ) -> Endpoint {
        Endpoint(
            subscription: SubscriptionID(1), name: SubscriptionName("triage"),
            url: Secret("https://Hooks.Example.com:443?a=1"), keys: keys, wire: wire,
            headers: headers)
    }

    static func request(
        _ endpoint: Endpoint, event: Event = Fixture.event(), at time: Timestamp = Fixture.time,
        extra: [HTTPField] = []
    ) throws -> HTTPRequest {
        let exchange = ScriptedExchange(.success(HTTPResponse(status: 204)))
        let delivery = Delivery(
            id: DeliveryID(7), subscription: SubscriptionID(1), event: event, attempts: 0,
            committed: time)
        return try Sender(exchange: exchange, version: "1")
            .request(for: delivery, to: endpoint, started: time, extra: extra)
    }

    static func request(
        keys: SigningKeys, wire: Wire, event: Event, extra: [HTTPField] = []
    ) throws -> HTTPRequest {
        try request(endpoint(keys: keys, wire: wire), event: event, extra: extra)
    }

    static func value(_ name: String, _ request: HTTPRequest) -> String? {
        request.headers.first { $0.name.lowercased() == name }?.value
    }
}
