import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

/// Parents that say themselves what has become of them, with two children each.
private final class ToldWorld: Sendable {
    struct State {
        /// Each parent with its moment and whether it says that it is deleted.
        var parents: [(id: Int, at: Int64, isGone: Bool)] = []
        var deletes: [(id: Int, at: Int64)] = []
    }

    let state = Mutex(State())

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    func answer(_ request: ReceivedRequest) -> ScriptedReply {
        let since = request.query("since").flatMap { Int64($0) } ?? .min
        return state.withLock { state in
            if request.target.hasPrefix("/lines") {
                return .reply(text: #"[{"id":"x"},{"id":"y"}]"#)
            }
            let rows =
                request.target.hasPrefix("/deleted")
                ? state.deletes.map { (id: $0.id, at: $0.at, isGone: true) } : state.parents
            let list = rows.filter { $0.at >= since }.map {
                #"{"id":\#($0.id),"at":\#($0.at),"gone":\#($0.isGone)}"#
            }
            return .reply(text: "[\(list.joined(separator: ","))]")
        }
    }

    /// Two parents from before the start.
    func begin(at start: Int64) {
        change { $0.parents = [(1, start - 9, false), (2, start - 8, false)] }
    }

    /// The bridge, where parents are asked for by a cursor.
    func text(_ api: ChangingAPI, _ more: String, time: ManualTime) throws -> BridgeText {
        var text = try BridgeText(api, time: time)
        text.stream = """
            { request: { path: /orders, query: { since: "${cursor}" } }, key: .id, \
            cursor: { from: .at, format: epoch_milliseconds }, \(more) }
            """
        text.streams = [
            #"lines: { request: "/lines/${parent.key}", key: .id, parent: { stream: orders } }"#
        ]
        return text
    }
}

/// What the rest of the adapter language does above and below a parent.
@Suite(.timeLimit(.minutes(10))) struct ChildStreamLanguageTests {
    enum Telling: String, CaseIterable, Sendable {
        case tombstone, deletes, reconcile

        var key: String {
            switch self {
            case .tombstone: "tombstone: .gone"
            case .reconcile: "reconcile: 1h"
            case .deletes:
                #"deletes: { request: { path: /deleted, query: { since: "${cursor}" } }, "#
                    + "key: .id, cursor: { from: .at, format: epoch_milliseconds } }"
            }
        }
    }

    @Test(arguments: Telling.allCases)
    func `a parent read with a cursor takes its children along, however its end is told`(
        _ telling: Telling
    ) async throws {
        let world = ToldWorld()
        let api = try ChangingAPI { world.answer($0) }
        let time = ManualTime()
        let start = time.wall().milliseconds
        world.begin(at: start)
        try await Bridge.with(try world.text(api, telling.key, time: time)) { bridge in
            try await bridge.pollInTurn()
            #expect(try await bridge.live(1) == 4)
            try await bridge.pollInTurn()
            world.change { state in
                switch telling {
                case .tombstone: state.parents[1] = (2, start + 90_000, true)
                case .deletes: state.deletes = [(2, start + 90_000)]
                case .reconcile: state.parents.removeLast()
                }
            }
            time.advance(by: .seconds(telling == .reconcile ? 3600 : 60))
            try await bridge.pollInTurn()
            #expect(
                try await bridge.changes() == [
                    "deleted 2 v2", #"deleted ["2","x"] v2"#, #"deleted ["2","y"] v2"#,
                ])
            #expect(try await bridge.parents(of: 1) == 1)
            #expect(try await bridge.live(1) == 2)
        }
    }

    @Test func `a child that is added later finds its parents by a whole list`() async throws {
        let world = ToldWorld()
        let api = try ChangingAPI { world.answer($0) }
        let (time, folder) = (ManualTime(), try TemporaryFolder())
        world.begin(at: time.wall().milliseconds)
        let full = try world.text(api, "reconcile: 1d", time: time)
        for streams in [[], full.streams] {
            var text = try BridgeText(api, time: time, folder: folder)
            (text.stream, text.streams) = (full.stream, streams)
            try await Bridge.with(text) { bridge in
                try await bridge.pollInTurn()
                guard !streams.isEmpty else { return }
                #expect(try await bridge.live(1) == 4)
                #expect(try await bridge.events().isEmpty)
                try await bridge.pollInTurn()
            }
        }
        let asked = api.requests.filter { $0.target.hasPrefix("/orders") }
        #expect(asked.map { $0.query("since") == nil } == [true, true, false])
    }

    @Test(arguments: [
        (
            #"cursor: { token: .next }, query: { after: "${cursor}" }, records: .items"#,
            ["t1", "t2"]
        ),
        (
            #"cursors: { time: { from: .at, format: integer }, sync: { token: .next } }, "#
                + #"query: { since: "${cursor.time}", after: "${cursor.sync}" }, records: .items"#,
            ["t1", "t2"]
        ),
    ])
    func `each parent has its own cursors`(_ keys: String, _ tokens: [String]) async throws {
        let counts = Mutex<[String: Int]>([:])
        let api = try ChangingAPI { request in
            guard request.target.hasPrefix("/lines") else {
                return .reply(text: #"[{"id":"a"},{"id":"b"}]"#)
            }
            let path = String(request.target.prefix { $0 != "?" })
            let count = counts.withLock { counts in
                counts[path, default: 0] += 1
                return counts[path] ?? 0
            }
            let parent = path.suffix(1)
            return .reply(
                text: #"{"items":[{"id":\#(count),"at":\#(count)}],"next":"\#(parent)t\#(count)"}"#)
        }
        let parts = keys.split(separator: ", query: ", maxSplits: 1)
        let rest = parts[1].split(separator: ", records:")
        var text = try BridgeText(api)
        text.stream = "{ request: /orders, key: .id }"
        text.streams = [
            #"lines: { request: { path: "/lines/${parent.key}", query: \#(rest[0]) }, "#
                + "key: .id, parent: { stream: orders }, \(parts[0]), records:\(rest[1]) }"
        ]
        try await Bridge.with(text) { bridge in
            for _ in 1...3 { try await bridge.pollInTurn() }
            let asked = { (parent: String) in
                api.requests.filter { $0.target.hasPrefix("/lines/\(parent)") }
                    .map { $0.query("after") }
            }
            for parent in ["a", "b"] {
                #expect(asked(parent) == [nil] + tokens.map { parent + $0 })
            }
            #expect(try await bridge.live(1) == 6)
        }
    }

    @Test func `a record below is deleted by its tombstone, and its own children with it`()
        async throws
    {
        let isGone = Mutex(false)
        let api = try ChangingAPI { request in
            if request.target == "/orders" { return .reply(text: #"[{"id":"a"}]"#) }
            if request.target.hasPrefix("/notes") { return .reply(text: #"[{"id":7}]"#) }
            let gone = isGone.withLock { $0 }
            return .reply(text: #"[{"id":1,"gone":\#(gone)},{"id":2,"gone":false}]"#)
        }
        var text = try BridgeText(api)
        text.stream = "{ request: /orders, key: .id }"
        text.streams = [
            #"lines: { request: "/lines/${parent.key}", key: .id, tombstone: .gone, "#
                + "transform: '{id, gone, double: (.id * 2)}', parent: { stream: orders } }",
            #"notes: { request: "/notes/${parent.n}", key: .id, "#
                + "parent: { stream: lines, fields: { n: .double } } }",
        ]
        try await Bridge.with(text) { bridge in
            try await bridge.pollInTurn()
            #expect(api.requests.contains { $0.target == "/notes/4" })
            isGone.withLock { $0 = true }
            try await bridge.pollInTurn()
            #expect(
                try await bridge.changes() == [
                    #"deleted ["a","1"] v2"#, #"deleted ["a","1","7"] v2"#,
                ])
        }
    }

    @Test func `details are marked as deleted, made over and normalized as records are`()
        async throws
    {
        let answers = Mutex([#"{"id":1,"price":"1.0"}"#, #"{"id":2,"price":"5"}"#])
        let api = try ChangingAPI { request in
            guard let id = request.target.split(separator: "/").last.flatMap({ Int($0) }) else {
                return .reply(text: "[1,2]")
            }
            return .reply(text: answers.withLock { $0[id - 1] })
        }
        var text = try BridgeText(api)
        text.stream = """
            { request: /orders, key: ., tombstone: .gone, normalize: { .price: number }, \
            transform: 'del(.id)', detail: { request: "/orders/${record.key}", refresh: 1s } }
            """
        try await Bridge.with(text) { bridge in
            try await bridge.pollInTurn()
            answers.withLock {
                $0 = [#"{"id":1,"price":"1.00"}"#, #"{"id":2,"gone":true}"#]
            }
            try await bridge.pollInTurn()
            #expect(try await bridge.changes() == ["deleted 2 v2"])
            answers.withLock { $0[0] = #"{"id":1,"price":"2"}"# }
            try await bridge.pollInTurn()
            let last = try await bridge.events().last
            #expect(last?.record == Array(#"{"price":"2"}"#.utf8))
        }
    }

    @Test func `every request below a parent is sent with what the login has brought`()
        async throws
    {
        let desk = LoginDesk()
        let api = try ChangingAPI { request in
            if request.target == "/login" {
                return .reply(text: #"{"token":"\#(desk.open("session"))"}"#)
            }
            guard desk.isOpen(request.header("x-token")) else { return .reply(status: 401) }
            if request.target == "/orders" { return .reply(text: orders(1...20)) }
            return .reply(text: #"{"id":"x"}"#)
        }
        var text = try BridgeText(api)
        text.adapter = """
            retry: { attempts: 1 }
            auth:
              session: { login: { method: POST, path: /login }, take: { token: .token }, \
            send: { header: X-Token, value: "${session.token}" } }
            """
        text.stream =
            #"{ request: /orders, key: .id, detail: { request: "/orders/${record.id}" } }"#
        text.streams = [
            #"lines: { request: "/lines/${parent.key}", key: .id, parent: { stream: orders } }"#
        ]
        try await Bridge.with(text) { (bridge: Bridge) async throws in
            #expect(try await bridge.pollInTurn() == ["baseline", "baseline", "baseline"])
            #expect(desk.logins == 1)
            desk.closeAll()
            #expect(try await bridge.pollInTurn().last == "unchanged")
            #expect(desk.logins == 2)
            #expect(try await bridge.live(2) == 20)
        }
    }
}
