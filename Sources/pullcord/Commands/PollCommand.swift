import ArgumentParser
import Foundation
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordJSON
import PullcordModel
import PullcordSQLiteStore
import PullcordTransfer
import Synchronization

struct PollCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "poll",
        abstract: "Poll one source once and show what was asked and found.",
        discussion: """
            With --dry-run nothing is stored and nothing is sent, and it works beside a running \
            daemon: what is shown is what the next poll would find.

            Without it the poll is committed like any other, and its events are delivered when \
            the daemon runs; the store must not be owned by one at that moment.
            """)

    @Argument(help: "A source, or SOURCE/STREAM for one of its streams.")
    var source: String

    @Flag(help: "Change and send nothing.")
    var dryRun = false

    @Flag(help: "Believe deletes however many they are.")
    var acceptDeletes = false

    @Flag(help: "Believe deletes and changes however many they are.")
    var accept = false

    @Flag(help: "Read the whole list, as `reconcile` does when it is due.")
    var reconcile = false

    @Option(help: "How many of the changes found are listed.")
    var limit = 20

    @Flag(help: "Print one JSON object per stream.")
    var json = false

    @OptionGroup var options: ConfigOption

    func run() async throws {
        let configuration = try options.load()
        try await explaining {
            if dryRun {
                try await rehearse(configuration)
            } else {
                try await commit(configuration)
            }
        }
    }

    private func rehearse(_ configuration: Configuration) async throws {
        // Before anything has run there is no store, and everything is new.
        let store =
            FileManager.default.fileExists(atPath: configuration.storePath)
            ? try SQLiteReader.open(path: configuration.storePath) : nil
        let reader: any RecordReader = store ?? NothingKnown()
        let assembly = try await Assembly(
            dryRun: configuration, records: reader, credentials: store)
        let rehearsal = Rehearsal(records: reader)
        try await poll(assembly, configuration, records: rehearsal) { rehearsal.keep($0) }
    }

    private func commit(_ configuration: Configuration) async throws {
        let store = try SQLiteStore.open(path: configuration.storePath, now: Workplace.time.wall())
        do {
            let assembly = try await Assembly(configuration, store: store)
            try await poll(assembly, configuration, records: store) { try await store.commit($0) }
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    private func poll(
        _ assembly: Assembly, _ configuration: Configuration, records: any RecordReader,
        commit: @escaping @Sendable (CommitBatch) async throws -> Void
    ) async throws {
        let streams = try reconcilable(chosen(assembly, configuration))
        let engine = try Workplace.engine(for: configuration)
        let exchange = Workplace.exchange(over: engine, for: configuration)
        var failed = false
        for stream in streams {
            let sight = PollTranscript(
                redactor: stream.redactor, limit: limit, showsExchanges: !json)
            let pipeline = Pipeline(
                records: records, exchange: exchange, time: Workplace.time,
                matcher: assembly.matcher, health: assembly.healthReporter(records: records),
                commit: { batch in
                    sight.take(batch)
                    try await commit(batch)
                })
            var choices = PollOptions(
                acceptsDeletes: acceptDeletes || accept, acceptsChanges: accept,
                observe: sight.observe(_:))
            choices.reconciles = reconcile
            choices.visitsMax = dryRun ? RehearsedParents.visitsMax : nil
            let report = try await pipeline.run(
                stream, options: choices,
                nextPoll: { _ in stream.nextPoll(after: Workplace.time.wall()) })
            sight.finish(stream.address, report, json: json, isDryRun: dryRun)
            if dryRun, !json, stream.fan.parent != nil {
                StandardOutput.writeLine(
                    "  a dry run asks for at most \(RehearsedParents.visitsMax) parents")
            }
            if !report.reason.isEmpty { failed = true }
        }
        await engine.shutdown()
        if failed { throw ExitCode(1) }
    }

    /// With `--reconcile` only those that have such a thing.
    private func reconcilable(_ streams: [LiveStream]) throws -> [LiveStream] {
        guard reconcile else { return streams }
        let able = streams.filter { $0.reconciliation != nil || $0.isSnapshot }
        guard able.isEmpty else { return able }
        throw Problem(
            code: "no_reconcile", message: "`\(source)` has no stream with `reconcile`",
            place: options.config,
            hint: "say in the adapter when the whole list is read: reconcile: \"0 3 * * *\"")
    }

    private func chosen(
        _ assembly: Assembly, _ configuration: Configuration
    ) throws -> [LiveStream] {
        let chosen = assembly.streams.filter {
            $0.address.source.text == source || $0.address.description == source
                || $0.address.description == "\(source).list"
        }
        guard chosen.isEmpty else { return chosen }
        let known = assembly.streams.map(\.address.description).joined(separator: ", ")
        throw Problem(
            code: "unknown_source", message: "there is no source `\(source)`",
            place: options.config, hint: "there is: \(known)")
    }
}

/// What is known before anything was ever polled.
struct NothingKnown: RecordReader {
    func state(of stream: StreamAddress) async throws(StoreError) -> StreamState {
        .unknown(stream)
    }

    func known(
        _ keys: KeyList, of stream: StreamID
    ) async throws(StoreError) -> [KnownRecord?] {
        Array(repeating: nil, count: keys.count)
    }

    func kept(
        _ records: [KnownRecord], of stream: StreamID, bytesMax: Int
    ) async throws(StoreError) -> [[UInt8]?] {
        Array(repeating: nil, count: records.count)
    }

    func unseen(
        of stream: StreamID, seen: SeenSet, after: RecordKey?, limit: Int
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)] { [] }

    func quarantine(of stream: StreamID) async throws(StoreError) -> Quarantine? { nil }

    func scansMissed(
        _ keys: [RecordKey], of stream: StreamID
    ) async throws(StoreError) -> [Int] { keys.map { _ in 0 } }
}

/// A store that a dry run believes it has written to.
final class Rehearsal: RecordReader {
    let records: any RecordReader
    /// What the poll would have stored, so that a record on two pages is one change.
    private let written = Mutex<[RecordKey: KnownRecord]>([:])

    /// The parents that the polls before have found.
    let parents = Mutex(RehearsedParents())

    init(records: any RecordReader) { self.records = records }

    func keep(_ batch: CommitBatch) {
        parents.withLock { $0.take(batch.fanOut.marks) }
        written.withLock { written in
            for record in batch.records { written[record.key] = record.state }
        }
    }

    func state(of stream: StreamAddress) async throws(StoreError) -> StreamState {
        written.withLock { $0 = [:] }
        return try await records.state(of: stream)
    }

    func known(
        _ keys: KeyList, of stream: StreamID
    ) async throws(StoreError) -> [KnownRecord?] {
        var known = try await records.known(keys, of: stream)
        written.withLock { written in
            guard !written.isEmpty else { return }
            for index in known.indices {
                if let state = written[keys.key(index)] { known[index] = state }
            }
        }
        return known
    }

    func kept(
        _ records: [KnownRecord], of stream: StreamID, bytesMax: Int
    ) async throws(StoreError) -> [[UInt8]?] {
        try await self.records.kept(records, of: stream, bytesMax: bytesMax)
    }

    func unseen(
        of stream: StreamID, seen: SeenSet, after: RecordKey?, limit: Int
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)] {
        try await records.unseen(of: stream, seen: seen, after: after, limit: limit)
    }

    func quarantine(of stream: StreamID) async throws(StoreError) -> Quarantine? {
        try await records.quarantine(of: stream)
    }

    func scansMissed(
        _ keys: [RecordKey], of stream: StreamID
    ) async throws(StoreError) -> [Int] {
        try await records.scansMissed(keys, of: stream)
    }
}
