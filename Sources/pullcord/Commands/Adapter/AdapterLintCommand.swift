import ArgumentParser
import Foundation
import PullcordConfig
import PullcordGuide
import PullcordJSON

struct AdapterLintCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Tell what is risky in adapters, and why.",
        discussion: """
            What `pullcord check` warns of in adapters, each with the reason and the place in the \
            guide. Errors are told too. The status is 1 if there is an error, 0 if there are only \
            warnings or nothing.
            """)

    @Argument(
        help: "Files of adapters, or folders of them.",
        completion: .file(extensions: ["yaml", "yml"]))
    var files: [String]

    @Flag(help: "Print the complaints as a JSON array.")
    var json = false

    func run() async throws {
        let report = Workplace.loader.check(files.flatMap(Self.adapters(in:)))
        if json {
            StandardOutput.writeLine(report.redact(Self.json(report)))
        } else {
            let isOn = StandardOutput.hasColours
            for diagnostic in report.diagnostics {
                StandardOutput.write(report.text(of: diagnostic, color: isOn))
                StandardOutput.write(Self.advice(diagnostic.code))
            }
            StandardOutput.writeLine(report.summary)
        }
        if report.hasErrors { throw ExitCode(1) }
    }

    /// The adapters of a folder; a file is one itself.
    private static func adapters(in path: String) -> [String] {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard attributes?[.type] as? FileAttributeType == .typeDirectory else { return [path] }
        return Workplace.loader.catalogue(folders: [path]).entries().map(\.path)
    }

    private static func advice(_ code: String) -> String {
        guard let advice = LintAdvice.of(code) else { return "\n" }
        let room = (StandardOutput.width ?? 100) - 7
        var lines: [String] = []
        for word in advice.reason.split(whereSeparator: \.isWhitespace) {
            if let last = lines.last, last.count + word.count < room {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return "  why: " + lines.joined(separator: "\n       ") + "\n  guide: \(advice.link)\n\n"
    }

    private static func json(_ report: DiagnosticReport) -> String {
        let objects = report.diagnostics.map { diagnostic in
            guard let advice = LintAdvice.of(diagnostic.code) else { return diagnostic.json }
            return diagnostic.json.dropLast()
                + #","reason":\#(JSONText.quoted(advice.reason))"#
                + #","guide":\#(JSONText.quoted(advice.link))}"#
        }
        return "[" + objects.joined(separator: ",\n ") + "]"
    }
}
