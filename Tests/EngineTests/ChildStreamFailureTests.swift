import PullcordCommit
import PullcordEngine
import PullcordModel
import PullcordTestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct ChildStreamFailureTests {
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

    @Test func `an empty list below one parent confirms none below another`() async throws {
        try await Bridge.with(try world.text(api)) { bridge in
            try await bridge.pollInTurn()
            world.change { $0.parents["a"] = [:] }
            #expect(try await bridge.pollInTurn().last == "empty_list")
            world.change { $0.parents["b"] = [:] }
            #expect(try await bridge.pollInTurn().last == "empty_list")
            #expect(
                try await bridge.changes() == [#"deleted ["a","1"] v2"#, #"deleted ["a","2"] v2"#])
            world.change { $0.parents["b"] = [1: "x"] }
            #expect(try await bridge.pollInTurn().last == "unchanged")
            #expect(try await bridge.state(of: 1).isQuarantined == false)
        }
    }

    @Test func `lists that are empty together are believed together`() async throws {
        try await Bridge.with(try world.text(api)) { bridge in
            try await bridge.pollInTurn()
            world.change { ($0.parents["a"], $0.parents["b"]) = ([:], [:]) }
            #expect(try await bridge.pollInTurn().last == "empty_list")
            #expect(try await bridge.pollInTurn().last == "changed")
            #expect(try await bridge.changes().count == 3)
            #expect(try await bridge.state(of: 1).isQuarantined == false)
        }
    }

    @Test func `what is accepted below one parent is not accepted below another`() async throws {
        world.change { state in
            for child in 1...40 {
                state.parents["a"]?[child] = "x"
                state.parents["b"]?[child] = "x"
            }
        }
        try await Bridge.with(try world.text(api)) { bridge in
            try await bridge.pollInTurn()
            world.change { $0.parents["a"] = [1: "x"] }
            #expect(try await bridge.pollInTurn().last == "mass_delete")
            let stream = bridge.assembly.streams[1]
            let quarantine = try #require(try await bridge.store.quarantine(of: stream.id))
            #expect(quarantine.finding.message.contains("(parent a)"))
            let now = bridge.time.wall()
            #expect(try await bridge.store.decide(.accepted, for: stream.address, at: now))
            world.change { $0.parents["b"] = [1: "x"] }
            #expect(try await bridge.pollInTurn().last == "mass_delete")
            #expect(try await bridge.changes().allSatisfy { $0.hasPrefix(#"deleted ["a","#) })
            #expect(try await bridge.changes().count == 39)
            let other = try #require(try await bridge.store.quarantine(of: stream.id))
            #expect(other.finding.message.contains("(parent b)") && other.decision == .none)
            #expect(other.polls == 1)
            #expect(try await bridge.pollInTurn().last == "mass_delete")
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
