import ArgumentParser
import Foundation
import PullcordAuthoring
import PullcordModel

/// What `pullcord adapter test --update` does with the polls that came out differently.
struct AdapterTestUpdate {
    let isAgreed: Bool
    private let palette = Palette(isOn: StandardOutput.hasColours)

    init(isAgreed: Bool) { self.isAgreed = isAgreed }

    /// Shows what would be written into each file, asks, and writes it.
    ///
    /// Returns the files that were written. Throws ``Problem`` where nobody can be asked.
    func carryOut(_ outcomes: [FileOutcome]) throws -> [String] {
        let wrong = outcomes.filter { !$0.isGood && $0.report == nil }
        guard !wrong.isEmpty else { return [] }
        guard isAgreed || isatty(STDIN_FILENO) == 1 else {
            throw Problem(
                code: "no_terminal", message: "there is no terminal to ask on",
                hint: "--yes writes without asking; pullcord adapter test shows what differs")
        }
        return try wrong.filter { try update($0) }.map(\.path)
    }

    private func update(_ outcome: FileOutcome) throws -> Bool {
        let url = URL(filePath: outcome.path)
        let bytes = try Data(contentsOf: url)
        guard var rewriter = ExpectationRewriter(Array(bytes), path: outcome.path) else {
            return false
        }
        rewriter.take(outcome)
        for refusal in rewriter.refusals {
            StandardOutput.writeLine(
                "\(refusal.place.file):\(refusal.place.line): \(refusal.reason)")
        }
        guard !rewriter.edits.isEmpty else { return false }
        for edit in rewriter.edits {
            StandardOutput.writeLine(palette.bold("\(outcome.path):\(edit.line)"))
            for line in edit.removed { StandardOutput.writeLine(palette.red("- \(line)")) }
            for line in edit.added { StandardOutput.writeLine(palette.green("+ \(line)")) }
        }
        guard isAgreed || asks("Write this into \(outcome.path)? [y/N] ") else { return false }
        try Data(rewriter.text.utf8).write(to: url, options: .atomic)
        return true
    }

    private func asks(_ question: String) -> Bool {
        StandardOutput.write(question)
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }
}
