import ArgumentParser
import Foundation
import PullcordAPI
import PullcordAdapter
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordSQLiteStore
import PullcordTransfer

/// The option that all commands share which work on a bridge file.
struct ConfigOption: ParsableArguments {
    @Option(
        name: [.short, .long], help: "The bridge file.", completion: .file(extensions: ["yaml"]))
    var config = "pullcord.yaml"

    /// Reads the bridge file and all it names; complains about everything that is wrong with it
    /// and ends with status 1.
    func load(watched: WatchedFiles = WatchedFiles()) throws -> Configuration {
        let environment = ProcessInfo.processInfo.environment
        let loader = Workplace.loader(over: watched.beginning(over: Workplace.files))
        switch loader.load(config, environment: environment) {
        case .success(let configuration):
            Workplace.show(configuration.warnings)
            return configuration
        case .failure(let report):
            Workplace.show(report)
            throw ExitCode(1)
        }
    }

    /// The path of the store alone, for commands that only look: they work without the secrets
    /// that the rest of the file needs.
    func reader() throws -> any StoreReader { try SQLiteReader.open(path: try storePath()) }

    func recordReader() throws -> any RecordReader {
        try SQLiteReader.open(path: try storePath())
    }

    func storePath() throws -> String {
        switch Workplace.loader.storePath(of: config) {
        case .success(let path): return path
        case .failure(let report):
            Workplace.show(report)
            throw ExitCode(1)
        }
    }
}

/// What connects the rooms that a command needs.
enum Workplace {
    static let time: any TimeSource = SystemTime()

    static var loader: Loader { loader(over: files) }

    static let files = FileAccess.machine

    /// The same with what is in the archives that a configuration names at the moment.
    static func files(of configuration: @escaping @Sendable () -> Configuration) -> FileAccess {
        FileAccess(
            read: { configuration().packs.over(files).read($0) },
            list: { configuration().packs.over(files).list($0) })
    }

    static func loader(over files: FileAccess) -> Loader {
        Loader(checkers: .native, files: files, now: time.wall())
    }

    /// Reads a bridge file and all it names anew, and remembers in `watched` what it read.
    ///
    /// Throws ``Problem`` with every complaint if something is wrong.
    static func load(_ path: String, watched: WatchedFiles) throws -> Configuration {
        let loader = loader(over: watched.beginning(over: files))
        switch loader.load(path, environment: ProcessInfo.processInfo.environment) {
        case .success(let configuration):
            show(configuration.warnings)
            return configuration
        case .failure(let report):
            throw Problem(
                code: "configuration_refused", message: report.text(color: false), place: path)
        }
    }

    /// What requests go through, as the bridge file says; to be shut down.
    static func exchange(for configuration: Configuration) throws -> ConfiguredExchange {
        try ConfiguredExchange(
            configuration, environment: ProcessInfo.processInfo.environment,
            userAgent: "Pullcord/\(Pullcord.version)")
    }

    /// The address policy of a bridge file, or the one without any; the rest of the file may be
    /// wrong, and its secrets may be missing.
    static func network(of path: String?) throws -> (policy: AddressPolicy, isProxied: Bool) {
        guard let path else { return (AddressPolicy(), false) }
        switch loader.network(of: path) {
        case .success(let network):
            let allow = network.allow.compactMap { try? AllowEntry(parsing: $0) }
            return (AddressPolicy(allow: allow), network.isProxied)
        case .failure(let report):
            show(report)
            throw ExitCode(1)
        }
    }

    static func show(_ report: DiagnosticReport) {
        guard !report.diagnostics.isEmpty else { return }
        StandardError.writeLine(report.text(color: StandardError.hasColours))
    }
}

/// Runs a command's work and shows what went wrong as a person would want to read it; then it ends
/// with the status that is right for the error.
func explaining<Result>(
    status: (any Error) -> Int32 = { _ in 1 }, _ work: () async throws -> Result
) async throws -> Result {
    do {
        return try await work()
    } catch {
        switch error {
        case let error as StoreError: StandardError.writeLine("error: \(error)")
        case let error as Problem: StandardError.writeLine("error: \(error)")
        case let error as APIError: StandardError.writeLine("error: \(error)")
        case let error as DefinitionRefusal: StandardError.writeLine("error: \(error.told)")
        case let report as DiagnosticReport: Workplace.show(report)
        case let error as OperatorChannel.Refusal: StandardError.writeLine("error: \(error.text)")
        case is ExitCode: throw error
        default:
            guard status(error) != 1 else { throw error }
            StandardError.writeLine("error: \(error)")
        }
        throw ExitCode(status(error))
    }
}
