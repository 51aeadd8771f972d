import PullcordCommit
package import PullcordConfig
package import PullcordEngine
package import PullcordModel
import PullcordSQLiteStore
package import PullcordTransfer

/// Polls a source for real, in a store of its own that nobody keeps, and records that.
package struct LiveRecording: Sendable {
    private let configuration: Configuration
    private let exchange: any Exchange
    private let clock: any TimeSource

    /// `configuration` has one source.
    package init(_ configuration: Configuration, over exchange: any Exchange, clock: any TimeSource)
    {
        self.configuration = configuration
        self.exchange = exchange
        self.clock = clock
    }

    /// Polls so often, with `wait` from the start of one to the start of the next.
    ///
    /// `path` is where the store may be; `observe` is told of each request and answer, with what
    /// masks their secrets.
    package func run(
        polls count: Int, wait: Duration, store path: String,
        observe: @escaping @Sendable (PollSight, Redactor) -> Void
    ) async throws -> Recording {
        let time = WholeSeconds(clock)
        let store = try SQLiteStore.open(path: path, now: time.wall())
        do {
            let recording = try await run(count, wait, store, time, observe)
            await store.close()
            return recording
        } catch {
            await store.close()
            throw error
        }
    }

    private func run(
        _ count: Int, _ wait: Duration, _ store: SQLiteStore, _ time: WholeSeconds,
        _ observe: @escaping @Sendable (PollSight, Redactor) -> Void
    ) async throws -> Recording {
        let assembly = try await Assembly(
            configuration, store: store, sharing: Assembly.Sharing(store: store, time: time))
        let recorder = Recorder(over: exchange)
        let pipeline = Pipeline(
            records: store, exchange: recorder, time: time, matcher: assembly.matcher,
            health: assembly.healthReporter(records: store), memory: PageMemory(),
            commit: { try await store.commit($0) })
        var polls: [Recording.Poll] = []
        var failures: [String] = []
        for number in 0..<count {
            let start = time.monotonic()
            let began = time.beginPoll()
            for stream in assembly.streams {
                let redactor = stream.redactor
                let report = try await pipeline.run(
                    stream, options: PollOptions(observe: { observe($0, redactor) }),
                    nextPoll: { _ in stream.nextPoll(after: time.wall()) })
                if !report.reason.isEmpty { failures.append(report.reason) }
            }
            polls.append(Recording.Poll(began: began, exchanges: recorder.takeAll()))
            if number + 1 < count { try await time.sleep(until: start + wait) }
        }
        return Recording(
            polls: polls, redactors: assembly.streams.map(\.redactor), failures: failures)
    }
}
