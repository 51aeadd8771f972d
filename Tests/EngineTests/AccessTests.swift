import Foundation
import PullcordCommit
import PullcordDeliver
import PullcordEngine
import PullcordModel
import PullcordTestSupport
import PullcordTransfer
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct `The access to an endpoint` {
    private static func tokenServer() throws -> ScriptedServer {
        let count = Counter()
        return try ScriptedServer { _ in
            .reply(text: #"{"access_token":"t0ken-number-\#(count.next())","expires_in":3600}"#)
        }
    }

    /// A counter that a server's threads share.
    private final class Counter: Sendable {
        private let count = Mutex(0)
        func next() -> Int {
            count.withLock {
                $0 += 1
                return $0
            }
        }
    }

    private static func oauth(_ server: ScriptedServer) -> String {
        let url = server.url("/token")
        return
            #"auth: { oauth2: { token_url: "\#(url)", client_id: me, client_secret: s3cret-s3cret } }"#
    }

    @Test func `by OAuth takes one token for all, and a fresh one when it is refused`()
        async throws
    {
        let time = ManualTime()
        let api = try ChangingAPI(orders(1...1))
        let tokens = try Self.tokenServer()
        let subscriber = try Subscriber(time: time) { webhook in
            // A reply that repeats what it was sent is kept without it.
            webhook.attempt == 1
                ? .reply(status: 401, text: "t0ken-number-1")
                : .reply(status: 200, text: "not t0ken-number-2!")
        }
        let text = try DeliveryTests.bridge(api, subscriber, time, more: Self.oauth(tokens))
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "attempt", count: 1)
            }
            let sent = subscriber.server.requests.map { $0.header("authorization") }
            #expect(sent == ["Bearer t0ken-number-1", "Bearer t0ken-number-2"])
            #expect(subscriber.webhooks.allSatisfy { $0.isVerified })
            let delivery = try #require(try await bridge.deliveries().first)
            #expect(delivery.attempts.map(\.status) == [200])
            #expect(delivery.attempts.map(\.reply) == ["not ***!"])
            #expect(!bridge.log.text.contains("t0ken"))
            #expect(
                tokens.requests.map { $0.text }
                    == Array(
                        repeating: "grant_type=client_credentials", count: 2))
        }
    }

    @Test func `by OAuth that fails makes the attempt fail, and says where and how`()
        async throws
    {
        let time = ManualTime()
        let api = try ChangingAPI(orders(1...1))
        let tokens = try ScriptedServer { _ in
            .reply(status: 401, text: #"{"error":"invalid_client"}"#)
        }
        let subscriber = try Subscriber(time: time)
        let text = try DeliveryTests.bridge(api, subscriber, time, more: Self.oauth(tokens))
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "attempt", count: 1)
            }
            #expect(subscriber.server.requests.isEmpty)
            let attempt = try #require(try await bridge.deliveries().first?.attempts.first)
            #expect(attempt.outcome == "auth")
            #expect(attempt.status == nil)
            #expect(
                attempt.reason.contains(
                    "\(tokens.url("/token")) (answer): answered 401, invalid_client"))
            #expect(!bridge.log.text.contains("s3cret"))
        }
    }

    @Test(arguments: [
        (#"auth: { bearer: b3arer-b3arer }"#, "Bearer b3arer-b3arer"),
        (#"auth: { basic: { username: me, password: p4ss-p4ss } }"#, "Basic bWU6cDRzcy1wNHNz"),
    ])
    func `by fixed credentials sends them with each delivery and shows them nowhere`(
        more: String, header: String
    ) async throws {
        let time = ManualTime()
        let api = try ChangingAPI(orders(1...1))
        let subscriber = try Subscriber(time: time) { _ in .reply(status: 400, text: header) }
        let text = try DeliveryTests.bridge(api, subscriber, time, more: more)
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "attempt", count: 1)
            }
            #expect(subscriber.server.requests.map { $0.header("authorization") } == [header])
            let attempt = try #require(try await bridge.deliveries().first?.attempts.first)
            #expect(attempt.reply.hasSuffix("***"), "\(attempt.reply)")
        }
    }

    @Test func `waits for a required consent, and remembers it over a restart`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI(orders(1...2))
        let subscriber = try Subscriber(time: time)
        let text = try DeliveryTests.bridge(
            api, subscriber, time, more: "handshake: require, origin: bridge.example, rate: 60/s")
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "consent", count: 1)
                // The wait for the next time to ask.
                subscriber.setOther { request in
                    let allowed = request.header("webhook-request-origin") ?? ""
                    return .reply(
                        status: 405,
                        headers: [
                            ("WebHook-Allowed-Origin", allowed), ("WebHook-Allowed-Rate", "60"),
                        ])
                }
                #expect(await time.advanceToNextSleeper() == .seconds(30))
                await bridge.log.wait(for: "attempt", count: 1)
                // One a minute sixty times: the second waits for a second.
                #expect(await time.advanceToNextSleeper() == .seconds(1))
                await bridge.log.wait(for: "attempt", count: 2)
            }
            let requests = subscriber.server.requests
            #expect(requests.map(\.method) == ["OPTIONS", "OPTIONS", "POST", "POST"])
            #expect(requests.allSatisfy { $0.header("webhook-request-origin") == "bridge.example" })
            #expect(requests[0].header("webhook-request-rate") == "3600")
            let consent = bridge.log.lines("consent")
            #expect(consent.map { $0.facts["outcome"] } == ["refused", "agreed"])
        }
        api.set(orders(1...3))
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "attempt", count: 1)
            }
            #expect(subscriber.server.requests.map(\.method).suffix(2) == ["POST", "POST"])
            #expect(subscriber.server.requests.count == 5)
        }
    }

    @Test func `shows a missing consent, and sends nothing meanwhile`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI(orders(1...2))
        let subscriber = try Subscriber(time: time)
        subscriber.setOther { request in
            .reply(status: 200, text: String(request.text.reversed()))
        }
        let text = try DeliveryTests.bridge(api, subscriber, time, more: "challenge: require")
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "consent", count: 1)
                await time.advanceToNextSleeper()
                await bridge.log.wait(for: "consent", count: 2)
            }
            #expect(subscriber.webhooks.isEmpty)
            let challenge = subscriber.server.requests[0]
            #expect(
                challenge.text.hasPrefix(
                    #"{"type":"pullcord.endpoint.challenge","timestamp":"2026-"#))
            let summary = try await bridge.store.subscriptions()[0]
            let health = try #require(summary.health.flatMap { EndpointHealth(stored: $0) })
            #expect(health.condition == .unverified)
            #expect(health.reason == "challenge: answered 200 without the challenge")
            #expect(summary.backlog == 2)
        }
    }

    @Test func `goes on after a restart where it was: down, and probed by one delivery`()
        async throws
    {
        let time = ManualTime()
        let api = try ChangingAPI(orders(1...40))
        let subscriber = try Subscriber(time: time) { _ in .reply(status: 500) }
        let text = try DeliveryTests.bridge(api, subscriber, time)
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "endpoint paused", count: 1)
                await bridge.log.wait(for: "attempt", count: 20)
            }
            let summary = try await bridge.store.subscriptions()[0]
            let health = try #require(summary.health.flatMap { EndpointHealth(stored: $0) })
            #expect(health.condition == .open)
            #expect(health.reason == "answered 500")
        }
        let before = subscriber.webhooks.count
        #expect(before < 40)
        subscriber.set { _ in .reply(status: 204) }
        try await Bridge.with(text) { bridge in
            try await bridge.delivering { _ in
                #expect(await time.advanceToNextSleeper() == .seconds(30))
                await bridge.log.wait(for: "endpoint recovered", count: 1)
                // Those that were never tried go now; the others have their own wait.
                time.advance(by: .seconds(6))
                await bridge.log.wait(for: "attempt", count: 40)
            }
            #expect(try await bridge.store.subscriptions()[0].health == nil)
            let deliveries = try await bridge.deliveries()
            #expect(deliveries.allSatisfy { $0.state == .delivered })
            // The backlog has not used up its attempts meanwhile.
            #expect(deliveries.allSatisfy { $0.attempts.count <= 2 })
        }
    }
}

@Suite struct `The files of a TLS identity` {
    @Test func `are read again when they change, and kept when they cannot be read`() throws {
        let folder = try TemporaryFolder()
        let (certificate, key) = ("\(folder.path)/c.pem", "\(folder.path)/k.pem")
        func write(_ text: String, to path: String) throws {
            try "-----BEGIN X-----\n\(text)\n-----END X-----\n".write(
                toFile: path, atomically: true, encoding: .utf8)
        }
        func shown(_ identity: TLSIdentity) -> [Bool] {
            ["one", "two", "three"].map {
                String(decoding: identity.certificate ?? [], as: UTF8.self).contains($0)
            }
        }
        try write("one", to: certificate)
        try write("key", to: key)
        let files = TLSFiles(authority: nil, certificate: certificate, key: key)
        #expect(shown(files.current(now: .zero)) == [true, false, false])
        #expect(files.current(now: .zero).authority == nil)
        try write("two", to: certificate)
        // Not looked at more than once a second.
        #expect(shown(files.current(now: .milliseconds(999))) == [true, false, false])
        #expect(shown(files.current(now: .seconds(1))) == [false, true, false])
        try FileManager.default.removeItem(atPath: certificate)
        #expect(shown(files.current(now: .seconds(2))) == [false, true, false])
        try "half".write(toFile: certificate, atomically: true, encoding: .utf8)
        #expect(shown(files.current(now: .seconds(3))) == [false, true, false])
        try write("three", to: certificate)
        #expect(shown(files.current(now: .seconds(4))) == [false, false, true])
    }
}
