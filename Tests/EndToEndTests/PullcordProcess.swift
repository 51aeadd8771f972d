import Foundation
import Glibc
import Synchronization
import Testing

/// The real program, run the way a user runs it.
final class PullcordProcess: Sendable {
    /// The folder of products, where the tests' own binary lies too.
    static let binary = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appending(path: "pullcord")

    private let process: Mutex<Process>
    let identifier: pid_t
    private let exit: AsyncStream<Int32>

    /// Starts `pullcord` with arguments; what it logs goes to the end of `log`.
    init(_ arguments: [String], log: URL, environment: [String: String] = [:]) throws {
        let process = Process()
        process.executableURL = try #require(
            FileManager.default.isExecutableFile(atPath: Self.binary.path) ? Self.binary : nil,
            "\(Self.binary.path) is not built")
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
        if !FileManager.default.fileExists(atPath: log.path) {
            try Data().write(to: log)
        }
        let handle = try FileHandle(forWritingTo: log)
        try handle.seekToEnd()
        process.standardError = handle
        process.standardOutput = handle
        let (exit, continuation) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            continuation.yield(process.terminationStatus)
            continuation.finish()
        }
        try process.run()
        identifier = process.processIdentifier
        self.exit = exit
        self.process = Mutex(process)
    }

    func signal(_ signal: Int32) { kill(identifier, signal) }

    /// The status that it ended with; for a signal, the signal's number.
    func status() async -> Int32 {
        for await status in exit { return status }
        return -1
    }

    /// Runs a command to its end and returns its status and what it wrote.
    static func run(
        _ arguments: String..., environment: [String: String] = [:]
    ) async throws -> (status: Int32, text: String) {
        let log = FileManager.default.temporaryDirectory.appending(
            path: "pullcord-\(UUID().uuidString).out")
        defer { try? FileManager.default.removeItem(at: log) }
        let process = try PullcordProcess(arguments, log: log, environment: environment)
        let status = await process.status()
        return (status, try String(contentsOf: log, encoding: .utf8))
    }
}

/// A folder that a test has to itself.
final class TemporaryFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(
            path: "pullcord-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ text: String, to name: String) throws -> String {
        let file = url.appending(path: name)
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }
}
