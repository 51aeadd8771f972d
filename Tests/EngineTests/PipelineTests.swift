import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct PipelineTests {
    @Test func `the first poll is the baseline and sends nothing`() async throws {
        let api = try ChangingAPI(orders(1...3))
        try await Bridge.with(BridgeText(api)) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == "baseline")
            #expect(report.records == 3)
            #expect(try await bridge.changes() == [])
            let state = try await bridge.state()
            #expect(state.hasBaseline)
            #expect(state.liveCount == 3)
            #expect(try await bridge.poll().outcome == "unchanged")
        }
    }

    @Test func `a stream that emits at first sends each record as backfill, once`() async throws {
        let api = try ChangingAPI(orders(1...3))
        var text = try BridgeText(api)
        text.stream = "{ request: /orders, records: ., key: .id, first: emit }"
        try await Bridge.with(text) { bridge in
            #expect(try await bridge.poll().created == 3)
            #expect(try await bridge.poll().outcome == "unchanged")
            #expect(
                try await bridge.changes() == ["created 1 v1", "created 2 v1", "created 3 v1"])
            #expect(try await bridge.events().allSatisfy { $0.origin == .backfill })
            api.set(orders(1...4))
            try await bridge.poll()
            #expect(try await bridge.events().last?.origin == .live)
        }
    }

    @Test func `a backfill that was cut short goes on, and sends no record twice`() async throws {
        let api = try ChangingAPI { request in
            request.number("page") == 1 ? .reply(text: orders(1...2)) : .reply(status: 500)
        }
        var text = try BridgeText(api)
        text.stream = """
            { request: { path: /orders, query: { page: "${page.number}" } }, records: ., \
            key: .id, pages: { number: 1 }, first: emit }
            """
        try await Bridge.with(text) { bridge in
            #expect(try await bridge.poll().outcome == "status")
            api.set { request in
                let pages = [1: orders(1...2), 2: orders(3...3)]
                return .reply(text: pages[request.number("page") ?? 0] ?? "[]")
            }
            #expect(try await bridge.poll().created == 1)
            let events = try await bridge.events()
            #expect(events.map(\.key.text) == ["1", "2", "3"])
            #expect(events.allSatisfy { $0.origin == .backfill })
        }
    }

    @Test func `created, updated and deleted records are one event each`() async throws {
        let api = try ChangingAPI(orders([(1, "a"), (2, "b"), (3, "c")]))
        try await Bridge.with(BridgeText(api)) { bridge in
            try await bridge.poll()
            api.set(orders([(1, "a"), (2, "B"), (4, "d")]))
            bridge.time.advance(by: .seconds(60))
            let report = try await bridge.poll()
            #expect(report.outcome == "changed")
            #expect((report.created, report.updated, report.deleted) == (1, 1, 1))
            let events = try await bridge.events()
            #expect(
                try await bridge.changes() == ["updated 2 v2", "created 4 v1", "deleted 3 v2"])
            #expect(
                events.map { $0.record.map { String(decoding: $0, as: UTF8.self) } }
                    == [#"{"id":2,"value":"B"}"#, #"{"id":4,"value":"d"}"#, nil])
            #expect(events.map(\.type) == ["orders.updated", "orders.created", "orders.deleted"])
            #expect(events.allSatisfy { $0.time == bridge.time.wall() && $0.origin == .live })
            #expect(try await bridge.poll().outcome == "unchanged")
            #expect(try await bridge.events().count == 3)
        }
    }

    @Test func `A, B, A, B are three changes with three ids`() async throws {
        let api = try ChangingAPI(orders([(1, "A")]))
        try await Bridge.with(BridgeText(api)) { bridge in
            try await bridge.poll()
            for value in ["B", "A", "B"] {
                api.set(orders([(1, value)]))
                try await bridge.poll()
            }
            let events = try await bridge.events()
            #expect(events.map(\.version) == [2, 3, 4])
            #expect(Set(events.map(\.id)).count == 3)
        }
    }

    @Test func `a record that was deleted and comes back goes on with its versions`() async throws {
        let api = try ChangingAPI(orders(1...2))
        try await Bridge.with(BridgeText(api)) { bridge in
            try await bridge.poll()
            for ids in [1...1, 1...2, 1...1] {
                api.set(orders(ids))
                try await bridge.poll()
            }
            #expect(
                try await bridge.changes() == ["deleted 2 v2", "created 2 v3", "deleted 2 v4"])
            #expect(Set(try await bridge.events().map(\.id)).count == 3)
        }
    }

    private struct Crash: Error {}

    /// Which batch of the poll is lost: 1 is that of the page, 2 that of the deletes, 3 the end.
    @Test(arguments: [1, 2, 3])
    func `a change has the same id after a crash before its commit`(lost: Int) async throws {
        let api = try ChangingAPI(orders([(1, "a"), (2, "b")]))
        let text = try BridgeText(api)
        let seen = Mutex<[Event]>([])
        let batches = Mutex(0)
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set(orders([(1, "A"), (3, "c")]))
            await #expect(throws: Crash.self) {
                try await bridge.poll { batch in
                    seen.withLock { $0 += batch.events.map(\.event) }
                    let number = batches.withLock { batches in
                        batches += 1
                        return batches
                    }
                    if number == lost { throw Crash() }
                }
            }
        }
        try await Bridge.with(text) { bridge in
            bridge.time.advance(by: .seconds(3600))
            try await bridge.poll()
            let events = try await bridge.events()
            #expect(
                try await bridge.changes() == ["updated 1 v2", "created 3 v1", "deleted 2 v2"])
            let attempted = Set(seen.withLock { $0.map(\.id) })
            #expect(!attempted.isEmpty && attempted.isSubset(of: Set(events.map(\.id))))
            #expect(try await bridge.poll().outcome == "unchanged")
        }
    }

    @Test func `another spelling of the same record is no change`() async throws {
        let api = try ChangingAPI(#"[{"id":1,"price":10,"tag":"é"}]"#)
        try await Bridge.with(BridgeText(api)) { bridge in
            try await bridge.poll()
            api.set(#"[ {"tag" : "\u00e9", "price": 10.0, "id": 1.0} ]"#)
            #expect(try await bridge.poll().outcome == "unchanged")
            api.set(#"[{"id":1,"price":10.1,"tag":"é"}]"#)
            #expect(try await bridge.poll().updated == 1)
        }
    }

    @Test func `of a list, records with one key that differ are refused, and change nothing`()
        async throws
    {
        let api = try ChangingAPI(orders([(1, "a"), (2, "b")]))
        try await Bridge.with(BridgeText(api)) { bridge in
            try await bridge.poll()
            api.set(orders([(1, "x"), (2, "b"), (1, "y")]))
            #expect(try await bridge.poll().outcome == "key_repeated")
            #expect(try await bridge.events().isEmpty)
            api.set(orders([(1, "y"), (2, "b"), (1, "y")]))
            #expect(try await bridge.poll().updated == 1)
            let event = try #require(try await bridge.events().last)
            #expect(event.version == 2)
        }
    }

    @Test func `a record that stands on two pages is one record`() async throws {
        let api = try ChangingAPI { request in
            let pages = [1: orders(1...2), 2: orders(2...3)]
            return .reply(text: pages[request.number("page") ?? 0] ?? "[]")
        }
        var text = try BridgeText(api)
        text.stream = """
            { request: { path: /orders, query: { page: "${page.number}" } }, records: ., \
            key: .id, pages: { number: 1 }, first: emit }
            """
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            #expect(
                try await bridge.changes() == ["created 1 v1", "created 2 v1", "created 3 v1"])
            #expect(try await bridge.state().liveCount == 3)
        }
    }
}
