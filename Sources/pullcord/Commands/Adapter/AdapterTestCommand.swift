import ArgumentParser
import Foundation
import PullcordAuthoring
import PullcordConfig
import PullcordEngine
import PullcordModel
import UnixSignals

struct AdapterTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract:
            "Run the offline tests of adapters: series of polls with what is to come of them.",
        discussion: """
            A test file stands in a folder `tests` beside the adapter, or beside it as \
            NAME.test.yaml. Each case begins with nothing known, and polls as the daemon does: \
            the exchanges that the file holds take the place of the network, its times that of \
            the clock, so that a case takes milliseconds.

            The status is 1 if a case fails, or if a file or an adapter is wrong.
            """)

    @Argument(
        help: "Test files, adapters, and folders that hold tests, however deep.",
        completion: .file())
    var paths: [String] = ["adapters"]

    @Option(help: "Only cases whose name, or whose file's path, holds this.")
    var filter: String?

    @Option(help: "Write the outcome as JUnit XML into this file.", completion: .file())
    var junit: String?

    @Flag(help: "Show each request and answer.")
    var show = false

    @Flag(
        help: "Write what came out of failed polls in the place of what was expected, after a look."
    )
    var update = false

    @Flag(help: "Do not ask before that.")
    var yes = false

    @Flag(help: "Print one JSON object per file.")
    var json = false

    func validate() throws {
        if json, update { throw ValidationError("--update shows what it does, as --json does not") }
        if yes, !update { throw ValidationError("--yes goes with --update") }
    }

    func run() async throws {
        var outcomes: [FileOutcome] = try await explaining { try await runAll(paths) }
        if update {
            let written = try await explaining {
                try AdapterTestUpdate(isAgreed: yes).carryOut(outcomes)
            }
            if !written.isEmpty {
                let again = try await explaining { try await runAll(written) }
                outcomes = outcomes.map { old in again.first { $0.path == old.path } ?? old }
            }
        }
        if let junit { try await explaining { try write(outcomes, to: junit) } }
        if !json { StandardOutput.writeLine(TestTranscript.summary(outcomes)) }
        guard outcomes.allSatisfy(\.isGood) else { throw ExitCode(1) }
        guard !outcomes.isEmpty else {
            StandardError.writeLine(
                "error: there is no test\(filter.map { " that holds `\($0)`" } ?? "")")
            throw ExitCode(1)
        }
    }

    private func runAll(_ paths: [String]) async throws -> [FileOutcome] {
        let files = try TestDiscovery.files(in: paths)
        let transcript = TestTranscript(showsExchanges: show)
        let json = json
        return try await TestBench.using { bench in
            await bench.run.run(files, filter: filter) { outcome in
                StandardOutput.writeLine(
                    json
                        ? String(decoding: outcome.json, as: UTF8.self)
                        : transcript.text(of: outcome))
            }
        }
    }

    private func write(_ outcomes: [FileOutcome], to path: String) throws {
        do {
            try Data(JUnitReport.xml(outcomes).utf8).write(to: URL(filePath: path))
        } catch {
            throw Problem(
                code: "file_unwritable", message: "the file cannot be written", place: path,
                hint: (error as NSError).localizedFailureReason ?? "")
        }
    }
}

/// Where cases are run: a folder of this process for their stores, in memory where there is one.
struct TestBench {
    let folder: String
    let run: TestRun

    /// Makes one, and takes its folder away when the work is done, or the process is told to end.
    static func using<Result: Sendable>(
        _ work: (TestBench) async throws -> Result
    ) async throws -> Result {
        let bench = try TestBench()
        defer { bench.remove() }
        let trapped: [UnixSignal] = [.sigint, .sigterm, .sighup]
        let signals = await UnixSignalsSequence(trapping: trapped)
        // Nobody hears them afterwards, as where a question waits for its answer.
        defer { for number in trapped.map(\.rawValue) { _ = signal(number, SIG_DFL) } }
        return try await withThrowingTaskGroup { group in
            group.addTask {
                for await signal in signals {
                    bench.remove()
                    // As a shell tells of a program that a signal has ended.
                    exit(128 + signal.rawValue)
                }
            }
            defer { group.cancelAll() }
            return try await work(bench)
        }
    }

    private init() throws {
        let memory = "/dev/shm"
        let parent =
            FileManager.default.isWritableFile(atPath: memory)
            ? memory : FileManager.default.temporaryDirectory.path
        folder = "\(parent)/pullcord-test-\(getpid())-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
        run = TestRun(
            reader: TestReader(checkers: .native, files: Workplace.files),
            runner: CaseRunner(folder: folder) { path in
                try? FileManager.default.removeItem(atPath: path)
            },
            atOnce: ProcessInfo.processInfo.activeProcessorCount)
    }

    /// Runs a text as if it were the file at a path.
    func outcome(of text: String, at path: String) async -> FileOutcome {
        let files = FileAccess(
            read: { $0 == path ? .bytes(Array(text.utf8)) : Workplace.files.read($0) },
            list: Workplace.files.list)
        return await run.with(TestReader(checkers: .native, files: files)).run(path)
    }

    private func remove() { try? FileManager.default.removeItem(atPath: folder) }
}
