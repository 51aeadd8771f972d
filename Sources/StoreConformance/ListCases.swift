import PullcordCommit
import PullcordModel
import Testing

extension StoreConformance {
    /// Lists of what there may be thousands of, page by page.
    static let listCases: [StoreCase] = [
        StoreCase("sources are told in short, the worst of their streams first") { scene in
            let store = scene.store
            func short(_ name: SourceName) async throws -> SourceSummary? {
                try await store.sources(SourceQuery(limit: 9)).first { $0.name == name }
            }
            let crm = Scene.users.source
            let new = SourceSummary(
                name: crm, streams: 1, isFailing: false, isPolled: false, isQuarantined: false,
                pausedSince: nil)
            #expect(try await short(crm) == new)
            try await scene.end(scene.users, isSuccess: true)
            #expect(try await short(crm)?.isPolled == true)
            try await scene.end(scene.users, isSuccess: false)
            try await store.setPaused(true, crm, at: Scene.time(7))
            let failing = SourceSummary(
                name: crm, streams: 1, isFailing: true, isPolled: true, isQuarantined: false,
                pausedSince: Scene.time(7))
            #expect(try await short(crm) == failing)
            #expect(try await short(Scene.orders.source)?.isFailing == false)
        },
        StoreCase("sources come by name, page by page, those that are searched for alone") {
            scene in
            let names = ["b1", "B2", "a", "c_1", "c%1", SourceName.pullcord.text]
            let addresses = names.flatMap { name in
                ["x", "y"].map {
                    StreamAddress(source: SourceName(name), stream: StreamName($0))
                }
            }
            _ = try await scene.store.register(streams: addresses)
            func find(_ query: SourceQuery) async throws -> [String] {
                try await scene.store.sources(query).map(\.name.text)
            }
            let all = try await find(SourceQuery(limit: 100))
            #expect(all == all.sorted() && all.count == 7 && !all.contains("pullcord"))
            var walked: [String] = []
            while true {
                let part = try await find(
                    SourceQuery(after: walked.last.map { SourceName($0) }, limit: 3))
                walked += part
                guard part.count == 3 else { break }
            }
            #expect(walked == all)
            #expect(try await find(SourceQuery(search: "b", limit: 9)) == ["B2", "b1"])
            #expect(try await find(SourceQuery(search: "_", limit: 9)) == ["c_1"])
            #expect(try await find(SourceQuery(search: "%", limit: 9)) == ["c%1"])
            #expect(try await find(SourceQuery(limit: 0)).isEmpty)
        },
        StoreCase("subscriptions come by name, page by page, and in short without look-ups") {
            scene in
            try await scene.send([Scene.event("a")], to: [scene.triage], at: 3)
            let store = scene.store
            let all = try await store.subscriptions()
            #expect(all.map(\.name.text) == ["audit", "triage"])
            #expect(try await store.subscriptions(SubscriptionQuery(limit: 1)) == [all[0]])
            let rest = SubscriptionQuery(after: all[0].name, search: "RIA")
            #expect(try await store.subscriptions(rest) == [all[1]])
            #expect(try await store.subscriptions(SubscriptionQuery(search: "x")).isEmpty)
            let brief = try await store.subscriptions(SubscriptionQuery(isBrief: true))
            #expect(brief.map(\.backlog) == [0, 1] && brief.allSatisfy { $0.oldestBacklog == nil })
        },
        StoreCase("the events of a source are those of all its streams, in one order") { scene in
            let refunds = StreamAddress(
                source: Scene.orders.source, stream: StreamName("refunds"))
            let id = try await scene.store.register(
                streams: [Scene.orders, Scene.users, refunds])[2].id
            for number in 0..<3 {
                try await scene.send([Scene.event("o\(number)")], to: [])
                let other = Scene.event("r\(number)", address: refunds)
                try await scene.store.commit(
                    CommitBatch(
                        stream: id, time: Scene.time(0),
                        events: [OutgoingEvent(event: other, subscriptions: [])]))
            }
            func find(_ query: EventQuery) async throws -> [String] {
                try await scene.store.events(query).map { String($0.event.id.text.dropFirst(4)) }
            }
            let source = Scene.orders.source
            let all = try await find(EventQuery(source: source))
            #expect(all == ["r2", "o2", "r1", "o1", "r0", "o0"])
            #expect(try await find(EventQuery(source: source, limit: 3)) == ["r2", "o2", "r1"])
            let forward = try await find(EventQuery(source: source, limit: 3, after: 1))
            #expect(forward == ["r0", "o1", "r1"])
            let own = EventQuery(source: source, stream: refunds.stream, before: 5)
            #expect(try await find(own) == ["r1", "r0"])
        },
        StoreCase("a request whose work is committed is known as done, and is not open for ever") {
            scene in
            let store = scene.store
            let line = AuditEntry(
                time: Scene.time(1), action: "source.put", subject: "shop", detail: "made by me",
                request: 4711)
            // A request that nobody made is no error.
            _ = try await store.put(
                .source, "shop", text: "{}", labels: [:], expecting: .absent, audit: line)
            #expect(try await store.openRequests().isEmpty)
            #expect(try await store.audit(limit: 1)[0].detail == "made by me")
            try await store.answer(-7, OperatorAnswer(isDone: true, text: ""), audit: nil)
        },
    ]
}

extension Scene {
    fileprivate func end(_ stream: StreamID, isSuccess: Bool) async throws {
        try await store.commit(
            CommitBatch(
                stream: stream, time: Self.time(0),
                ending: PollEnding(
                    report: Self.report(isSuccess ? "unchanged" : "timeout"),
                    nextPoll: Self.time(60), isSuccess: isSuccess, rules: nil)))
    }
}
