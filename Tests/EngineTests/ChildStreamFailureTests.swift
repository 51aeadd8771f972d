import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ChildStreamFailureTests {
    let world = FanOutWorld(["a": [1: "x", 2: "x"], "b": [1: "x"]])
    let api: ChangingAPI

    init() throws {
        let world = world
        api = try ChangingAPI { world.answer($0) }
    }

    @Test(arguments: [404, 410])
    func `a parent that the API does not know is skipped, and nothing is deleted`(_ status: Int)
        async throws
    {
        try await Bridge.with(try world.text(api)) { bridge in
            try await bridge.pollInTurn()
            world.change {
                $0.faults["a"] = status
                $0.parents["b"]?[2] = "new"
            }
            #expect(try await bridge.pollInTurn() == ["unchanged", "changed"])
            #expect(try await bridge.changes() == [#"created ["b","2"] v1"#])
            let state = try await bridge.state(of: 1)
            #expect(state.failures == 0 && state.lastPoll?.reason == "")
        }
    }

    @Test func `a parent that cannot be read is told of and holds up nobody`() async throws {
        try await Bridge.with(try world.text(api)) { bridge in
            try await bridge.pollInTurn()
            world.change {
                $0.faults["a"] = 403
                $0.parents["b"]?[2] = "new"
            }
            #expect(try await bridge.pollInTurn() == ["unchanged", "changed"])
            let state = try await bridge.state(of: 1)
            #expect(state.failures == 0)
            #expect(state.lastPoll?.reason.contains("1 of 2 parents could not be read") == true)
            world.change {
                $0.faults = [:]
                $0.parents["a"]?[3] = "new"
            }
            try await bridge.pollInTurn()
            #expect(
                try await bridge.changes() == [
                    #"created ["b","2"] v1"#, #"created ["a","3"] v1"#,
                ])
        }
    }

    @Test func `the poll fails where no parent can be read, and stops at the API's limit`()
        async throws
    {
        world.change { state in
            for index in 0..<40 { state.parents["p\(index)"] = [1: "x"] }
        }
        let text = try world.text(api, parent: "concurrency: 1")
        try await Bridge.with(text) { bridge in
            try await bridge.pollInTurn()
            _ = world.takeAsked()
            world.change { state in
                for parent in state.parents.keys { state.faults[parent] = 403 }
            }
            #expect(try await bridge.pollInTurn().last == "unauthorized")
            #expect(world.takeAsked().count == Limits.failedVisitsMax)
            world.change { state in
                for parent in state.parents.keys { state.faults[parent] = 429 }
            }
            #expect(try await bridge.pollInTurn().last == "rate_limited")
            #expect(world.takeAsked().count == 1)
        }
        world.change { $0.faults = [:] }
        try await Bridge.with(text) { bridge in
            let outcomes = try await bridge.pollInTurn()
            #expect(outcomes.last == "unchanged")
            // Those that were asked in vain come last, and all of them come.
            #expect(world.takeAsked().count == 42)
            #expect(try await bridge.events().isEmpty)
        }
    }

    @Test func `half of a parent's children gone at once waits for somebody to believe it`()
        async throws
    {
        world.change { state in
            for child in 1...40 { state.parents["a"]?[child] = "x" }
        }
        try await Bridge.with(try world.text(api)) { bridge in
            try await bridge.pollInTurn()
            world.change { $0.parents["a"] = [1: "x"] }
            #expect(try await bridge.pollInTurn() == ["unchanged", "mass_delete"])
            #expect(try await bridge.events().isEmpty)
            #expect(try await bridge.pollInTurn(acceptsDeletes: true).last == "changed")
            #expect(try await bridge.changes().count == 39)
        }
    }

    @Test func `an empty list below a parent has to be confirmed by the next poll`() async throws {
        try await Bridge.with(try world.text(api)) { bridge in
            try await bridge.pollInTurn()
            world.change { $0.parents["a"] = [:] }
            #expect(try await bridge.pollInTurn().last == "empty_list")
            #expect(try await bridge.events().isEmpty)
            #expect(try await bridge.pollInTurn().last == "changed")
            #expect(try await bridge.changes().count == 2)
        }
    }
}
