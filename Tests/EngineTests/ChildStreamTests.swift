import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct ChildStreamTests {
    let world = FanOutWorld(["a": [1: "x", 2: "x"], "b": [1: "x"]])
    let api: ChangingAPI

    init() throws {
        let world = world
        api = try ChangingAPI { world.answer($0) }
    }

    @Test func `what exists at the first poll is a baseline below every parent`() async throws {
        try await Bridge.with(try world.text(api)) { bridge in
            let first = try await bridge.pollInTurn()
            #expect(first == ["baseline", "baseline"])
            #expect(try await bridge.pollInTurn() == ["unchanged", "unchanged"])
            #expect(try await bridge.events().isEmpty)
            #expect(try await bridge.live(1) == 3)
        }
    }

    @Test func `equal keys below two parents are two records`() async throws {
        try await Bridge.with(try world.text(api)) { bridge in
            try await bridge.pollInTurn()
            world.change {
                $0.parents["a"]?[1] = "y"
                $0.parents["b"]?[2] = "new"
            }
            #expect(try await bridge.pollInTurn() == ["unchanged", "changed"])
            let changes = Set(try await bridge.changes())
            #expect(changes == [#"updated ["a","1"] v2"#, #"created ["b","2"] v1"#])
        }
    }

    @Test func `what is missing below one parent is deleted there and nowhere else`() async throws {
        try await Bridge.with(try world.text(api)) { bridge in
            try await bridge.pollInTurn()
            world.change { $0.parents["a"]?[1] = nil }
            try await bridge.pollInTurn()
            #expect(try await bridge.changes() == [#"deleted ["a","1"] v2"#])
            #expect(try await bridge.live(1) == 2)
        }
    }

    @Test func `a new parent's children are created, not a baseline`() async throws {
        try await Bridge.with(try world.text(api)) { bridge in
            try await bridge.pollInTurn()
            world.change { $0.parents["c"] = [7: "x"] }
            #expect(try await bridge.pollInTurn() == ["changed", "changed"])
            #expect(
                try await bridge.changes(of: "lines") == [#"created ["c","7"] v1"#])
        }
    }

    @Test func `a parent that vanishes takes its children along and leaves nothing behind`()
        async throws
    {
        try await Bridge.with(try world.text(api, below: "keep: record")) { bridge in
            try await bridge.pollInTurn()
            world.change { $0.parents["a"] = nil }
            try await bridge.pollInTurn()
            #expect(
                try await bridge.changes(of: "lines") == [
                    #"deleted ["a","1"] v2"#, #"deleted ["a","2"] v2"#,
                ])
            let last = try await bridge.events().last
            #expect(last?.difference?.previous == Array(#"{"id":2,"value":"x"}"#.utf8))
            #expect(try await bridge.live(1) == 1)
            #expect(try await bridge.parents(of: 1) == 1)
        }
    }

    @Test func `a parent that comes back has its children created anew`() async throws {
        try await Bridge.with(try world.text(api, parent: "poll: changed")) { bridge in
            try await bridge.pollInTurn()
            world.change { $0.parents["b"] = nil }
            try await bridge.pollInTurn()
            world.change { $0.parents["b"] = [1: "x"] }
            try await bridge.pollInTurn()
            #expect(
                try await bridge.changes(of: "lines") == [
                    #"deleted ["b","1"] v2"#, #"created ["b","1"] v3"#,
                ])
        }
    }

    @Test func `only changed parents are asked for where that is said to be enough`() async throws {
        try await Bridge.with(try world.text(api, parent: "poll: changed")) { bridge in
            try await bridge.pollInTurn()
            #expect(world.takeAsked() == ["/orders/a/lines": 1, "/orders/b/lines": 1])
            world.change { $0.parents["a"]?[9] = "unseen" }
            try await bridge.pollInTurn()
            #expect(world.takeAsked() == [:])
            world.change { $0.notes["a"] = 1 }
            try await bridge.pollInTurn()
            #expect(world.takeAsked() == ["/orders/a/lines": 1])
            #expect(try await bridge.changes(of: "lines") == [#"created ["a","9"] v1"#])
        }
    }

    @Test func `parents that have not changed are asked for again after a while`() async throws {
        try await Bridge.with(try world.text(api, parent: "every: 10m")) { bridge in
            for _ in 1...10 { try await bridge.pollInTurn() }
            #expect(world.takeAsked() == ["/orders/a/lines": 1, "/orders/b/lines": 1])
            for _ in 1...2 { try await bridge.pollInTurn() }
            #expect(world.takeAsked() == ["/orders/a/lines": 1, "/orders/b/lines": 1])
        }
    }

    @Test(arguments: ["all", "changed"])
    func `only parents that are wanted are asked for, and once more when they are no longer`(
        poll: String
    ) async throws {
        let text = try world.text(api, parent: "when: .note < 5, poll: \(poll)")
        world.change { $0.notes["b"] = 9 }
        try await Bridge.with(text) { bridge in
            try await bridge.pollInTurn()
            #expect(world.takeAsked() == ["/orders/a/lines": 1])
            #expect(try await bridge.live(1) == 2)
            // What happens until it is not wanted any more is not missed.
            world.change {
                $0.notes["a"] = 5
                $0.parents["a"]?[1] = "y"
                $0.notes["b"] = 4
            }
            try await bridge.pollInTurn()
            #expect(world.takeAsked() == ["/orders/a/lines": 1, "/orders/b/lines": 1])
            let changes = Set(try await bridge.changes(of: "lines"))
            #expect(changes == [#"updated ["a","1"] v2"#, #"created ["b","1"] v1"#])
            world.change { $0.notes["a"] = 6 }
            for _ in 1...2 { try await bridge.pollInTurn() }
            #expect(world.takeAsked()["/orders/a/lines"] == nil)
            #expect(try await bridge.live(1) == 3)
            world.change { $0.parents["a"] = nil }
            try await bridge.pollInTurn()
            #expect(try await bridge.live(1) == 1)
        }
    }

    @Test func `a condition on parents that is added later leaves what is known`() async throws {
        let (time, folder) = (ManualTime(), try TemporaryFolder())
        for parent in ["", "when: .id == \"b\""] {
            let text = try world.text(api, time: time, parent: parent, folder: folder)
            try await Bridge.with(text) { bridge in
                for _ in 1...2 { try await bridge.pollInTurn() }
                #expect(try await bridge.live(1) == 3)
                #expect(try await bridge.events().isEmpty)
            }
        }
        _ = world.takeAsked()
        let text = try world.text(api, time: time, parent: "when: .id == \"b\"", folder: folder)
        try await Bridge.with(text) { bridge in
            try await bridge.pollInTurn()
            #expect(world.takeAsked() == ["/orders/b/lines": 1])
        }
    }

    @Test func `records carry the parent's fields where they are told to`() async throws {
        let text = try world.text(
            api, parent: "include: [id, note], as: order", below: "first: emit")
        try await Bridge.with(text) { bridge in
            try await bridge.pollInTurn()
            let records = try await bridge.events().filter { $0.address.stream.text == "lines" }
                .compactMap { $0.record.map { String(decoding: $0, as: UTF8.self) } }
            #expect(
                records.contains(#"{"id":1,"value":"x","order":{"id":"b","note":0}}"#))
            // What the parent says is no part of what its children mean.
            world.change { $0.notes["b"] = 5 }
            let count = records.count
            try await bridge.pollInTurn()
            let lines = try await bridge.changes(of: "lines")
            #expect(lines.count == count)
        }
    }

    @Test func `a member that the records have already is refused`() async throws {
        let text = try world.text(api, parent: "include: [id], as: value")
        try await Bridge.with(text) { bridge in
            try await bridge.pollInTurn()
            let state = try await bridge.state(of: 1)
            #expect(state.lastPoll?.reason.contains("a member `value` of its own") == true)
            #expect(try await bridge.live(1) == 0)
        }
    }

    @Test func `children can be parents themselves`() async throws {
        var text = try world.text(api, parent: "include: [id]")
        text.streams.append(
            "parts: { request: \"/parts/${parent.order}-${parent.line}\", key: .id, "
                + "parent: { stream: lines, fields: { order: .parent.id, line: .id } } }")
        world.change { state in
            for name in ["a-1", "a-2", "b-1"] { state.parents[name] = [5: "p"] }
        }
        try await Bridge.with(text) { bridge in
            for _ in 1...2 { try await bridge.pollInTurn() }
            #expect(try await bridge.live(2) == 3)
            world.change {
                $0.parents["a-1"]?[6] = "q"
            }
            try await bridge.pollInTurn()
            #expect(try await bridge.changes(of: "parts") == [#"created ["a","1","6"] v1"#])
            world.change { $0.parents["a"] = nil }
            try await bridge.pollInTurn()
            let changes = try await bridge.changes(of: "parts")
            #expect(changes.filter { $0.hasPrefix("deleted") }.count == 3)
            #expect(try await bridge.live(2) == 1)
        }
    }

    @Test func `a child that is added later knows the parents that were there`() async throws {
        let folder = try TemporaryFolder()
        let time = ManualTime()
        let alone = try BridgeText(api, time: time, folder: folder)
        try await Bridge.with(alone) { bridge in
            let first = try await bridge.pollInTurn()
            #expect(first == ["baseline"])
        }
        try await Bridge.with(try world.text(api, time: time, folder: folder)) { bridge in
            let outcomes = try await bridge.pollInTurn()
            #expect(outcomes == ["unchanged", "baseline"])
            #expect(try await bridge.live(1) == 3)
        }
        // While it is away a parent goes and another one comes.
        world.change {
            $0.parents["a"] = nil
            $0.parents["z"] = [1: "x"]
        }
        try await Bridge.with(alone) { bridge in try await bridge.pollInTurn() }
        try await Bridge.with(try world.text(api, time: time, folder: folder)) { bridge in
            try await bridge.pollInTurn()
            #expect(try await bridge.parents(of: 1) == 2)
            #expect(try await bridge.live(1) == 2)
            #expect(
                try await bridge.changes(of: "lines") == [
                    #"deleted ["a","1"] v2"#, #"deleted ["a","2"] v2"#,
                ])
        }
    }

    @Test func `a source that wants only the children polls the parents without a word`()
        async throws
    {
        var text = try world.text(api)
        text.sources = ["every: 60s, streams: [lines], first: emit"]
        try await Bridge.with(text) { bridge in
            try await bridge.pollInTurn()
            #expect(try await bridge.changes(of: "orders").isEmpty)
            #expect(try await bridge.changes(of: "lines").count == 3)
        }
    }

    @Test func `each parent has a cursor of its own`() async throws {
        let world = FanOutWorld(["a": [10: "x"], "b": [90: "x"]])
        let sent = Mutex<[String]>([])
        let api = try ChangingAPI { request in
            if request.target.contains("since") { sent.withLock { $0.append(request.target) } }
            return world.answer(request)
        }
        var text = try BridgeText(api)
        text.streams = [
            "lines: { request: { path: \"/orders/${parent.id}/lines\", "
                + "query: { since: \"${cursor}\" } }, key: .id, "
                + "cursor: { from: .id, format: integer }, "
                + "parent: { stream: orders, fields: { id: .id }, concurrency: 1, "
                + "poll: changed } }"
        ]
        try await Bridge.with(text) { bridge in
            try await bridge.pollInTurn()
            world.change {
                $0.parents["a"]?[20] = "reply"
                $0.notes["a"] = 1
            }
            try await bridge.pollInTurn()
            world.change { state in for name in ["a", "b"] { state.notes[name] = 2 } }
            try await bridge.pollInTurn()
            #expect(try await bridge.changes(of: "lines") == [#"created ["a","20"] v1"#])
            let targets = sent.withLock { $0 }
            #expect(
                targets == [
                    "/orders/a/lines?since=10", "/orders/a/lines?since=20",
                    "/orders/b/lines?since=90",
                ])
        }
    }

    @Test func `what the parents' poll finds new is asked for at once`() async throws {
        try await Bridge.with(try world.text(api)) { bridge in
            try await bridge.polling { _ in
                // Both polls of the start, and the children's second one without any wait.
                await bridge.log.wait(for: "poll", count: 3)
            }
            #expect(bridge.time.monotonic() == .zero)
            #expect(try await bridge.live(1) == 3)
        }
    }

    @Test func `several parents are asked at once, and no more than allowed`() async throws {
        world.change { state in
            for index in 0..<30 { state.parents["p\(index)"] = [index: "x"] }
        }
        try await Bridge.with(try world.text(api, parent: "concurrency: 8")) { bridge in
            try await bridge.pollInTurn()
            #expect(try await bridge.live(1) == 33)
            world.change { state in
                for parent in state.parents.keys { state.parents[parent]?[99] = "new" }
            }
            try await bridge.pollInTurn()
            let events = try await bridge.events()
            #expect(events.count == 32 && Set(events.map(\.id)).count == 32)
            #expect(Set(api.requests.map(\.connection)).count <= 9)
        }
    }
}
