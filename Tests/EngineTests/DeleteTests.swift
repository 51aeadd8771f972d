import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

/// A list in pages of two whose order a test changes between two requests.
private final class Shelf: Sendable {
    private struct State {
        var ids: [Int]
        var asked = 0
        var moves: [Int: [Int]] = [:]
    }

    private let state: Mutex<State>

    init(_ ids: [Int]) { state = Mutex(State(ids: ids)) }

    func set(_ ids: [Int]) { state.withLock { $0.ids = ids } }

    /// Changes the list once `request` requests from now were answered.
    func set(_ ids: [Int], after request: Int) {
        state.withLock { $0.moves[$0.asked + request] = ids }
    }

    func page(_ number: Int) -> String {
        state.withLock { state in
            let page = state.ids.dropFirst((number - 1) * 2).prefix(2)
            state.asked += 1
            if let ids = state.moves[state.asked] { state.ids = ids }
            return orders(page)
        }
    }
}

@Suite(.timeLimit(.minutes(10))) struct DeleteTests {
    private static let pages = """
        { request: { path: /orders, query: { page: "${page.number}" } }, records: ., \
        key: .id, pages: { number: 1 } }
        """

    private static func paged(_ shelf: Shelf) throws -> (BridgeText, ChangingAPI) {
        let api = try ChangingAPI { .reply(text: shelf.page($0.number("page") ?? 1)) }
        var text = try BridgeText(api)
        text.stream = pages
        return (text, api)
    }

    @Test func `a record that moves between pages while they are read is not gone`() async throws {
        let shelf = Shelf([1, 2, 3, 4, 5])
        let (text, api) = try Self.paged(shelf)
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            let requests = api.requests.count
            // Behind the reader's back 3 goes to the first page, which was read already.
            shelf.set([3, 1, 2, 4, 5], after: 1)
            let report = try await bridge.poll()
            #expect(report.outcome == "unchanged")
            #expect(try await bridge.changes() == [])
            #expect(try await bridge.state().liveCount == 5)
            // Only the second look at all pages can have told.
            #expect(api.requests.count - requests == 8)
        }
    }

    @Test func `a record that both looks at all pages miss is gone`() async throws {
        let shelf = Shelf([1, 2, 3, 4, 5])
        let (text, _) = try Self.paged(shelf)
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            shelf.set([1, 2, 4, 5])
            #expect(try await bridge.poll().deleted == 1)
            #expect(try await bridge.changes() == ["deleted 3 v2"])
            #expect(try await bridge.poll().outcome == "unchanged")
        }
    }

    @Test func `a second look that fails deletes nothing`() async throws {
        let shelf = Shelf([1, 2, 3, 4, 5])
        let (text, api) = try Self.paged(shelf)
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            shelf.set([1, 2, 4, 5])
            let left = Mutex(3)
            api.set { request in
                let isGood = left.withLock { left in
                    left -= 1
                    return left >= 0
                }
                guard isGood else { return .reply(status: 500) }
                return .reply(text: shelf.page(request.number("page") ?? 1))
            }
            #expect(try await bridge.poll().outcome == "status")
            #expect(try await bridge.changes() == [])
            #expect(try await bridge.state().liveCount == 5)
        }
    }

    @Test func `an empty list that came by mistake is not believed`() async throws {
        let api = try ChangingAPI(orders(1...3))
        try await Bridge.with(BridgeText(api)) { bridge in
            try await bridge.poll()
            let isFirst = Mutex(true)
            api.set { _ in
                let isMistake = isFirst.withLock { isFirst in
                    defer { isFirst = false }
                    return isFirst
                }
                return .reply(text: isMistake ? "[]" : orders(1...3))
            }
            #expect(try await bridge.poll().outcome == "unchanged")
            #expect(try await bridge.changes() == [])
            #expect(api.requests.count == 3)
        }
    }

    @Test func `a list that may be empty is believed to be at once`() async throws {
        let api = try ChangingAPI(orders(1...3))
        var text = try BridgeText(api)
        text.stream = "{ request: /orders, key: .id, may_be_empty: true }"
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set("[]")
            let report = try await bridge.poll()
            #expect(report.outcome == "changed")
            #expect(report.deleted == 3)
            #expect(api.requests.count == 3)
        }
    }

    @Test func `a short list that is empty is believed when the next poll finds the same`()
        async throws
    {
        let api = try ChangingAPI(orders(1...3))
        try await Bridge.with(BridgeText(api)) { bridge in
            try await bridge.poll()
            api.set("[]")
            #expect(try await bridge.poll().outcome == "empty_list")
            #expect(try await bridge.state().liveCount == 3)
            #expect(try await bridge.poll().deleted == 3)
            #expect(try await bridge.state().liveCount == 0)
            #expect(try await bridge.poll().outcome == "unchanged")
        }
    }

    @Test(
        arguments: [
            (left: 5, outcomes: ["mass_delete", "mass_delete"]),
            (0, ["mass_delete", "mass_delete"]), (39, ["mass_delete", "mass_delete"]),
        ])
    func `more deletes than can be believed are held back until they are accepted`(
        left: Int, outcomes: [String]
    ) async throws {
        let api = try ChangingAPI(orders(1...50))
        var text = try BridgeText(api)
        text.stream = "{ request: /orders, records: ., key: .id }"
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set(orders(1..<left + 1))
            for (index, outcome) in outcomes.enumerated() {
                let report = try await bridge.poll()
                #expect(report.outcome == outcome)
                if outcome == "mass_delete" {
                    #expect(report.reason.contains("\(50 - left) of 50"))
                    #expect(report.reason.contains("--accept-deletes"))
                }
                let state = try await bridge.state()
                #expect(state.liveCount == 50)
                #expect(state.failures == index + 1)
                #expect(try await bridge.changes() == [])
            }
            #expect(try await bridge.poll(acceptsDeletes: true).deleted == 50 - left)
            let events = try await bridge.events()
            #expect(events.count == 50 - left && events.allSatisfy { $0.kind == .deleted })
            #expect(try await bridge.poll().outcome == "unchanged")
        }
    }

    @Test(arguments: [(left: 40, stream: ""), (5, ", max_delete: 90%"), (1, ", max_delete: 100%")])
    func `as many deletes as the share allows are believed`(
        left: Int, stream: String
    ) async throws {
        let api = try ChangingAPI(orders(1...50))
        var text = try BridgeText(api)
        text.stream = "{ request: /orders, records: ., key: .id\(stream) }"
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set(orders(1..<left + 1))
            #expect(try await bridge.poll().deleted == 50 - left)
        }
    }

    @Test func `deletes held back do not hold back what else has changed`() async throws {
        let api = try ChangingAPI(orders(1...50))
        try await Bridge.with(BridgeText(api)) { bridge in
            try await bridge.poll()
            api.set(orders([(1, "changed")]))
            #expect(try await bridge.poll().outcome == "mass_delete")
            #expect(try await bridge.poll().outcome == "mass_delete")
            #expect(try await bridge.changes() == ["updated 1 v2"])
        }
    }

    @Test func `fewer records than the API itself counts are no complete list`() async throws {
        let api = try ChangingAPI(#"{"total":3,"data":\#(orders(1...3))}"#)
        var text = try BridgeText(api)
        text.stream = """
            { request: { path: /orders, query: { page: "${page.number}" } }, records: .data, \
            key: .id, pages: { number: 1, size: 100, stop: short, total: .total } }
            """
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set(#"{"total":3,"data":\#(orders(1...2))}"#)
            #expect(try await bridge.poll().outcome == "incomplete")
            #expect(try await bridge.state().liveCount == 3)
            #expect(try await bridge.changes() == [])
            api.set(#"{"total":2,"data":\#(orders(1...2))}"#)
            #expect(try await bridge.poll().deleted == 1)
        }
    }

    @Test func `more deletes than one batch holds are all found, once each`() async throws {
        let api = try ChangingAPI(orders(1...2500))
        try await Bridge.with(BridgeText(api)) { bridge in
            try await bridge.poll()
            api.set(orders(1...100))
            #expect(try await bridge.poll(acceptsDeletes: true).deleted == 2400)
            let events = try await bridge.events()
            #expect(Set(events.map(\.key)).count == 2400)
            #expect(events.count == 2400)
            #expect(try await bridge.state().liveCount == 100)
        }
    }

    @Test func `deletes whose commit failed halfway are found again with the same ids`()
        async throws
    {
        struct Crash: Error {}
        let api = try ChangingAPI(orders(1...2500))
        try await Bridge.with(BridgeText(api)) { bridge in
            try await bridge.poll()
            api.set(orders(1...100))
            let tried = Mutex<[EventID]>([])
            await #expect(throws: Crash.self) {
                try await bridge.poll(acceptsDeletes: true) { batch in
                    let count = tried.withLock { tried in
                        tried += batch.events.map(\.event.id)
                        return tried.count
                    }
                    if count > 1000 { throw Crash() }
                }
            }
            #expect(try await bridge.events().count == 1000)
            try await bridge.poll(acceptsDeletes: true)
            let ids = try await bridge.events().map(\.id)
            #expect(ids.count == 2400)
            #expect(Set(ids).count == 2400)
            #expect(Set(ids).isSuperset(of: tried.withLock { $0 }))
        }
    }
}
