import Foundation
import PullcordAuthoring
import PullcordConfig
import PullcordEngine
import Testing

/// Runs test files that a test writes, with real files below a folder of its own.
final class Bench: Sendable {
    let folder: String

    /// `files` are written by their paths below the folder.
    init(_ files: [String: String] = [:]) throws {
        folder = "\(FileManager.default.temporaryDirectory.path)/authoring-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: "\(folder)/stores", withIntermediateDirectories: true)
        for (path, text) in files { try write(text, to: path) }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func write(_ text: String, to path: String) throws {
        let url = URL(filePath: "\(folder)/\(path)")
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: url, atomically: true, encoding: .utf8)
    }

    func text(of path: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
    }

    static let files = FileAccess(
        read: { path in
            FileManager.default.contents(atPath: path).map { .bytes(Array($0)) } ?? .missing
        },
        list: { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] })

    static let reader = TestReader(checkers: .native, files: files)

    var run: TestRun {
        TestRun(
            reader: Self.reader,
            runner: CaseRunner(folder: "\(folder)/stores") { path in
                try? FileManager.default.removeItem(atPath: path)
            }, atOnce: 4)
    }

    /// Runs one file below the folder.
    func outcome(_ path: String) async throws -> FileOutcome {
        try #require(await run.run(["\(folder)/\(path)"]).first)
    }
}

extension FileOutcome {
    /// Everything that is wrong, for the message of an expectation.
    var account: String {
        let failures = cases.flatMap { test in
            test.failures.map { failure in
                ([test.name, failure.headline] + failure.details).joined(separator: "\n")
            }
        }
        return (report.map { [$0.text()] } ?? failures).joined(separator: "\n")
    }
}
