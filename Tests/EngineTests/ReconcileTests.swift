import PullcordCommit
import PullcordEngine
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct ReconcileTests {
    private static func stream(_ more: String, cursor: String = "") -> String {
        """
        { request: { path: /orders, query: { since: "${cursor}" } }, records: .items, key: .id, \
        cursor: { from: .at, format: epoch_milliseconds\(cursor) }, \(more) }
        """
    }

    private static func open(
        _ stream: String, folder: TemporaryFolder? = nil, time: ManualTime = ManualTime(),
        _ body: (Bridge, TwoLists, ChangingAPI, Int64) async throws -> Void
    ) async throws {
        let lists = TwoLists()
        let api = try ChangingAPI { lists.answer($0) }
        var text = try BridgeText(api, time: time, folder: folder)
        text.stream = stream
        let start = text.time.wall().milliseconds
        try await Bridge.with(text) { try await body($0, lists, api, start) }
    }

    /// Whether each request asked for the whole list.
    private static func whole(_ api: ChangingAPI) -> [Bool] {
        api.requests.map { $0.query("since") == nil }
    }

    @Test(arguments: ["reconcile: 1h", "reconcile: '0 * * * *'", "reconcile: { at: 1h }"])
    func `a whole list now and then shows what is gone`(reconcile: String) async throws {
        try await Self.open(Self.stream(reconcile)) {
            (bridge: Bridge, lists: TwoLists, api: ChangingAPI, start: Int64) async throws in
            lists.set([(1, start - 9), (2, start - 8), (3, start - 7)])
            try await bridge.poll()
            #expect(
                try await bridge.state().nextReconcile
                    == Timestamp(milliseconds: start + 3_600_000))
            lists.set([(1, start - 9), (3, start - 7)])
            bridge.time.advance(by: .seconds(3599))
            #expect(try await bridge.poll().outcome == "unchanged")
            bridge.time.advance(by: .seconds(1))
            lists.set([(1, start - 9), (4, start + 5)])
            let report = try await bridge.poll()
            #expect(report.created == 1 && report.deleted == 2)
            #expect(
                try await bridge.changes() == ["created 4 v1", "deleted 2 v2", "deleted 3 v2"])
            #expect(try await bridge.events().allSatisfy { $0.origin == .live })
            // It goes on as before, from the greatest value of all.
            #expect(try await bridge.poll().outcome == "unchanged")
            #expect(Self.whole(api) == [true, false, true, true, false])
            #expect(api.requests.last?.number("since").map(Int64.init) == start + 5)
            #expect(
                try await bridge.state().nextReconcile
                    == Timestamp(milliseconds: start + 7_200_000))
        }
    }

    @Test func `one that was missed while nothing ran is made up for once`() async throws {
        let folder = try TemporaryFolder()
        let time = ManualTime()
        try await Self.open(Self.stream("reconcile: '0 3 * * *'"), folder: folder, time: time) {
            (bridge: Bridge, _: TwoLists, _: ChangingAPI, _: Int64) async throws in
            try await bridge.poll()
        }
        time.advance(by: .seconds(5 * 86_400))
        try await Self.open(Self.stream("reconcile: '0 3 * * *'"), folder: folder, time: time) {
            (bridge: Bridge, lists: TwoLists, api: ChangingAPI, start: Int64) async throws in
            lists.set([(1, start - 9)])
            for _ in 1...3 {
                try await bridge.poll()
                time.advance(by: .seconds(60))
            }
            #expect(Self.whole(api) == [true, false, false])
        }
    }

    @Test func `a mass delete is held back, heals by a whole list only, and waits for its turn`()
        async throws
    {
        try await Self.open(Self.stream("reconcile: 1h")) {
            (bridge: Bridge, lists: TwoLists, api: ChangingAPI, start: Int64) async throws in
            lists.set((1...50).map { ($0, start - 9) })
            try await bridge.poll()
            bridge.time.advance(by: .seconds(3600))
            lists.set([(1, start - 9)])
            #expect(try await bridge.poll().outcome == "mass_delete")
            for _ in 1...3 {
                bridge.time.advance(by: .seconds(60))
                #expect(try await bridge.poll().outcome == "unchanged")
                #expect(try await bridge.state().isQuarantined)
            }
            let asked = api.requests.count
            bridge.time.advance(by: .seconds(900))
            #expect(try await bridge.poll().outcome == "mass_delete")
            #expect(api.requests.count == asked + 2)
            // A decision is not kept waiting.
            bridge.time.advance(by: .seconds(5))
            _ = try await bridge.store.decide(
                .accepted, for: bridge.assembly.streams[0].address, at: bridge.time.wall())
            #expect(try await bridge.poll().deleted == 49)
            #expect(try await bridge.state().isQuarantined == false)
        }
    }

    @Test func `a whole list that fails is no reason to miss what changes`() async throws {
        try await Self.open(Self.stream("reconcile: 1h")) {
            (bridge: Bridge, lists: TwoLists, api: ChangingAPI, start: Int64) async throws in
            lists.set([(1, start - 9)])
            try await bridge.poll()
            bridge.time.advance(by: .seconds(3600))
            api.set { request in
                request.query("since") == nil ? .reply(status: 500) : lists.answer(request)
            }
            lists.set([(1, start - 9), (2, start + 5)])
            #expect(try await bridge.poll().outcome == "status")
            bridge.time.advance(by: .seconds(60))
            #expect(try await bridge.poll().created == 1)
            api.set { lists.answer($0) }
            bridge.time.advance(by: .seconds(900))
            lists.set([(2, start + 5)])
            #expect(try await bridge.poll().deleted == 1)
        }
    }

    @Test func `another request may list everything`() async throws {
        let more = "reconcile: { at: 1h, request: /everything, records: .items }"
        try await Self.open(Self.stream(more)) {
            (bridge: Bridge, lists: TwoLists, api: ChangingAPI, start: Int64) async throws in
            lists.set([(1, start - 9), (2, start - 8)])
            try await bridge.poll()
            lists.set([(2, start - 8)])
            bridge.time.advance(by: .seconds(3600))
            #expect(try await bridge.poll().deleted == 1)
            #expect(
                api.requests.map(\.target) == ["/everything", "/everything", "/everything"])
        }
    }

    @Test(arguments: ["token: .next", "watermark: .next, format: integer", "url: .next"])
    func `another request that lists everything states no cursor`(cursor: String) async throws {
        let records = Mutex((1...3).map { #"{"id":\#($0)}"# })
        let api = try ChangingAPI { request in
            let items = records.withLock { $0 }.joined(separator: ",")
            return request.target == "/everything"
                ? .reply(text: #"{"items":[\#(items)]}"#)
                : .reply(
                    text:
                        #"{"items":[],"next":\#(cursor.hasPrefix("url") ? #""/orders?c=7""# : "7")}"#
                )
        }
        var text = try BridgeText(api)
        text.stream = """
            { request: { path: /orders, query: { c: "${cursor}" } }, records: .items, key: .id, \
            cursor: { \(cursor) }, detect: incremental, \
            reconcile: { at: 1h, request: /everything, records: .items } }
            """
        if cursor.hasPrefix("url") {
            text.stream = text.stream.replacing(#", query: { c: "${cursor}" }"#, with: "")
        }
        try await Bridge.with(text) { bridge in
            try await bridge.polls(as: "baseline")
            try await bridge.polls(as: "unchanged")
            records.withLock { _ = $0.removeLast() }
            bridge.time.advance(by: .seconds(3600))
            #expect(try await bridge.poll().deleted == 1)
            // It goes on from what was stated before.
            try await bridge.polls(as: "unchanged")
            #expect(api.requests.last?.target == "/orders?c=7")
        }
    }

    @Test func `what is older than where the first poll begins is no news of a whole list`()
        async throws
    {
        let cursor = #", initial: "${poll.started | date '%s'}000""#
        let stream = Self.stream("reconcile: 1h", cursor: cursor)
        try await Self.open(stream) {
            (bridge: Bridge, lists: TwoLists, _: ChangingAPI, start: Int64) async throws in
            lists.set((1...30).map { ($0, start - 9000) })
            #expect(try await bridge.poll().outcome == "baseline")
            for _ in 1...3 {
                bridge.time.advance(by: .seconds(3600))
                #expect(try await bridge.poll().outcome == "unchanged")
            }
            #expect(try await bridge.state().liveCount == 30)
        }
    }

    @Test func `deletes wait for as many whole lists as the adapter asks for`() async throws {
        let more = "reconcile: 1h, confirm_deletes: { scans: 2 }"
        try await Self.open(Self.stream(more)) {
            (bridge: Bridge, lists: TwoLists, _: ChangingAPI, start: Int64) async throws in
            lists.set([(1, start - 9), (2, start - 8)])
            try await bridge.poll()
            lists.set([(2, start - 8)])
            bridge.time.advance(by: .seconds(3600))
            #expect(try await bridge.poll().deleted == 0)
            // Polls that read a part say nothing about who is missing.
            for _ in 1...3 { #expect(try await bridge.poll().deleted == 0) }
            bridge.time.advance(by: .seconds(3600))
            #expect(try await bridge.poll().deleted == 1)
        }
    }

    @Test func `a stream that is no longer reconciled does not promise it`() async throws {
        let folder = try TemporaryFolder()
        for (more, isPromised) in [("reconcile: 1d", true), ("keep: fingerprint", false)] {
            try await Self.open(Self.stream(more), folder: folder) {
                (bridge: Bridge, _: TwoLists, _: ChangingAPI, _: Int64) async throws in
                try await bridge.poll()
                #expect(try await (bridge.state().nextReconcile != nil) == isPromised)
            }
        }
    }

    @Test func `other rules of comparison read the whole list, without an event`() async throws {
        let folder = try TemporaryFolder()
        let time = ManualTime()
        let records: [(id: Int, at: Int64)] = (1...40).map { ($0, 1_767_225_500_000) }
        try await Self.open(Self.stream("reconcile: 1d"), folder: folder, time: time) {
            (bridge: Bridge, lists: TwoLists, _: ChangingAPI, _: Int64) async throws in
            lists.set(records)
            try await bridge.poll()
        }
        try await Self.open(
            Self.stream("reconcile: 1d, ignore: [.at]"), folder: folder, time: time
        ) { (bridge: Bridge, lists: TwoLists, api: ChangingAPI, _: Int64) async throws in
            lists.set(records)
            #expect(try await bridge.poll().outcome == "rebaselined")
            #expect(try await bridge.poll().outcome == "unchanged")
            #expect(Self.whole(api) == [true, false])
            #expect(try await bridge.changes() == [])
        }
    }
}

@Suite struct ReconcileRuleTests {
    private static let start = Timestamp(milliseconds: 1_795_392_000_000)
    private static let rules = Fingerprint(high: 1, low: 1)

    private static func state(_ marks: [String: Timestamp], hasBaseline: Bool = true)
        -> StreamState
    {
        var state = StreamState(
            id: StreamID(1),
            address: StreamAddress(source: SourceName("s"), stream: StreamName("t")),
            rules: rules, hasBaseline: hasBaseline)
        state.marks = marks.mapValues { StreamMark.text(of: $0) }
        return state
    }

    private static func isDue(
        _ rule: ReconcileRule, _ marks: [String: Timestamp], hasBaseline: Bool = true,
        rules: Fingerprint = rules, isDecided: Bool = false, after seconds: Int64 = 0
    ) -> Bool {
        rule.isDue(
            state(marks, hasBaseline: hasBaseline), rules: rules, isDecided: isDecided,
            now: start + .seconds(seconds))
    }

    @Test func `it is due once its time has come, and before the first only where it must be`() {
        let rule = ReconcileRule(.every(.seconds(3600)))
        let done = [StreamMark.reconciled: Self.start]
        #expect(!Self.isDue(rule, done, after: 3599))
        #expect(Self.isDue(rule, done, after: 3600))
        #expect(Self.isDue(rule, done, after: 360_000))
        #expect(Self.isDue(rule, [:]))
        #expect(!Self.isDue(rule, [:], hasBaseline: false))
        let first = ReconcileRule(.every(.seconds(3600)), isFirst: true)
        #expect(Self.isDue(first, [:], hasBaseline: false))
    }

    @Test func `after an attempt that failed it waits, unless somebody has decided`() {
        let rule = ReconcileRule(.every(.seconds(3600)))
        let failed = [
            StreamMark.reconciled: Self.start - .seconds(9000),
            StreamMark.retryReconcile: Self.start + .seconds(900),
        ]
        #expect(!Self.isDue(rule, failed, after: 899))
        #expect(Self.isDue(rule, failed, after: 900))
        #expect(Self.isDue(rule, failed, isDecided: true, after: 1))
    }

    @Test func `a clock that was ahead puts nothing off`() {
        let rule = ReconcileRule(.every(.seconds(3600)))
        #expect(Self.isDue(rule, [StreamMark.reconciled: Self.start + .seconds(9_000_000)]))
        let marks = [
            StreamMark.reconciled: Self.start - .seconds(9000),
            StreamMark.retryReconcile: Self.start + .seconds(9_000_000),
        ]
        #expect(Self.isDue(rule, marks))
    }

    @Test func `other rules make it due, another kind of record does not`() {
        let rule = ReconcileRule(.every(.seconds(3600)))
        let done = [StreamMark.reconciled: Self.start]
        #expect(Self.isDue(rule, done, rules: Fingerprint(high: 1, low: 2)))
        #expect(!Self.isDue(rule, done, rules: Fingerprint(high: 2, low: 2)))
    }
}
