import Foundation
import Glibc
import PullcordTestSupport
import Testing

/// The real program, run the way a user runs it.
final class PullcordProcess: Sendable {
    /// The folder of products, where the tests' own binary lies too.
    static let binary = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appending(path: "pullcord")

    private let process: ChildProcess

    /// Starts `pullcord` with arguments; what it logs goes to the end of `log`.
    init(_ arguments: [String], log: URL, environment: [String: String] = [:]) throws {
        try #require(
            FileManager.default.isExecutableFile(atPath: Self.binary.path),
            "\(Self.binary.path) is not built")
        process = try ChildProcess(
            Self.binary.path, arguments,
            environment: ["PATH": "/usr/bin:/bin"].merging(environment) { $1 },
            output: .file(log.path))
    }

    var identifier: pid_t { process.identifier }

    func signal(_ signal: Int32) { process.signal(signal) }

    /// The status that it ended with; for a signal, the signal's number.
    func status() async -> Int32 { await process.status() }

    /// Runs a command to its end and returns its status and what it wrote.
    static func run(
        _ arguments: String..., environment: [String: String] = [:]
    ) async throws -> (status: Int32, text: String) {
        try await run(arguments, environment: environment)
    }

    static func run(
        _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> (status: Int32, text: String) {
        let log = FileManager.default.temporaryDirectory.appending(
            path: "pullcord-\(UUID().uuidString).out")
        defer { try? FileManager.default.removeItem(at: log) }
        let process = try PullcordProcess(arguments, log: log, environment: environment)
        let status = await process.status()
        let text = FileManager.default.contents(atPath: log.path) ?? Data()
        return (status, String(decoding: text, as: UTF8.self))
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
