import PullcordCommit
import PullcordModel
import Testing

extension StoreConformance {
    private static func notes(_ scene: Scene) async throws {
        try await scene.commit([("1", Scene.known(0))])
        try await scene.store.commit(
            CommitBatch(
                stream: scene.orders, time: Scene.time(0), cursor: "integer 7",
                ending: PollEnding(
                    report: Scene.report("baseline"), nextPoll: Scene.time(60), isSuccess: true)))
        var expected = try await scene.state()
        let users = try await scene.state(Scene.users)
        func report(_ seconds: Int64) -> PollReport {
            PollReport(
                started: Scene.time(seconds), duration: .milliseconds(7), outcome: "unchanged",
                reason: "", pages: 1, records: 2, created: 0, updated: 0, deleted: 0)
        }
        expected?.lastPoll = report(65)
        expected?.nextPoll = Scene.time(125)
        try await scene.store.note([
            PollNote(stream: scene.orders, report: report(65), nextPoll: Scene.time(125))
        ])
        #expect(try await scene.state() == expected)
        // Written late, a note of an earlier poll is no news.
        try await scene.store.note([
            PollNote(stream: scene.orders, report: report(64), nextPoll: Scene.time(124))
        ])
        try await scene.store.note([])
        #expect(try await scene.state() == expected)
        #expect(try await scene.state(Scene.users) == users)
        // What is so much later was written by a clock that was ahead.
        expected?.lastPoll = report(65 - 3601)
        expected?.nextPoll = Scene.time(7)
        try await scene.store.note([
            PollNote(stream: scene.orders, report: report(65 - 3601), nextPoll: Scene.time(7))
        ])
        #expect(try await scene.state() == expected)
    }

    static let streamCases: [StoreCase] = [
        StoreCase("a stream that is registered again keeps its number") { scene in
            let again = try await scene.store.register(streams: [
                Scene.users, Scene.orders, Scene.users,
            ])
            #expect(again.map(\.id) == [scene.users, scene.orders, scene.users])
            #expect(again.map(\.address) == [Scene.users, Scene.orders, Scene.users])
        },
        StoreCase("streams of one name and two sources are two") { scene in
            let other = StreamAddress(source: SourceName("x"), stream: StreamName("orders"))
            let states = try await scene.store.register(streams: [other])
            #expect(states[0].id != scene.orders)
        },
        StoreCase("a subscription that is registered again keeps its number") { scene in
            let again = try await scene.store.register(subscriptions: [
                SubscriptionName("audit"), SubscriptionName("new"), SubscriptionName("triage"),
            ])
            #expect(again[0] == scene.audit && again[2] == scene.triage)
            #expect(Set(again).count == 3)
        },
        StoreCase("a new stream knows nothing") { scene in
            let expected = StreamState(id: scene.orders, address: Scene.orders)
            #expect(try await scene.state() == expected)
            let none = try await scene.store.register(streams: [])
            #expect(none.isEmpty)
        },
        StoreCase("a cursor stays until another is committed") { scene in
            try await scene.store.commit(
                CommitBatch(stream: scene.orders, time: Scene.time(0), cursor: "integer 7"))
            try await scene.store.commit(CommitBatch(stream: scene.orders, time: Scene.time(1)))
            #expect(try await scene.state()?.cursor == "integer 7")
            try await scene.store.commit(
                CommitBatch(stream: scene.orders, time: Scene.time(2), cursor: ""))
            #expect(try await scene.state()?.cursor == "")
            #expect(try await scene.state(Scene.users)?.cursor == nil)
        },
        StoreCase("validators are kept, set and cleared", validators),
        StoreCase("rules wait until a poll has read every page by them", rules),
        StoreCase("a note tells how the last poll ended and changes nothing else", notes),
        StoreCase("failed polls are counted until one ends well") { scene in
            func end(_ isSuccess: Bool) async throws -> StreamState? {
                let report = Scene.report(isSuccess ? "unchanged" : "timeout", reason: "slow")
                try await scene.store.commit(
                    CommitBatch(
                        stream: scene.orders, time: Scene.time(0),
                        ending: PollEnding(
                            report: report, nextPoll: Scene.time(60), isSuccess: isSuccess)))
                return try await scene.state()
            }
            #expect(try await end(false)?.failures == 1)
            let second = try await end(false)
            #expect(second?.failures == 2 && second?.hasBaseline == false)
            let third = try await end(true)
            #expect(third?.failures == 0 && third?.hasBaseline == true)
            let fourth = try await end(false)
            #expect(fourth?.failures == 1 && fourth?.hasBaseline == true)
        },
        StoreCase("the last report and the next poll are kept whole") { scene in
            try await scene.store.commit(
                CommitBatch(
                    stream: scene.orders, time: Scene.time(0),
                    ending: PollEnding(
                        report: Scene.report("changed"), nextPoll: Scene.time(60),
                        isSuccess: true)))
            let state = try await scene.state()
            #expect(state?.lastPoll == Scene.report("changed"))
            #expect(state?.nextPoll == Scene.time(60))
            #expect(state?.lastChange == nil)
        },
        StoreCase("the last change is the time of the last batch that changed something") {
            scene in
            try await scene.commit([("a", Scene.known(0))], at: 10)
            try await scene.store.commit(
                CommitBatch(
                    stream: scene.orders, time: Scene.time(20), cursor: "x",
                    ending: PollEnding(
                        report: Scene.report("unchanged"), nextPoll: nil, isSuccess: true)))
            #expect(try await scene.state()?.lastChange == Scene.time(10))
            try await scene.send([Scene.event("a")], to: [], at: 30)
            #expect(try await scene.state()?.lastChange == Scene.time(30))
        },
    ]

    @Sendable
    private static func rules(_ scene: Scene) async throws {
        let rules = Scene.fingerprint(7)
        func end(_ rules: Fingerprint?) -> PollEnding {
            PollEnding(
                report: Scene.report("status"), nextPoll: nil, isSuccess: false, rules: rules)
        }
        let table: [(Fingerprint?, PollEnding?, Fingerprint?, Fingerprint?)] = [
            (nil, nil, nil, nil), (rules, nil, nil, rules), (nil, end(nil), nil, rules),
            (nil, end(rules), rules, nil), (nil, end(nil), rules, nil),
        ]
        for (pending, ending, known, expected) in table {
            try await scene.store.commit(
                CommitBatch(
                    stream: scene.orders, time: Scene.time(0), pendingRules: pending,
                    ending: ending))
            let state = try await scene.state()
            #expect(state?.rules == known && state?.pendingRules == expected)
        }
    }

    @Sendable
    private static func validators(_ scene: Scene) async throws {
        let validators = Validators(
            entityTag: #"W/"a b""#, lastModified: nil, request: Scene.fingerprint(9))
        let table: [(ValidatorsUpdate, Validators?)] = [
            (.keep, nil), (.set(validators), validators), (.keep, validators), (.clear, nil),
            (.keep, nil),
        ]
        for (update, expected) in table {
            try await scene.store.commit(
                CommitBatch(stream: scene.orders, time: Scene.time(0), validators: update))
            let state = try await scene.state()
            #expect(state?.validators == expected)
        }
    }
}
