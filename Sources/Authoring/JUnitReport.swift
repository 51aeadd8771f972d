import PullcordConfig
import PullcordModel

/// The outcome of a run as JUnit XML, which build servers read: a suite for each file.
package enum JUnitReport {
    package static func xml(_ files: [FileOutcome]) -> String {
        let cases = files.flatMap(\.cases)
        let broken = files.count { $0.report != nil }
        var lines = [
            #"<?xml version="1.0" encoding="UTF-8"?>"#,
            "<testsuites\(counts(cases, broken: broken)) name=\"pullcord adapter test\">",
        ]
        for file in files {
            let isBroken = file.report != nil
            lines.append(
                "  <testsuite name=\"\(escaped(file.path))\""
                    + "\(counts(file.cases, broken: isBroken ? 1 : 0))>")
            if let report = file.report {
                let name = "the file is read"
                lines.append("    <testcase name=\"\(name)\" classname=\"\(escaped(file.path))\">")
                lines.append(
                    "      <error message=\"\(escaped(report.summary))\">"
                        + "\(escaped(report.text()))</error>")
                lines.append("    </testcase>")
            }
            for test in file.cases { lines += self.lines(of: test, in: file) }
            lines.append("  </testsuite>")
        }
        lines.append("</testsuites>")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(of test: CaseOutcome, in file: FileOutcome) -> [String] {
        let head =
            "    <testcase name=\"\(escaped(test.name))\" classname=\"\(escaped(file.path))\""
            + " time=\"\(seconds(test.duration))\" file=\"\(escaped(test.place.file))\""
            + " line=\"\(test.place.line)\""
        guard !test.failures.isEmpty else { return ["\(head)/>"] }
        let failures = test.failures.map { failure in
            let text = ([failure.headline] + failure.details).joined(separator: "\n")
            return "      <failure message=\"\(escaped(failure.headline))\">"
                + "\(escaped(text))</failure>"
        }
        return ["\(head)>"] + failures + ["    </testcase>"]
    }

    private static func counts(_ cases: [CaseOutcome], broken: Int) -> String {
        let time = cases.reduce(Duration.zero) { $0 + $1.duration }
        return " tests=\"\(cases.count + broken)\""
            + " failures=\"\(cases.count { !$0.failures.isEmpty })\" errors=\"\(broken)\""
            + " time=\"\(seconds(time))\""
    }

    private static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.wholeMilliseconds
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }

    /// As it may stand in an attribute or a text; what XML 1.0 cannot hold is left out.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += "&#10;"
            case "\t": result += "&#9;"
            default:
                guard scalar.value >= 0x20, scalar.value & 0xFFFE != 0xFFFE else { continue }
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension TestFailure {
    /// As in `poll 2: a request fits no exchange (adapters/tests/github.yaml:14)`.
    package var headline: String {
        let start = poll.map { "poll \($0): " } ?? ""
        return "\(start)\(message) (\(place.file):\(place.line))"
    }
}
