import ArgumentParser
import Foundation

/// Measures Pullcord beside peers that anyone can install, each pair in one run.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pullcord-bench",
        abstract: "Measures Pullcord beside its peers, in ratios.",
        subcommands: [
            FingerprintBench.self, PollBench.self, NotModifiedBench.self, DeliverBench.self,
            SourcesBench.self, SpoolBench.self, AutoBench.self,
        ])
}

/// Where the programs and the peers are; `make bench` puts them there.
struct Places: ParsableArguments {
    @Option(help: "The program to measure.")
    var pullcord = ".build/release/pullcord"

    @Option(help: "The folder of the peers.")
    var peers = ".build/tools/bench"

    func peer(_ name: String) -> String { "\(peers)/\(name)" }

    /// A folder of its own that is removed afterwards.
    static func withFolder<Result>(
        _ body: (URL) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "pullcord-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder)
    }
}

/// Something that kept a benchmark from being run.
struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
