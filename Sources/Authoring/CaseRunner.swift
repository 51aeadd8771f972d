import PullcordCommit
import PullcordConfig
import PullcordEngine
package import PullcordModel
import PullcordSQLiteStore
import PullcordTransfer
import Synchronization

/// Carries out a case: the pipeline of the daemon over a store of its own, with a clock that is
/// moved and an API that answers what the case says.
package struct CaseRunner: Sendable {
    /// A folder that exists and whose files are nobody's concern.
    private let folder: String
    private let removes: @Sendable (String) -> Void

    /// `folder` is where stores are made, one for each case; `remove` takes a file away.
    package init(folder: String, remove: @escaping @Sendable (String) -> Void) {
        self.folder = folder
        removes = remove
    }

    /// `number` tells cases apart that run at the same time.
    package func run(
        _ test: TestCase, number: Int, measuring clock: any TimeSource
    ) async -> CaseOutcome {
        let began = clock.monotonic()
        var outcome = CaseOutcome(name: test.name, place: test.place)
        let path = "\(folder)/case-\(number).db"
        do {
            let store = try SQLiteStore.open(path: path, now: test.start)
            do {
                try await Running(test, store).run(&outcome)
            } catch {
                outcome.failures.append(Self.failure(error, test))
            }
            await store.close()
        } catch {
            outcome.failures.append(Self.failure(error, test))
        }
        for ending in ["", "-wal", "-shm", ".lock"] { removes(path + ending) }
        outcome.duration = clock.monotonic() - began
        return outcome
    }

    private static func failure(_ error: any Error, _ test: TestCase) -> TestFailure {
        TestFailure(
            poll: nil, place: test.place, message: "the case could not be carried out",
            details: ["\(error)"])
    }
}

/// A case under way.
private struct Running {
    let test: TestCase
    let store: SQLiteStore
    let time: CaseTime
    let wire: ScriptedWire
    let fake: FakeAPI?
    let assembly: Assembly
    let pipeline: Pipeline
    private let found = EventSink()

    init(_ test: TestCase, _ store: SQLiteStore) async throws {
        self.test = test
        self.store = store
        let time = CaseTime(test.start)
        self.time = time
        assembly = try await Assembly(
            test.configuration, store: store,
            sharing: Assembly.Sharing(store: store, time: time))
        let fake = test.fake.isEmpty ? nil : FakeAPI(test.fake)
        self.fake = fake
        let wire = ScriptedWire(fake: fake)
        self.wire = wire
        let found = found
        pipeline = Pipeline(
            records: store, exchange: wire, time: time, matcher: assembly.matcher,
            health: assembly.healthReporter(records: store), memory: PageMemory(),
            commit: { batch in
                try await store.commit(batch)
                found.take(batch)
            })
    }

    func run(_ outcome: inout CaseOutcome) async throws {
        for (index, poll) in test.polls.enumerated() {
            let distance: Duration = index == 0 ? .zero : poll.after ?? test.interval
            time.beginPoll(after: distance, now: poll.now)
            wire.begin(poll.exchanges)
            fake?.begin(poll.changes, poll.faults)
            let (result, failures) = try await carryOut(poll, number: index + 1)
            outcome.polls.append(result)
            outcome.failures += failures
        }
    }

    private func carryOut(
        _ poll: TestPoll, number: Int
    ) async throws -> (PollOutcome, [TestFailure]) {
        var result = PollOutcome(poll: poll)
        let transcript = Transcript()
        for stream in assembly.streams {
            let report = try await pipeline.run(
                stream, options: PollOptions(observe: transcript.observe),
                nextPoll: { [time] _ in stream.nextPoll(after: time.wall()) })
            let name = stream.address.stream.text
            transcript.end("\(name): \(report.outcome)")
            if !report.reason.isEmpty {
                let fault = report.outcome == "transfer" ? wire.lastFault?.rawValue : nil
                result.errors.append((name, fault ?? report.outcome, report.reason))
            }
            let state = try await store.state(of: stream.address)
            result.cursors += CursorTexts.named(state.cursor, stream: name)
        }
        result.events = found.takeAll()
        result.sights = transcript.lines
        let judge = PollJudge(
            poll: poll, number: number,
            streams: assembly.streams.filter { !$0.fan.isSilent }.map(\.address.stream.text),
            reasons: transcript.reasons)
        result.strays = wire.strays
        result.uses = wire.uses
        let failures = judge.judge(&result, strays: wire.strays, leftOver: wire.leftOver)
        let complaints = (fake?.end() ?? []).map {
            TestFailure(poll: number, place: $0.place, message: $0.message)
        }
        return (result, failures + complaints)
    }
}

/// The events of a poll as they are committed.
private final class EventSink: Sendable {
    private let events = Mutex<[Event]>([])

    func take(_ batch: CommitBatch) {
        let changes = batch.allEvents.map(\.event).filter { !$0.kind.isHealth }
        guard !changes.isEmpty else { return }
        events.withLock { $0 += changes }
    }

    func takeAll() -> [Event] {
        events.withLock { events in
            defer { events = [] }
            return events
        }
    }
}

/// What a poll asks and is answered, as lines.
private final class Transcript: Sendable {
    private struct State {
        var lines: [SightLine] = []
        var reasons: [String] = []
    }

    private let kept = Mutex(State())
    private static let bodyMax = 2000

    var lines: [SightLine] { kept.withLock { $0.lines } }
    /// Why something was asked for again.
    var reasons: [String] { kept.withLock { $0.reasons } }

    func end(_ text: String) { add(.end, text) }

    func observe(_ sight: PollSight) {
        switch sight {
        case .request(let request):
            add(.request, "\(request.method.rawValue) \(request.url)")
            for header in request.headers where header.name.lowercased() != "accept" {
                add(.header, "\(header.name): \(header.value)")
            }
            if let body = request.body {
                add(.header, String(decoding: body.prefix(Self.bodyMax), as: UTF8.self))
            }
        case .answer(let response):
            add(.answer, "\(response.status)  \(response.bodyCount) bytes")
        case .ruling(let text): add(.ruling, "by \(text)")
        case .again(let reason):
            add(.ruling, "again: \(reason)")
            kept.withLock { $0.reasons.append(StrangerText.printable(reason)) }
        case .limits, .page, .cut: break
        }
    }

    private func add(_ kind: SightLine.Kind, _ text: String) {
        kept.withLock { $0.lines.append(SightLine(kind: kind, text: StrangerText.printable(text))) }
    }
}
