import ArgumentParser
import Foundation
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordJSON
import PullcordModel
import PullcordSQLiteStore
import PullcordTransfer

struct PollCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "poll",
        abstract: "Poll one source once and show what was asked and found.",
        discussion: """
            With --dry-run nothing is stored and nothing is sent, and it works beside a running \
            daemon: what is shown is what the next poll would find.

            Without it the poll is committed like any other. Where a daemon runs, the daemon \
            polls, and how that ended is shown; otherwise the events are delivered when one runs.
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
        try await explaining {
            let configuration = try await options.loadAll()
            if dryRun {
                try await rehearse(configuration)
            } else if SQLiteStore.owner(path: configuration.storePath) != nil {
                try await ask(configuration)
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

    /// Has the daemon poll, and shows how that ended.
    private func ask(_ configuration: Configuration) async throws {
        guard !accept, !acceptDeletes else {
            throw Problem(
                code: "owned", message: "a daemon owns the store, and polls by itself",
                place: configuration.storePath,
                hint: "pullcord quarantine accept believes what is held; or stop the daemon first")
        }
        try await PollRequest(source: source, options: options, json: json).run()
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
        let exchange = try Workplace.exchange(for: configuration)
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
                nextPoll: { stream.nextPoll(after: Workplace.time.wall(), $0.outcome) })
            sight.finish(stream.address, report, json: json, isDryRun: dryRun)
            if dryRun, !json, stream.fan.parent != nil {
                StandardOutput.writeLine(
                    "  a dry run asks for at most \(RehearsedParents.visitsMax) parents")
            }
            if !report.reason.isEmpty { failed = true }
        }
        await exchange.shutdown()
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
