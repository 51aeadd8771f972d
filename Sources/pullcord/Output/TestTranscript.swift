import PullcordAuthoring
import PullcordConfig
import PullcordModel

/// What `pullcord adapter test` shows.
struct TestTranscript: Sendable {
    let showsExchanges: Bool
    private let palette = Palette(isOn: StandardOutput.hasColours)

    /// A line for the file, and an account of all that failed.
    func text(of file: FileOutcome) -> String {
        if let report = file.report {
            let head = "\(palette.red("✗")) \(file.path)  \(report.summary)"
            return head + "\n" + report.text(color: palette.isOn)
        }
        let passed = file.cases.count - file.failed
        let sign = file.isGood ? palette.green("✓") : palette.red("✗")
        var head = "\(sign) \(file.path)  \(passed) passed"
        if file.failed > 0 { head += ", \(palette.red("\(file.failed) failed"))" }
        let time = file.cases.reduce(Duration.zero) { $0 + $1.duration }
        var lines = [head + palette.dim("  \(Shown.span(time))")]
        for test in file.cases where showsExchanges || !test.failures.isEmpty {
            lines += self.lines(of: test)
        }
        return lines.joined(separator: "\n")
    }

    private func lines(of test: CaseOutcome) -> [String] {
        let sign = test.failures.isEmpty ? palette.green("✓") : palette.red("✗")
        var lines = ["  \(sign) \(palette.bold(test.name))"]
        if showsExchanges {
            for (index, poll) in test.polls.enumerated() {
                lines.append(palette.dim("    poll \(index + 1)"))
                lines += poll.sights.map { "      \(line(of: $0))" }
                lines += poll.events.map { "        \($0.type)  \($0.key)" }
            }
        }
        for failure in test.failures {
            lines.append("    \(failure.headline)")
            lines += failure.details.map { "      \($0)" }
        }
        return lines
    }

    private func line(of sight: SightLine) -> String {
        switch sight.kind {
        case .request: "→ \(palette.bold(sight.text))"
        case .header: palette.dim("    \(sight.text)")
        case .answer: "← \(sight.text)"
        case .ruling: palette.dim("    \(sight.text)")
        case .end: sight.text
        }
    }

    /// As in `37 cases in 6 files, 2 failed, 310ms`.
    static func summary(_ files: [FileOutcome]) -> String {
        let cases = files.flatMap(\.cases)
        let time = cases.reduce(Duration.zero) { $0 + $1.duration }
        let failed = cases.count { !$0.failures.isEmpty }
        let broken = files.count { $0.report != nil }
        var text =
            "\(cases.count) \(cases.count == 1 ? "case" : "cases") in "
            + "\(files.count) \(files.count == 1 ? "file" : "files")"
        if failed > 0 { text += ", \(failed) failed" }
        if broken > 0 { text += ", \(broken) \(broken == 1 ? "file is" : "files are") wrong" }
        return text + ", \(Shown.span(time))"
    }
}
