import PullcordCommit
import PullcordEngine
import PullcordModel
import PullcordTestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct StreamBookTests {
    /// Polls the first stream through a book.
    private struct Desk {
        let bridge: Bridge
        let book: StreamBook

        init(_ bridge: Bridge) {
            self.bridge = bridge
            book = StreamBook(store: bridge.store, time: bridge.time)
        }

        /// Polls, a second later than before; returns the poll's beginning.
        func poll() async throws -> Timestamp {
            bridge.time.advance(by: .seconds(1))
            let pipeline = Pipeline(
                records: book, exchange: bridge.engine, time: bridge.time,
                matcher: bridge.assembly.matcher,
                commit: { [book] batch in _ = try await book.commit(batch) })
            let report = try await pipeline.run(
                bridge.assembly.streams[0],
                nextPoll: { [time = bridge.time] _ in time.wall() + .seconds(1) })
            return report.started
        }

        /// When the last poll began that the store knows of.
        func stored() async throws -> Timestamp? { try await bridge.state().lastPoll?.started }
    }

    @Test func `polls without changes are written down together`() async throws {
        let api = try ChangingAPI(orders(1...3))
        try await Bridge.with(BridgeText(api)) { bridge in
            let desk = Desk(bridge)
            let first = try await desk.poll()
            #expect(try await desk.stored() == first)
            let second = try await desk.poll()
            #expect(try await desk.stored() == second)
            #expect(desk.book.writeDue == nil)
            _ = try await desk.poll()
            let fourth = try await desk.poll()
            #expect(try await desk.stored() == second)
            #expect(desk.book.writeDue == .seconds(2) + StreamBook.gathering)
            try await desk.book.writeNotes()
            #expect(try await desk.stored() == fourth)
            #expect(try await bridge.state().nextPoll == fourth + .seconds(1))
            #expect(desk.book.writeDue == nil)
        }
    }

    @Test func `notes that have waited long go out with the next`() async throws {
        let api = try ChangingAPI(orders(1...3))
        try await Bridge.with(BridgeText(api)) { bridge in
            let desk = Desk(bridge)
            for _ in 1...3 { _ = try await desk.poll() }
            bridge.time.advance(by: StreamBook.gathering)
            let last = try await desk.poll()
            #expect(try await desk.stored() == last)
        }
    }

    @Test func `a change is written at once and compared with what is stored`() async throws {
        let api = try ChangingAPI(orders(1...3))
        try await Bridge.with(BridgeText(api)) { bridge in
            let desk = Desk(bridge)
            for count in 4...6 {
                for _ in 1...3 { _ = try await desk.poll() }
                api.set(orders(1...count))
                let changed = try await desk.poll()
                #expect(try await desk.stored() == changed)
            }
            #expect(
                try await bridge.changes() == ["created 4 v1", "created 5 v1", "created 6 v1"])
            // A note of an earlier poll does not come after the change.
            try await desk.book.writeNotes()
            let state = try await bridge.state()
            #expect(state.lastPoll?.outcome == "changed")
            #expect(state.liveCount == 6)
            #expect(state.nextOrdinal == 6)
        }
    }

    @Test func `a failure is written at once, and so is the poll that ends it`() async throws {
        let api = try ChangingAPI(orders(1...3))
        try await Bridge.with(BridgeText(api)) { bridge in
            let desk = Desk(bridge)
            for _ in 1...3 { _ = try await desk.poll() }
            api.set("[")
            let failed = try await desk.poll()
            #expect(try await desk.stored() == failed)
            #expect(try await bridge.state().failures == 1)
            api.set(orders(1...3))
            let healed = try await desk.poll()
            #expect(try await desk.stored() == healed)
            #expect(try await bridge.state().failures == 0)
        }
    }

    @Test func `an orderly stop writes down what waits`() async throws {
        let api = try ChangingAPI(orders(1...3))
        var text = try BridgeText(api)
        text.sources = ["every: 1s"]
        try await Bridge.with(text) { bridge in
            try await bridge.polling { _ in
                for count in 1...6 {
                    await bridge.log.wait(for: "poll", count: count)
                    await bridge.time.advanceToNextSleeper()
                }
                await bridge.log.wait(for: "poll", count: 7)
            }
            let state = try await bridge.state()
            #expect(state.lastPoll?.outcome == "unchanged")
            // Every poll since was noted: the next is due after the last began.
            let due = try #require(state.nextPoll)
            #expect(due > bridge.time.wall())
        }
    }
}
