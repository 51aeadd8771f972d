import PullcordCommit
import PullcordDetect
import PullcordModel
import Testing

@Suite struct DifferTests {
    /// What a store would know, kept by key.
    private struct Memory {
        var known: [RecordKey: KnownRecord] = [:]
        var nextOrdinal: Int64 = 0

        mutating func poll(_ pages: String..., scans: Bool = false) throws -> [Change] {
            var differ = Differ(nextOrdinal: nextOrdinal, tracksSeen: scans)
            var changes: [Change] = []
            for text in pages {
                let page = try read(text, plan())
                let found = differ.compare(
                    page, known: (0..<page.count).map { known[page.keys.key($0)] })
                store(found)
                changes += found.changes
            }
            nextOrdinal = differ.nextOrdinal
            if let seen = differ.seen {
                let unseen = known.filter { !seen.contains($0.value.ordinal) }
                let gone = Differ.deletions(
                    of: unseen.sorted { $0.key < $1.key }.map { (key: $0.key, state: $0.value) })
                store(gone)
                changes += gone.changes
            }
            return changes
        }

        private mutating func store(_ found: PageChanges) {
            for (key, state) in found.records { known[key] = state }
        }
    }

    private func told(_ changes: [Change]) -> [String] {
        changes.map { "\($0.key) \($0.kind) \($0.version)" }
    }

    @Test func `what is new is created, what differs is updated, the rest is nothing`() throws {
        var memory = Memory()
        #expect(
            told(try memory.poll(#"[{"id":"a","v":1},{"id":"b"}]"#)) == [
                "a created 1", "b created 1",
            ])
        #expect(told(try memory.poll(#"[{"v":1.0,"id":"a"},{"id":"b"}]"#)) == [])
        let changes = try memory.poll(#"[{"id":"b"},{"id":"a","v":2}]"#)
        #expect(told(changes) == ["a updated 2"])
        #expect(changes[0].record == Array(#"{"id":"a","v":2}"#.utf8))
        #expect(changes[0].fingerprint == memory.known[RecordKey("a")]?.fingerprint)
    }

    @Test func `a change and its undoing are two changes`() throws {
        var memory = Memory()
        let (one, two) = (#"[{"id":1,"v":"A"}]"#, #"[{"id":1,"v":"B"}]"#)
        let all = try memory.poll(one) + memory.poll(two) + memory.poll(one)
        #expect(told(all) == ["1 created 1", "1 updated 2", "1 updated 3"])
        #expect(all[0].fingerprint == all[2].fingerprint)
    }

    @Test func `a record that comes back goes on counting and keeps its ordinal`() throws {
        var memory = Memory()
        _ = try memory.poll(#"[{"id":1},{"id":2}]"#, scans: true)
        let ordinal = memory.known[RecordKey("2")]?.ordinal
        let gone = try memory.poll(#"[{"id":1}]"#, scans: true)
        #expect(told(gone) == ["2 deleted 2"])
        #expect(gone[0].record == nil && gone[0].fingerprint == nil)
        #expect(told(try memory.poll(#"[{"id":1}]"#, scans: true)) == [])
        #expect(told(try memory.poll(#"[{"id":1},{"id":2}]"#, scans: true)) == ["2 created 3"])
        #expect(memory.known[RecordKey("2")]?.ordinal == ordinal)
        #expect(told(try memory.poll("[]", scans: true)) == ["1 deleted 2", "2 deleted 4"])
    }

    @Test func `a record seen on two pages of a poll is one change`() throws {
        var memory = Memory()
        let page = #"[{"id":1,"v":1},{"id":2}]"#
        #expect(told(try memory.poll(page, page, scans: true)) == ["1 created 1", "2 created 1"])
        let moved = try memory.poll(page, #"[{"id":1,"v":2},{"id":3}]"#, scans: true)
        #expect(told(moved) == ["1 updated 2", "3 created 1"])
    }

    @Test func `ordinals are given in order of appearance and never twice`() throws {
        var memory = Memory()
        _ = try memory.poll(#"[{"id":"x"},{"id":"y"}]"#, #"[{"id":"z"},{"id":"x"}]"#)
        _ = try memory.poll(#"[{"id":"w"}]"#)
        #expect(["x", "y", "z", "w"].map { memory.known[RecordKey($0)]?.ordinal } == [0, 1, 2, 3])
        #expect(memory.nextOrdinal == 4)
    }

    @Test func `seen live records are counted once and only if they were live`() throws {
        let page = try read(#"[{"id":1},{"id":2},{"id":3}]"#, plan())
        var differ = Differ(nextOrdinal: 9, tracksSeen: true)
        let live = KnownRecord(ordinal: 4, version: 1, fingerprint: page.fingerprint(0))
        let dead = KnownRecord(ordinal: 5, version: 2, fingerprint: nil)
        for _ in 0..<2 { _ = differ.compare(page, known: [live, dead, nil]) }
        #expect(differ.seenLive == 1)
        #expect(differ.seen?.contains(4) == true && differ.seen?.contains(5) == true)
        #expect(differ.seen?.contains(9) == true && differ.seen?.contains(3) == false)
    }

    @Test func `an incremental poll marks nothing`() throws {
        var differ = Differ(nextOrdinal: 0, tracksSeen: false)
        let found = differ.compare(try read(#"[{"id":1}]"#, plan()), known: [nil])
        #expect(differ.seen == nil)
        #expect((found.created, found.updated, found.deleted, found.unchanged) == (1, 0, 0, 0))
    }

    @Test func `what is deleted already is not deleted again`() {
        let dead = KnownRecord(ordinal: 0, version: 2, fingerprint: nil)
        #expect(Differ.deletions(of: [(RecordKey("a"), dead)]).changes.isEmpty)
    }

    @Test func `any series of polls ends with what the last one had`() throws {
        var random = SplitMix(seed: 5)
        var memory = Memory()
        var versions: [RecordKey: Int64] = [:]
        for _ in 0..<200 {
            let items = (0..<10).filter { _ in Bool.random(using: &random) }.map {
                #"{"id":\#($0),"v":\#(Int.random(in: 0..<3, using: &random))}"#
            }
            let text = "[\(items.joined(separator: ","))]"
            for change in try memory.poll(text, scans: true) {
                #expect(change.version == (versions[change.key] ?? 0) + 1)
                versions[change.key] = change.version
            }
            #expect(memory.known.values.count { $0.fingerprint != nil } == items.count)
            #expect(try memory.poll(text, scans: true).isEmpty)
        }
    }
}

@Suite struct DeleteGuardTests {
    @Test(arguments: [
        (100, 100, DeleteGuard.Verdict.none), (0, 0, .none), (100, 120, .none),
        (100, 99, .proceed(1)), (100, 90, .proceed(10)), (100, 89, .proceed(11)),
        (100, 80, .proceed(20)), (100, 79, .suspicious(21, of: 100)), (10, 0, .proceed(10)),
        (11, 0, .suspicious(11, of: 11)), (12, 1, .suspicious(11, of: 12)),
        (1_000_000, 0, .suspicious(1_000_000, of: 1_000_000)), (1, 0, .proceed(1)),
    ])
    func `deletions are believed within bounds`(
        _ live: Int, _ seen: Int, _ wanted: DeleteGuard.Verdict
    ) {
        #expect(DeleteGuard().judge(live: live, seenLive: seen) == wanted)
    }

    @Test func `an empty scan is suspicious even where every record may go`() {
        let open = DeleteGuard(maxShare: 1, minimum: 10)
        #expect(open.judge(live: 100, seenLive: 1) == .proceed(99))
        #expect(open.judge(live: 100, seenLive: 0) == .suspicious(100, of: 100))
        #expect(
            DeleteGuard(maxShare: 0, minimum: 0).judge(live: 5, seenLive: 4)
                == .suspicious(1, of: 5))
    }
}
