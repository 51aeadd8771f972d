import ArgumentParser
import Foundation
import PullcordCommit
import PullcordConfig
import PullcordModel
import PullcordSQLiteStore

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "List every mistake in bridge files and adapters.",
        discussion: """
            Without a name it checks pullcord.yaml.

            Each mistake comes with file:line:column, the key, what was found, what is allowed \
            and the nearest known key. A bridge file is checked with all adapters that it names. \
            The status is 1 if there is an error, 0 if there are only warnings or nothing.

            Values that come from the environment and from secret files are checked too, unless \
            --offline says that they are not here.
            """)

    @Argument(help: "Bridge files and adapters.", completion: .file(extensions: ["yaml", "yml"]))
    var named: [String] = []

    @Option(
        name: [.short, .long], help: "A bridge file, as the other commands take it.",
        completion: .file(extensions: ["yaml"]))
    var config: String?

    @Flag(help: "Leave the environment and secret files alone.")
    var offline = false

    @Flag(help: "Print the complaints as a JSON array.")
    var json = false

    private var files: [String] {
        let all = (config.map { [$0] } ?? []) + named
        return all.isEmpty ? ["pullcord.yaml"] : all
    }

    func run() async throws {
        let environment = offline ? nil : ProcessInfo.processInfo.environment
        let report = Workplace.loader.check(files, environment: environment)
        if json {
            StandardOutput.write(report.json)
        } else {
            if !report.diagnostics.isEmpty {
                StandardOutput.writeLine(report.text(color: StandardOutput.hasColours))
            }
            StandardOutput.writeLine(report.summary)
            for file in files { try await explaining { try await noteRemoved(file) } }
        }
        if report.hasErrors { throw ExitCode(1) }
    }

    /// Tells what the store holds of subscriptions that the file names no longer.
    private func noteRemoved(_ file: String) async throws {
        guard let names = Workplace.loader.names(in: file),
            FileManager.default.fileExists(atPath: names.store),
            let reader = try? SQLiteReader.open(path: names.store)
        else { return }
        for summary in try await reader.subscriptions()
        where !names.subscriptions.contains(summary.name) && summary.backlog + summary.dead > 0 {
            StandardOutput.writeLine(
                "note: \(summary.name) is not in \(file); its \(summary.backlog) deliveries wait, "
                    + "\(summary.dead) are dead\n  hint: pullcord purge \(summary.name) deletes them"
            )
        }
    }
}
