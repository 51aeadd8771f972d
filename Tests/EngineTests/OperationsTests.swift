import Logging
import PullcordAdapter
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordSQLiteStore
import PullcordTestSupport
import ServiceLifecycle
import Testing

@Suite(.timeLimit(.minutes(10))) struct OperationsTests {
    private static func open(
        _ api: ChangingAPI, _ subscriber: Subscriber, _ time: ManualTime, more: String = ""
    ) throws -> BridgeText {
        var text = try DeliveryTests.bridge(api, subscriber, time, more: more)
        text.environment = [:]
        return text
    }

    @Test func `an operator stops and starts a subscription, and the audit tells`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI(orders([(1, "a")]))
        let subscriber = try Subscriber(time: time)
        try await Bridge.with(Self.open(api, subscriber, time)) { bridge in
            let operations = Operations.standard(store: bridge.store, deliver: nil, time: time)
            let name = Operations.write(["name": "triage"])
            #expect(try await operations.carryOut("disable", arguments: name).isDone)
            try await bridge.poll()
            #expect(try await bridge.store.subscriptions()[0].disabledReason != nil)
            let answer = try await operations.carryOut("enable", arguments: name)
            #expect(answer.isDone && answer.text.contains("1 deliveries wait"))
            let audit = try await bridge.store.audit(limit: 9)
            #expect(audit.map(\.action) == ["enable", "disable"])
            #expect(audit.allSatisfy { $0.subject == "triage" })
        }
    }

    @Test(
        arguments: [
            ("enable", #"{"name":"nobody"}"#), ("enable", "{}"), ("enable", "[]"),
            ("enable", "nonsense"), ("dance", "{}"), ("purge", #"{"name":"triage"}"#),
            ("purge", #"{"name":"nobody"}"#), ("replay_cancel", #"{"id":"7"}"#),
            ("replay", #"{"to":"nobody"}"#), ("replay", #"{"to":"triage","rate":"0"}"#),
            ("replay", #"{"to":"triage","dead":"yes"}"#),
            ("replay", #"{"to":"triage","since":"yesterday"}"#),
        ])
    func `what cannot be done is refused in words`(kind: String, arguments: String) async throws {
        let time = ManualTime()
        let api = try ChangingAPI("[]")
        let subscriber = try Subscriber(time: time)
        try await Bridge.with(Self.open(api, subscriber, time)) { bridge in
            let operations = Operations.standard(store: bridge.store, deliver: nil, time: time)
            let answer = try await operations.carryOut(kind, arguments: arguments)
            #expect(!answer.isDone && !answer.text.isEmpty)
            #expect(try await bridge.store.audit(limit: 1)[0].detail.hasPrefix("refused"))
        }
    }

    @Test(arguments: [true, false])
    func `stopping and starting is in the stored health, with lanes and without`(
        hasLanes: Bool
    ) async throws {
        let time = ManualTime()
        let api = try ChangingAPI("[]")
        let subscriber = try Subscriber(time: time)
        try await Bridge.with(Self.open(api, subscriber, time)) { bridge in
            let id = try await bridge.store.subscriptions()[0].id
            let health = "open pauses=3 agreed=handshake:abc reason=answered 500"
            try await bridge.store.setHealth(health, for: id)
            let operations = Operations.standard(
                store: bridge.store, deliver: hasLanes ? bridge.services().deliver : nil,
                time: time)
            let name = Operations.write(["name": "triage", "reason": "holidays"])
            try await operations.carryOut("disable", arguments: name)
            let stopped = try await bridge.store.subscriptions()[0]
            #expect(stopped.disabledReason == "holidays")
            if hasLanes { #expect(stopped.health?.hasSuffix("reason=holidays") == true) }
            try await operations.carryOut("enable", arguments: name)
            let started = try await bridge.store.subscriptions()[0]
            #expect(started.disabledReason == nil)
            // What failed is forgotten; the lanes here began without what was agreed to.
            #expect(started.health == (hasLanes ? nil : "healthy agreed=handshake:abc"))
        }
    }

    @Test func `a reason is kept as one line that drives no terminal`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI("[]")
        let subscriber = try Subscriber(time: time)
        try await Bridge.with(Self.open(api, subscriber, time)) { bridge in
            let operations = Operations.standard(store: bridge.store, deliver: nil, time: time)
            let reason = "lunch\u{0}\u{1B}[31m\nback\u{9B}at " + String(repeating: "1", count: 900)
            try await operations.carryOut(
                "disable", arguments: Operations.write(["name": "triage", "reason": reason]))
            let kept = try #require(try await bridge.store.subscriptions()[0].disabledReason)
            #expect(kept.hasPrefix("lunch\u{FFFD}\u{FFFD}[31m back\u{FFFD}at 1"))
            #expect(kept.count == 500)
        }
    }

    @Test func `a request beside the owner is carried out once and answered`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI("[]")
        let subscriber = try Subscriber(time: time)
        try await Bridge.with(Self.open(api, subscriber, time)) { bridge in
            let mailbox = try SQLiteMailbox(path: bridge.configuration.storePath)
            let arguments = Operations.write(["name": "triage", "reason": "holidays"])
            let request = try await mailbox.send(
                kind: "disable", arguments: arguments, at: time.wall())
            #expect(try await mailbox.answer(to: request) == nil)
            let operations = Operations.standard(store: bridge.store, deliver: nil, time: time)
            try await operations.carryOutAll()
            try await operations.carryOutAll()
            #expect(try await mailbox.answer(to: request)?.isDone == true)
            #expect(try await bridge.store.subscriptions()[0].disabledReason == "holidays")
            #expect(try await bridge.store.audit(limit: 9).count == 1)
            // One that nobody waits for any more is not carried out.
            let late = try await mailbox.send(
                kind: "enable", arguments: Operations.write(["name": "triage"]), at: time.wall())
            time.advance(by: Operations.ageMax + .seconds(1))
            try await operations.carryOutAll()
            #expect(try await mailbox.answer(to: late)?.isDone == false)
            #expect(try await bridge.store.subscriptions()[0].disabledReason == "holidays")
        }
    }

    @Test
    func `a token that is asked for twice with one hash is made once, and no other gets its name`()
        async throws
    {
        let time = ManualTime()
        let api = try ChangingAPI("[]")
        let subscriber = try Subscriber(time: time)
        try await Bridge.with(Self.open(api, subscriber, time)) { bridge in
            let operations = Operations.standard(store: bridge.store, deliver: nil, time: time)
            func make(_ digit: String, _ scope: String) async throws -> Bool {
                let hash = String(repeating: digit, count: 64)
                return try await operations.carryOut(
                    "token_create",
                    arguments: Operations.write(["name": "ci", "scope": scope, "hash": hash])
                ).isDone
            }
            #expect(try await make("a", "read"))
            // As after a crash before the answer.
            #expect(try await make("a", "read"))
            let other = try await make("b", "read")
            let wider = try await make("a", "admin")
            #expect(!other && !wider)
            #expect(try await bridge.store.tokens().map(\.scope) == [.read])
        }
    }

    @Test func `a change that is committed is not made again for want of an answer`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI("[]")
        let subscriber = try Subscriber(time: time)
        try await Bridge.with(Self.open(api, subscriber, time)) { bridge in
            let mailbox = try SQLiteMailbox(path: bridge.configuration.storePath)
            let request = try await mailbox.send(
                kind: "source.put", arguments: "{}", at: time.wall())
            // The change is there, and the process ended before it could answer.
            _ = try await bridge.store.put(
                .source, "mine", text: "{}", labels: [:], expecting: .absent,
                audit: AuditEntry(
                    time: time.wall(), action: "source.put", subject: "mine",
                    detail: "made by me", request: request))
            #expect(try await mailbox.answer(to: request) == nil)
            // However long it takes to start again.
            time.advance(by: .seconds(3600))
            var operations = Operations.standard(store: bridge.store, deliver: nil, time: time)
            operations.add("source.put") { _ in
                Issue.record("it is done again")
                return .init(subject: "", text: "")
            }
            try await operations.carryOutAll()
            let answer = try await mailbox.answer(to: request)
            #expect(answer == OperatorAnswer(isDone: true, text: "mine: made by me"))
            #expect(try await bridge.store.openRequests().isEmpty)
        }
    }

    @Test func `a replay is sent again with the same ids, and says that it is one`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI(orders([(1, "a"), (2, "b"), (3, "c")]))
        let subscriber = try Subscriber(time: time)
        try await Bridge.with(Self.open(api, subscriber, time)) { bridge in
            try await bridge.poll()
            let services = bridge.services()
            let feeder = ReplayFeeder(
                store: bridge.store, matcher: LiveMatcher(bridge.assembly.matcher),
                deliver: services.deliver, time: time, log: bridge.log.logger)
            let query = ReplayQuery(filter: #".data.key != "2""#)
            let choice = try ReplayChoice(
                query,
                target: bridge.assembly.states.isEmpty ? SubscriptionID(0) : SubscriptionID(1),
                matcher: bridge.assembly.matcher)
            #expect(try await choice.count(query, in: bridge.store).send == 2)
            let name = SubscriptionName("triage")
            _ = try await bridge.store.makeReplay(
                query, to: name, rate: 1, request: nil, at: time.wall())
            try await feeder.feed()
            #expect(try await bridge.store.replays(limit: 1)[0].queued == 1)
            try await feeder.feed()
            try await feeder.feed()
            let job = try await bridge.store.replays(limit: 1)[0]
            #expect(job.queued == 2 && job.state == .sending)
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "attempt", count: 5)
            }
            #expect(try await bridge.store.replays(limit: 1)[0].state == .done)
            let replayed = subscriber.webhooks.filter { $0.origin == "replay" }
            #expect(Set(replayed.map(\.key)) == ["1", "3"])
            #expect(subscriber.webhooks.allSatisfy { $0.isVerified })
            #expect(
                Set(replayed.map(\.id)).isSubset(
                    of: subscriber.webhooks.filter { $0.origin != "replay" }.map(\.id)))
        }
    }

    @Test func `numbers and gaps stand in headers and body`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI("[]")
        let subscriber = try Subscriber(time: time) { webhook in
            .reply(status: webhook.version == 1 ? 500 : 204)
        }
        let text = try Self.open(api, subscriber, time, more: "retry: [], sequence: true")
        try await Bridge.with(text) { bridge in
            for value in ["a", "b"] {
                api.set(orders([(1, value)]))
                try await bridge.poll()
            }
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "attempt", count: 2)
            }
            let requests = subscriber.server.requests
            let dead = try #require(requests.first?.header("webhook-id"))
            #expect(requests.map { $0.header("pullcord-sequence") } == ["1", "2"])
            #expect(requests.map { $0.header("pullcord-previous") } == [nil, dead])
            #expect(requests.map { $0.header("pullcord-gap") } == [nil, dead])
            #expect(
                subscriber.webhooks[1].text.contains(
                    #""sequence":2,"previous_id":"\#(dead)"}}"#))
        }
    }

    @Test func `latest sends the newest state after an outage`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI("[]")
        let subscriber = try Subscriber(time: time)
        let text = try Self.open(api, subscriber, time, more: "order: latest")
        try await Bridge.with(text) { bridge in
            try await DeliveryTests.makeHistory(api, bridge)
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "attempt", count: 2)
            }
            #expect(subscriber.changes(of: "1") == ["1 v3"])
            #expect(try await bridge.store.subscriptions()[0].superseded == 2)
        }
    }

    @Test func `what is old is forgotten, and fingerprints stay`() async throws {
        let time = ManualTime()
        let api = try ChangingAPI(orders([(1, "a")]))
        let subscriber = try Subscriber(time: time)
        try await Bridge.with(Self.open(api, subscriber, time)) { bridge in
            try await bridge.poll()
            try await bridge.delivering { _ in
                await bridge.log.wait(for: "attempt", count: 1)
            }
            let pruner = Pruner(
                store: bridge.store, retention: bridge.configuration.bridge.retention)
            func pass() async throws {
                while try await pruner.step(now: time.wall()) < .seconds(1) {}
            }
            try await pass()
            #expect(try await bridge.events()[0].record != nil)
            time.advance(by: .seconds(8 * 86_400))
            try await pass()
            #expect(try await bridge.events()[0].record == nil)
            time.advance(by: .seconds(23 * 86_400))
            try await pass()
            #expect(try await bridge.events().isEmpty)
            try await bridge.poll()
            #expect(try await bridge.events().isEmpty)
        }
    }

    @Test func `an error that nobody foresaw is told and ends nothing`() async throws {
        struct Unforeseen: Error {}
        let world = try DefinitionWorld()
        try await world.with { store, _ in
            var operations = Operations.standard(store: store, deliver: nil, time: world.time)
            operations.add("stumble") { _ in throw Unforeseen() }
            let answer = try await operations.carryOut("stumble", arguments: "{}")
            #expect(!answer.isDone && answer.text.contains("operation_failed"))
            #expect(try await store.audit(limit: 1).map(\.action) == ["stumble"])
        }
    }
}
