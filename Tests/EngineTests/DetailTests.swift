import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

/// A list of summaries with a record in full behind each.
final class Archive: Sendable {
    struct Item: Sendable {
        var version = 1
        var text = "x"
        /// A status instead of the record.
        var fault: Int?
        /// A body instead of the record.
        var body: String?
    }

    struct State {
        var items: [Int: Item] = [:]
        /// Still in the list, whatever the records say.
        var isBare = false
        var asked: [Int] = []
    }

    let state: Mutex<State>

    init(_ count: Int, isBare: Bool = false) {
        let items = Dictionary(uniqueKeysWithValues: (1...count).map { ($0, Item()) })
        state = Mutex(State(items: items, isBare: isBare))
    }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    func set(_ id: Int, _ body: (inout Item) -> Void) {
        state.withLock { body(&$0.items[id, default: Item()]) }
    }

    func takeAsked() -> [Int] {
        state.withLock { state in
            defer { state.asked = [] }
            return state.asked.sorted()
        }
    }

    func answer(_ request: ReceivedRequest) -> ScriptedReply {
        state.withLock { state in
            guard request.target != "/orders" else {
                let list = state.items.keys.sorted().map { id in
                    state.isBare
                        ? "\(id)" : #"{"id":\#(id),"version":\#(state.items[id]?.version ?? 0)}"#
                }
                return .reply(text: "[\(list.joined(separator: ","))]")
            }
            let id = request.target.split(separator: "/").last.flatMap { Int($0) } ?? 0
            state.asked.append(id)
            guard let item = state.items[id] else { return .reply(status: 404) }
            if let fault = item.fault { return .reply(status: fault) }
            let text = #"{"item":{"id":\#(id),"text":"\#(item.text)"}}"#
            return .reply(text: item.body ?? text)
        }
    }
}

@Suite(.timeLimit(.minutes(10))) struct DetailTests {
    static func text(
        _ archive: Archive, _ more: String = "", detail: String = "",
        key: String = ".id"
    ) throws -> BridgeText {
        var text = try BridgeText(try ChangingAPI { archive.answer($0) })
        let request = key == "." ? "/items/${record.key}" : "/items/${record.id}"
        let rest = more.isEmpty ? "" : ", \(more)"
        let inner = detail.isEmpty ? "" : ", \(detail)"
        text.stream = """
            { request: /orders, key: \(key), detail: { request: "\(request)", records: .item\
            \(inner) }\(rest) }
            """
        return text
    }

    @Test func `a record is asked for once, and again when its summary changes`() async throws {
        let archive = Archive(3)
        try await Bridge.with(try Self.text(archive)) { bridge in
            #expect(try await bridge.pollInTurn() == ["baseline", "baseline"])
            #expect(archive.takeAsked() == [1, 2, 3])
            try await bridge.pollInTurn()
            #expect(archive.takeAsked() == [])
            archive.set(2) { ($0.version, $0.text) = (2, "y") }
            try await bridge.pollInTurn()
            #expect(archive.takeAsked() == [2])
            #expect(try await bridge.changes() == ["updated 2 v2"])
            let event = try await bridge.events().first
            #expect(event?.address.stream.text == "orders")
            #expect(event?.record == Array(#"{"id":2,"text":"y"}"#.utf8))
        }
    }

    @Test func `a summary that changes without its record is no event`() async throws {
        let archive = Archive(2)
        try await Bridge.with(try Self.text(archive)) { bridge in
            try await bridge.pollInTurn()
            archive.set(1) { $0.version = 2 }
            #expect(try await bridge.pollInTurn() == ["changed", "unchanged"])
            #expect(try await bridge.events().isEmpty)
        }
    }

    @Test func `only what is watched tells of a change`() async throws {
        let archive = Archive(2)
        try await Bridge.with(try Self.text(archive, detail: "watch: [.id]")) { bridge in
            try await bridge.pollInTurn()
            _ = archive.takeAsked()
            archive.set(1) { $0.version = 2 }
            try await bridge.pollInTurn()
            #expect(archive.takeAsked() == [])
        }
    }

    @Test func `what the list has lost is deleted`() async throws {
        let archive = Archive(3)
        try await Bridge.with(try Self.text(archive, "keep: record")) { bridge in
            try await bridge.pollInTurn()
            archive.change { $0.items[3] = nil }
            try await bridge.pollInTurn()
            #expect(try await bridge.changes() == ["deleted 3 v2"])
            let event = try await bridge.events().first
            #expect(event?.difference?.previous == Array(#"{"id":3,"text":"x"}"#.utf8))
            #expect(try await bridge.live(0) == 2)
            #expect(try await bridge.live(1) == 2)
        }
    }

    @Test(arguments: [404, 410])
    func `a record that the API does not know any more is deleted`(_ status: Int) async throws {
        let archive = Archive(3)
        try await Bridge.with(try Self.text(archive)) { bridge in
            try await bridge.pollInTurn()
            archive.set(2) { ($0.version, $0.fault) = (2, status) }
            try await bridge.pollInTurn()
            #expect(try await bridge.changes() == ["deleted 2 v2"])
            archive.set(2) { ($0.version, $0.fault) = (3, nil) }
            try await bridge.pollInTurn()
            #expect(try await bridge.changes() == ["deleted 2 v2", "created 2 v3"])
        }
    }

    private static let unreadable: [(String, Int?, String?)] = [
        ("a status", 500, nil), ("half a record", nil, #"{"item":{"id":2,"te"#),
        ("no record", nil, #"{"item":null}"#), ("several", nil, #"{"item":[{"id":1},{"id":2}]}"#),
    ]

    @Test(arguments: unreadable)
    func `a record that cannot be read is neither lost nor half`(
        _ what: String, status: Int?, body: String?
    ) async throws {
        let archive = Archive(3)
        try await Bridge.with(try Self.text(archive)) { bridge in
            try await bridge.pollInTurn()
            archive.set(2) { ($0.version, $0.text, $0.fault, $0.body) = (2, "y", status, body) }
            archive.set(3) { ($0.version, $0.text) = (2, "z") }
            try await bridge.pollInTurn()
            #expect(try await bridge.changes() == ["updated 3 v2"], "\(what)")
            let state = try await bridge.state(of: 1)
            #expect(state.lastPoll?.reason.contains("parent 2") == true)
            archive.set(2) { ($0.fault, $0.body) = (nil, nil) }
            try await bridge.pollInTurn()
            #expect(try await bridge.changes() == ["updated 3 v2", "updated 2 v2"])
        }
    }

    @Test func `known records of a list of bare ids are asked again after a while`() async throws {
        let archive = Archive(3, isBare: true)
        let text = try Self.text(archive, detail: "refresh: 3m", key: ".")
        try await Bridge.with(text) { bridge in
            for _ in 1...3 { try await bridge.pollInTurn() }
            #expect(archive.takeAsked() == [1, 2, 3])
            archive.set(1) { $0.text = "y" }
            archive.change { $0.items[4] = Archive.Item() }
            try await bridge.pollInTurn()
            #expect(archive.takeAsked() == [4])
            try await bridge.pollInTurn()
            #expect(archive.takeAsked() == [1, 2, 3])
            #expect(try await bridge.changes() == ["created 4 v1", "updated 1 v2"])
        }
    }

    @Test func `records that details rule out are not looked at, and deleted if they were known`()
        async throws
    {
        let archive = Archive(3)
        archive.set(1) { $0.text = "draft" }
        let text = try Self.text(archive, detail: "when: '.text != \"draft\"'")
        try await Bridge.with(text) { bridge in
            try await bridge.pollInTurn()
            #expect(try await bridge.live(1) == 2)
            archive.set(2) { ($0.version, $0.text) = (2, "draft") }
            archive.set(1) { ($0.version, $0.text) = (2, "x") }
            try await bridge.pollInTurn()
            let changes = Set(try await bridge.changes())
            #expect(changes == ["created 1 v1", "deleted 2 v2"])
        }
    }

    @Test func `the first poll's details go on where they were cut off`() async throws {
        let archive = Archive(100)
        let text = try Self.text(archive, detail: "concurrency: 1")
        struct Cut: Error {}
        try await Bridge.with(text) { bridge in
            try await bridge.poll(0)
            let count = Atomic(0)
            await #expect(throws: Cut.self) {
                try await bridge.poll(1) { _ in
                    if count.wrappingAdd(1, ordering: .relaxed).newValue > 80 { throw Cut() }
                }
            }
        }
        let first = archive.takeAsked()
        archive.change { $0.items[101] = Archive.Item() }
        try await Bridge.with(text) { bridge in
            bridge.time.advance(by: .seconds(60))
            try await bridge.pollInTurn()
            let second = archive.takeAsked()
            #expect(Set(first + second) == Set(1...101))
            #expect(second.count < 50)
            // One was created since, and the others were there.
            #expect(try await bridge.changes() == ["created 101 v1"])
            #expect(try await bridge.live(1) == 101)
        }
    }

    @Test func `an empty list is not believed at once, and its details stay`() async throws {
        let archive = Archive(20)
        try await Bridge.with(try Self.text(archive)) { bridge in
            try await bridge.pollInTurn()
            archive.change { $0.items = [:] }
            #expect(try await bridge.pollInTurn() == ["mass_delete", "unchanged"])
            #expect(try await bridge.events().isEmpty)
            #expect(try await bridge.live(1) == 20)
        }
    }

    @Test func `what existed is sent at its pace where that is asked for`() async throws {
        let archive = Archive(10)
        let subscriber = try Subscriber(time: ManualTime())
        var text = try Self.text(archive, "first: emit, emit_rate: 2/s")
        text.subscriptions = [(subscriber, "")]
        try await Bridge.with(text) { bridge in
            let start = bridge.time.wall()
            try await bridge.poll(0)
            try await bridge.poll(1)
            let events = try await bridge.events()
            #expect(events.count == 10 && events.allSatisfy { $0.origin == .backfill })
            let dues = try await bridge.deliveries().compactMap { $0.due }
            #expect((dues.max() ?? start) - start >= .seconds(2))
        }
    }

    @Test func `details below a parent know the parent too`() async throws {
        let world = FanOutWorld(["a": [1: "x"]])
        let api = try ChangingAPI { request in
            request.target.hasPrefix("/full")
                ? .reply(text: #"{"path":"\#(request.target)"}"#) : world.answer(request)
        }
        let detail = #"detail: { request: "/full/${parent.id}/${record.value}" }"#
        try await Bridge.with(try world.text(api, below: "first: emit, \(detail)")) { bridge in
            try await bridge.pollInTurn()
            let event = try await bridge.events().last
            #expect(event?.record == Array(#"{"path":"/full/a/x"}"#.utf8))
            #expect(event?.key == RecordKey(#"["a","1"]"#))
        }
    }
}
