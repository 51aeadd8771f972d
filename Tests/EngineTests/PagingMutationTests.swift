import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordTestSupport
import Testing

/// One stream of one scheme, polled against a world in memory.
private struct PagingBench {
    let scheme: PagingScheme
    let stream: LiveStream
    let assembly: Assembly

    init(_ scheme: PagingScheme) async throws {
        self.scheme = scheme
        let adapter = """
            adapter: shop
            base_url: https://api.example.com
            streams:
              orders: \(scheme.stream)
            """
        let bridge = """
            store: sqlite:store.db
            sources: [{ name: shop, adapter: shop.yaml, every: 60s }]
            """
        let files = ["/pullcord.yaml": bridge, "/shop.yaml": adapter]
        let loader = Loader(
            checkers: .native,
            files: FileAccess(
                read: { path in files[path].map { .bytes(Array($0.utf8)) } ?? .missing },
                list: { _ in [] }))
        switch loader.load("/pullcord.yaml", environment: [:]) {
        case .failure(let report): throw BridgeText.Refusal(description: report.text(color: false))
        case .success(let configuration):
            let address = StreamAddress(source: SourceName("shop"), stream: StreamName("orders"))
            assembly = try await Assembly(
                dryRun: configuration, records: MemoryRecords(address, StreamID(1)))
            stream = assembly.streams[0]
        }
    }

    /// What a receiver has that applies every event, and what it must not be told.
    private struct Copy {
        var values: [String: String] = [:]
        var versions: [String: Int64] = [:]
        var faults: [String] = []

        mutating func apply(_ event: Event, live: Set<String>, isSure: Bool) {
            let key = event.key.text
            let text = event.record.map { String(decoding: $0, as: UTF8.self) }
            if let version = versions[key], event.version <= version {
                faults.append("\(key) came again as v\(event.version)")
            }
            versions[key] = event.version
            switch event.kind {
            case .created where values[key] != nil: faults.append("\(key) was created twice")
            case .updated where values[key] == text: faults.append("\(key) did not change")
            case .updated where values[key] == nil: faults.append("\(key) was never created")
            case .deleted where values[key] == nil: faults.append("\(key) was deleted twice")
            case .deleted where isSure && live.contains(key):
                faults.append("\(key) is not gone")
            default: break
            }
            values[key] = event.kind == .deleted ? nil : text
        }
    }

    /// Runs schedules one after the other in one world; returns what went wrong.
    func run(schedules: Int, seed: UInt64) async throws -> (faults: [String], changes: Int) {
        let world = PagedWorld(scheme, seed: seed)
        let records = MemoryRecords(stream.address, stream.id)
        let pipeline = Pipeline(
            records: records, exchange: world, time: world.time, matcher: assembly.matcher,
            commit: { records.commit($0) })
        var copy = Copy()
        // The first poll sees a quiet world: what it finds is the baseline.
        try await poll(pipeline, &copy, seed)
        for item in world.items { copy.values[String(item.id)] = item.json }
        var applied = 0
        for schedule in 0..<schedules {
            // As much as an incremental poll needs to have several pages.
            if !scheme.isSnapshot { for _ in 1...5 { world.change(insertsOnly: false) } }
            world.setRestless(true)
            try await poll(pipeline, &copy, seed)
            world.setRestless(false)
            world.settle()
            try await poll(pipeline, &copy, seed)
            await Task.yield()
            let live = Set(world.items.map { String($0.id) })
            let events = records.events
            for event in events[applied...] {
                copy.apply(event, live: live, isSure: scheme.isSureOfDeletes)
            }
            applied = events.count
            for item in world.items where copy.values[String(item.id)] != item.json {
                copy.faults.append(
                    "\(item.json) is not known, but \(copy.values[String(item.id)] ?? "nothing")")
            }
            if scheme.isSnapshot, copy.values.count != live.count {
                copy.faults.append("\(Set(copy.values.keys).subtracting(live)) is gone")
            }
            guard copy.faults.isEmpty else {
                return (copy.faults.map { "schedule \(schedule): \($0)" }, world.changes)
            }
        }
        return ([], world.changes)
    }

    private func poll(_ pipeline: Pipeline, _ copy: inout Copy, _ seed: UInt64) async throws {
        let report = try await pipeline.run(stream, nextPoll: { _ in nil })
        let isWell = ["changed", "unchanged", "baseline"].contains(report.outcome)
        if !isWell { copy.faults.append("\(report.outcome): \(report.reason)") }
    }
}

/// One after the other: nothing in them waits, so at once they would keep all other tests waiting.
@Suite(.serialized, .timeLimit(.minutes(10))) struct PagingMutationTests {
    /// Ten thousand in all; each is a poll with changes between its requests, and a quiet one.
    private static let schedulesPerWorld = 23
    private static let worlds = 20

    @Test(arguments: PagingScheme.sound)
    func `whatever happens between two pages, nothing is lost, invented or told twice`(
        scheme: PagingScheme
    ) async throws {
        let bench = try await PagingBench(scheme)
        var changes = 0
        for seed in 1...UInt64(Self.worlds) {
            let (faults, count) = try await bench.run(
                schedules: Self.schedulesPerWorld, seed: seed)
            #expect(faults == [], "\(scheme), seed \(seed)")
            changes += count
        }
        // There was something to lose.
        #expect(changes > Self.worlds * Self.schedulesPerWorld)
    }

    @Test(
        arguments: [PagingScheme.number, .merged, .ascendingLink, .delta, .sequence, .halvedCap])
    func `the same holds over real sockets and a real store`(scheme: PagingScheme) async throws {
        let time = ManualTime()
        let world = PagedWorld(scheme, seed: 77, time: time)
        let api = try ChangingAPI { world.reply(to: $0) }
        var text = try BridgeText(api, time: time)
        text.stream = scheme.stream.replacing("{ request", with: "{ first: emit, request")
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            for _ in 1...10 {
                for _ in 1...4 { world.change(insertsOnly: false) }
                world.setRestless(true)
                try await bridge.poll()
                world.setRestless(false)
                world.settle()
            }
            try await bridge.poll()
            #expect(try await bridge.poll().outcome == "unchanged")
            var copy: [String: String] = [:]
            for event in try await bridge.events() {
                let text = event.record.map { String(decoding: $0, as: UTF8.self) }
                #expect(copy[event.key.text] != text, "\(event.id)")
                copy[event.key.text] = text
            }
            for item in world.items { #expect(copy[String(item.id)] == item.json) }
            if scheme.isSnapshot { #expect(copy.count == world.items.count) }
        }
    }

    @Test func `ten thousand schedules are run`() {
        #expect(
            PagingScheme.sound.count * Self.worlds * Self.schedulesPerWorld >= 10_000)
    }

    @Test func `a stream that is paged carelessly loses records, and these tests see it`()
        async throws
    {
        let bench = try await PagingBench(.careless)
        var faults: [String] = []
        for seed in 1...UInt64(Self.worlds) {
            faults += try await bench.run(schedules: Self.schedulesPerWorld, seed: seed).faults
        }
        #expect(!faults.isEmpty)
    }
}
