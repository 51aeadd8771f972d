import PullcordCommit
import PullcordEngine
import PullcordModel
import PullcordTestSupport
import Testing

/// Details that are gone though the list has the record.
@Suite(.timeLimit(.minutes(10))) struct MissingDetailTests {
    private static func fail(_ archive: Archive, _ ids: some Sequence<Int>, _ status: Int? = 404) {
        for id in ids { archive.set(id) { $0.fault = status } }
    }

    private static func touch(_ archive: Archive, _ ids: some Sequence<Int>) {
        for id in ids { archive.set(id) { ($0.version, $0.text) = ($0.version + 1, "y") } }
    }

    @Test(arguments: [404, 410])
    func `an API that knows nothing for a while has lost nothing`(_ status: Int) async throws {
        let archive = Archive(40)
        try await Bridge.with(try DetailTests.text(archive)) { bridge in
            try await bridge.pollInTurn()
            Self.touch(archive, 1...30)
            Self.fail(archive, 1...40, status)
            for _ in 1...3 {
                #expect(try await bridge.pollInTurn().last == "mass_delete")
            }
            let found = try #require(try await bridge.store.quarantines().first)
            #expect(found.finding.affected == 30 && found.finding.known == 40)
            #expect(try await bridge.news() == ["quarantined shop0/orders"])
            Self.fail(archive, 1...40, nil)
            #expect(try await bridge.pollInTurn().last == "changed")
            #expect(try await bridge.state(of: 1).isQuarantined == false)
            let changes = try await bridge.changes()
            #expect(changes.count == 30 && changes.allSatisfy { $0.hasPrefix("updated") })
            #expect(try await bridge.news().count == 2)
        }
    }

    @Test func `a few that are gone while nothing else is found are asked about elsewhere`()
        async throws
    {
        let archive = Archive(40)
        try await Bridge.with(try DetailTests.text(archive)) { bridge in
            try await bridge.pollInTurn()
            _ = archive.takeAsked()
            Self.touch(archive, [7])
            Self.fail(archive, 1...40)
            #expect(try await bridge.pollInTurn() == ["changed", "mass_delete"])
            // The one, and three that nobody had reason to ask for.
            #expect(archive.takeAsked().count == 4)
            #expect(try await bridge.events().isEmpty)
            // The others are well again, and this one is gone indeed.
            Self.fail(archive, (1...40).filter { $0 != 7 }, nil)
            #expect(try await bridge.pollInTurn().last == "changed")
            #expect(try await bridge.changes() == ["deleted 7 v2"])
            #expect(try await bridge.state(of: 1).isQuarantined == false)
        }
    }

    @Test func `where nobody is left to ask, the next poll has to find the same`() async throws {
        let archive = Archive(2)
        try await Bridge.with(try DetailTests.text(archive)) { bridge in
            try await bridge.pollInTurn()
            Self.touch(archive, 1...2)
            Self.fail(archive, 1...2)
            #expect(try await bridge.pollInTurn().last == "empty_list")
            #expect(try await bridge.events().isEmpty)
            #expect(try await bridge.news().isEmpty)
            try await bridge.pollInTurn()
            #expect(try await bridge.changes().sorted() == ["deleted 1 v2", "deleted 2 v2"])
        }
    }

    enum Belief: CaseIterable, Sendable {
        case accepted, option, share
    }

    @Test(arguments: Belief.allCases)
    func `many are deleted where somebody says that this is true`(_ belief: Belief) async throws {
        let archive = Archive(40)
        let text = try DetailTests.text(archive, belief == .share ? "max_delete: 100%" : "")
        try await Bridge.with(text) { bridge in
            try await bridge.pollInTurn()
            Self.touch(archive, 1...30)
            Self.fail(archive, 1...30)
            let outcome = try await bridge.pollInTurn(acceptsDeletes: belief == .option).last
            guard belief == .accepted else {
                #expect(outcome == "changed")
                #expect(try await bridge.live(1) == 10)
                return
            }
            #expect(outcome == "mass_delete")
            let address = bridge.assembly.streams[1].address
            #expect(
                try await bridge.store.decide(.accepted, for: address, at: bridge.time.wall()))
            #expect(try await bridge.pollInTurn().last == "changed")
            #expect(try await bridge.events().filter { $0.kind == .deleted }.count == 30)
            #expect(try await bridge.state(of: 1).isQuarantined == false)
        }
    }

    @Test func `what details rule out is judged with what is gone`() async throws {
        let archive = Archive(40)
        let text = try DetailTests.text(archive, detail: "when: '.text != \"draft\"'")
        try await Bridge.with(text) { bridge in
            try await bridge.pollInTurn()
            Self.touch(archive, 1...20)
            for id in 1...15 { archive.set(id) { $0.text = "draft" } }
            #expect(try await bridge.pollInTurn().last == "mass_delete")
            #expect(try await bridge.changes().count == 5)
            for id in 9...15 { archive.set(id) { ($0.version, $0.text) = (3, "z") } }
            #expect(try await bridge.pollInTurn().last == "changed")
            #expect(try await bridge.events().filter { $0.kind == .deleted }.count == 8)
        }
    }
}
