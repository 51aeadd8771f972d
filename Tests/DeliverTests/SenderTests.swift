import PullcordDeliver
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import PullcordTransfer
import Testing

@Suite struct `The sender` {
    func attempt(
        _ response: HTTPResponse, endpoint: Endpoint = Fixture.endpoint(), attempts: Int = 0
    ) async -> AttemptResult {
        let sender = Sender(exchange: ScriptedExchange(.success(response)), version: "1.2.3")
        return await sender.attempt(
            Fixture.delivery(attempts: attempts), to: endpoint,
            time: ManualTime(start: Fixture.time))
    }

    @Test func `posts the envelope, signed so that the receiver's verifier accepts it`()
        async throws
    {
        let exchange = ScriptedExchange(.success(Fixture.response(204)))
        let secrets = [SigningSecret.generate(), .generate()]
        _ = await Sender(exchange: exchange, version: "1.2.3").attempt(
            Fixture.delivery(), to: Fixture.endpoint(secrets: secrets),
            time: ManualTime(start: Fixture.time))
        let request = try #require(exchange.requests.first)
        #expect(exchange.requests.count == 1)
        #expect(request.method == .post)
        #expect(request.url == "https://hooks.example.com/T0KEN-IN-PATH")
        #expect(request.body == Envelope.body(for: Fixture.event()))
        #expect(!request.acceptsEncoding)
        #expect(request.bodyLimit == .truncate(over: Limits.replyBytesRead))
        #expect(request.headers.contains(HTTPField("User-Agent", "Pullcord/1.2.3")))
        #expect(request.headers.contains(HTTPField("Content-Type", "application/json")))
        for secret in secrets {
            let verdict = Verifier(secrets: [secret]).verify(
                headers: request.headers.map { ($0.name, $0.value) }, body: request.body ?? [],
                now: Fixture.time)
            #expect(verdict == .valid)
        }
    }

    @Test func `lets a subscription add headers but not replace those that are ours`() throws {
        let names = [
            "Webhook-Id", "WEBHOOK-SIGNATURE", "webhook-anything", "Content-Type",
            "content-encoding", "Host", "Transfer-Encoding", "connection", "Expect", "Signature",
            "signature-input", "Content-Digest", "ce-id", "Pullcord-Sequence",
        ]
        let added = ["Authorization", "X-Team", "user-agent", "Hostname"]
        let endpoint = Fixture.endpoint(
            headers: (names + added).map { EndpointHeader(name: $0, value: Secret("mine-\($0)")) })
        let request = try Sender(
            exchange: ScriptedExchange(.success(.init(status: 200))), version: "1"
        )
        .request(for: Fixture.delivery(), to: endpoint, started: Fixture.time)
        let mine = request.headers.filter { $0.value.hasPrefix("mine-") }.map(\.name)
        #expect(mine == added)
        #expect(request.headers.filter { $0.name.lowercased() == "user-agent" }.count == 1)
    }

    @Test(arguments: [
        (Duration.seconds(3), Duration.seconds(3), Duration.seconds(3)),
        (.seconds(30), .seconds(5), .seconds(30)), (.zero, .seconds(1), .seconds(1)),
        (.seconds(100_000), .seconds(5), .seconds(60)),
    ])
    func `gives each attempt a deadline in all`(
        asked: Duration, connect: Duration, total: Duration
    ) throws {
        let request = try Sender(
            exchange: ScriptedExchange(.success(.init(status: 200))), version: "1"
        )
        .request(
            for: Fixture.delivery(), to: Fixture.endpoint(timeout: asked),
            started: Fixture.time)
        #expect(
            request.deadlines == Deadlines(connect: connect, firstByte: total, total: total))
    }

    @Test(arguments: [
        (200, AttemptResult.Outcome.delivered, "delivered"), (201, .delivered, "delivered"),
        (202, .delivered, "delivered"), (204, .delivered, "delivered"),
        (299, .delivered, "delivered"), (300, .redirect(location: ""), "redirect"),
        (304, .redirect(location: ""), "redirect"), (308, .redirect(location: ""), "redirect"),
        (400, .failed(status: 400), "status"), (401, .failed(status: 401), "status"),
        (404, .failed(status: 404), "status"), (409, .failed(status: 409), "status"),
        (410, .gone, "gone"), (418, .failed(status: 418), "status"),
        (429, .throttled(retryAfter: .zero), "throttled"), (500, .failed(status: 500), "status"),
        (501, .failed(status: 501), "status"), (502, .throttled(retryAfter: .zero), "throttled"),
        (503, .throttled(retryAfter: .zero), "throttled"),
        (504, .throttled(retryAfter: .zero), "throttled"), (599, .failed(status: 599), "status"),
        (600, .failed(status: 600), "status"), (999, .failed(status: 999), "status"),
        (101, .failed(status: 101), "status"), (199, .failed(status: 199), "status"),
        (0, .failed(status: 0), "status"), (-1, .failed(status: -1), "status"),
    ])
    func `judges every status`(
        status: Int, expected: AttemptResult.Outcome, word: String
    ) async {
        let result = await attempt(Fixture.response(status), attempts: 4)
        #expect(result.outcome == expected)
        #expect(result.attempt.outcome == word)
        #expect(result.attempt.status == status)
        #expect(result.attempt.number == 5)
        #expect(result.attempt.reason.isEmpty == (expected == .delivered))
    }

    @Test(arguments: [429, 502, 503, 504])
    func `hears Retry-After, seconds or date, from when the answer came`(status: Int) async {
        let clock = ManualTime(start: Fixture.time)
        let date = HTTPField("Retry-After", "Sat, 31 Jan 2026 09:31:00 GMT")
        let exchange = ScriptedExchange(
            .success(Fixture.response(status, headers: [date])), after: .seconds(10), clock: clock)
        let result = await Sender(exchange: exchange, version: "1").attempt(
            Fixture.delivery(), to: Fixture.endpoint(), time: clock)
        #expect(result.outcome == .throttled(retryAfter: .milliseconds(49_875)))
        #expect(result.attempt.duration == .seconds(10))
        let seconds = await attempt(
            Fixture.response(status, headers: [HTTPField("retry-after", "77")]))
        #expect(seconds.outcome == .throttled(retryAfter: .seconds(77)))
        #expect(seconds.attempt.reason.contains("77 s"))
    }

    @Test(arguments: TransferError.Code.allCases)
    func `gives each failure of the transfer its code, and never throws`(
        code: TransferError.Code
    ) async {
        let error = TransferError(
            code: code, url: "https://hooks.example.com", phase: .connect, message: "no luck")
        let result = await Sender(exchange: ScriptedExchange(.failure(error)), version: "1")
            .attempt(
                Fixture.delivery(), to: Fixture.endpoint(), time: ManualTime(start: Fixture.time))
        let ours: Set<TransferError.Code> = [.cancelled, .stopped, .overloaded]
        #expect(result.outcome == (ours.contains(code) ? .abandoned(code) : .unreachable(code)))
        #expect(result.attempt.outcome == code.rawValue)
        #expect(result.attempt.reason == "no luck")
        #expect(result.attempt.status == nil && result.attempt.reply.isEmpty)
    }

    @Test(arguments: [
        ("https://other.example/x", "https://other.example/x"),
        ("http://169.254.169.254/latest?token=abc#frag", "http://169.254.169.254/latest"),
        ("https://user:pass@other.example/x", "https://other.example/x"),
        ("//user@host", "//host"), ("/relative?x=1", "/relative"), ("?secret", ""), ("", ""),
        ("/a\u{1B}[31m\u{7F}b é", "/a?[31m?b??"),
    ])
    func `shows where a redirect led without what may be secret in it`(
        location: String, shown: String
    ) async {
        let result = await attempt(
            Fixture.response(302, headers: [HTTPField("Location", location)]))
        #expect(result.outcome == .redirect(location: shown))
        #expect(result.attempt.reason.contains("answered 302"))
    }

    @Test func `keeps no more than 200 characters of a redirect's target`() async {
        let long = HTTPField("location", "/" + String(repeating: "a", count: 5000))
        let result = await attempt(Fixture.response(301, headers: [long]))
        #expect(result.outcome == .redirect(location: "/" + String(repeating: "a", count: 199)))
    }

    @Test func `counts up to the largest number without a trap`() async {
        let result = await attempt(Fixture.response(500), attempts: .max)
        #expect(result.attempt.number == .max)
    }
}

@Suite struct `What is kept of a reply` {
    func kept(
        _ body: [UInt8], isTruncated: Bool = false, endpoint: Endpoint = Fixture.endpoint()
    ) async -> String {
        let response = Fixture.response(500, body: body, isTruncated: isTruncated)
        let sender = Sender(exchange: ScriptedExchange(.success(response)), version: "1")
        return await sender.attempt(
            Fixture.delivery(), to: endpoint, time: ManualTime(start: Fixture.time)
        ).attempt.reply
    }

    @Test(arguments: ["", "ok", "{\"error\":\"no such hook\"}\n", "Zoë 🚂\tand more"])
    func `is all of a short text`(text: String) async {
        #expect(await kept(Array(text.utf8)) == text)
    }

    @Test(arguments: [
        ([UInt8]([0xFF, 0x41]), "\u{FFFD}A"), ([0x41, 0], "A\u{FFFD}"),
        ([0x1B, 0x5B, 0x32, 0x4A], "\u{FFFD}[2J"), ([0x61, 0x0D, 0x0A, 0x62], "a\nb"),
        ([0xE2, 0x80, 0xAE, 0x61], "\u{FFFD}a"), ([0xC2, 0x9B, 0x61], "\u{FFFD}a"),
    ])
    func `holds nothing that is not text`(body: [UInt8], expected: String) async {
        #expect(await kept(body) == expected)
    }

    @Test(arguments: ["a", "é", "€", "🚂", "\u{FFFD}"])
    func `is cut between characters and says so`(character: String) async {
        for extra in 0..<4 {
            let body =
                String(repeating: "x", count: extra)
                + String(repeating: character, count: 20_000)
            let reply = await kept(Array(body.utf8))
            #expect(reply.utf8.count <= Limits.replyBytesKept)
            #expect(reply.utf8.count > Limits.replyBytesKept - 8)
            #expect(reply.hasSuffix(" […]"))
            #expect(body.hasPrefix(reply.dropLast(4)))
        }
    }

    @Test func `says so when the transfer cut it`() async {
        #expect(await kept(Array("short".utf8), isTruncated: true) == "short […]")
    }

    @Test func `of bytes that are no text grows no further than the bound`() async {
        let reply = await kept([UInt8](repeating: 0xFF, count: Limits.replyBytesKept))
        #expect(reply.utf8.count <= Limits.replyBytesKept)
    }

    @Test func `masks the secrets that an echo would show`() async {
        let secret = SigningSecret.generate()
        let endpoint = Fixture.endpoint(
            secrets: [secret],
            headers: [EndpointHeader(name: "authorization", value: Secret("Bearer tok-12345"))])
        let echo =
            "url=https://hooks.example.com/T0KEN-IN-PATH token=tok-12345 "
            + "key=\(secret.text.expose())"
        #expect(await kept(Array(echo.utf8), endpoint: endpoint) == "url=*** token=*** key=***")
    }

    @Test func `shows no half of a secret that straddles the cut`() async {
        let endpoint = Fixture.endpoint(
            headers: [EndpointHeader(name: "x-key", value: Secret("SECRET-SECRET-SECRET"))])
        let body =
            String(repeating: "x", count: Limits.replyBytesKept - 12)
            + "SECRET-SECRET-SECRET" + String(repeating: "y", count: 5000)
        #expect(await kept(Array(body.utf8), endpoint: endpoint).contains("SEC") == false)
    }
}
