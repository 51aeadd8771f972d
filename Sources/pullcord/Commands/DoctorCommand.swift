import ArgumentParser
import PullcordAPI
import PullcordConfig
import PullcordEngine
import PullcordJSON
import PullcordModel

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look for what will make trouble: files, store, clock, names, certificates.",
        discussion: """
            One line for each thing: ok, warn or fail, and what to do about it. It works beside a \
            running daemon and changes nothing. The status is 0 if nothing fails, 1 otherwise; \
            run it as the user that the daemon runs as.
            """)

    @Flag(help: "Leave out what needs the network: names, and the clock beside the APIs'.")
    var offline = false

    @Flag(help: "Leave out reading the whole store.")
    var quick = false

    @Flag(help: "Print one JSON object per line.")
    var json = false

    @OptionGroup var options: ConfigOption

    func run() async throws {
        var findings: [Finding] = []
        let watched = WatchedFiles()
        let loader = Workplace.loader(over: watched.beginning(over: Workplace.files))
        let loaded = loader.load(options.config, environment: Environment.all)
        switch loaded {
        case .success(let configuration):
            findings += Checkup.files(configuration, options.config, watched.paths)
            findings += await Checkup.store(configuration.storePath, readsAll: !quick)
            findings += await Checkup.definitions(configuration, options.config)
            findings += Checkup.certificates(configuration)
            findings.append(Checkup.openFiles())
            if !offline { findings += await Checkup.network(configuration) }
        case .failure(let report):
            findings += report.diagnostics.map { diagnostic in
                Finding(
                    .fail, "configuration", "\(diagnostic.place): \(diagnostic.message)",
                    diagnostic.hint)
            }
            findings.append(Checkup.openFiles())
        }
        findings.forEach(show)
        if findings.contains(where: { $0.level == .fail }) { throw ExitCode(1) }
    }

    private func show(_ finding: Finding) {
        guard !json else {
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("level", finding.level.rawValue)
            writer.member("subject", finding.subject)
            writer.member("message", finding.message)
            writer.member("hint", finding.hint.isEmpty ? nil : finding.hint)
            writer.endObject()
            return StandardOutput.writeLine(OneLine.json(writer.bytes))
        }
        let palette = Palette(isOn: StandardOutput.hasColours)
        let level =
            switch finding.level {
            case .ok: palette.green("ok  ")
            case .warn: palette.yellow("warn")
            case .fail: palette.red("fail")
            }
        StandardOutput.writeLine("\(level)  \(finding.subject): \(finding.message)")
        if !finding.hint.isEmpty {
            StandardOutput.writeLine(palette.dim("      hint: \(finding.hint)"))
        }
    }
}

/// One thing that the doctor looked at.
struct Finding: Equatable {
    enum Level: String {
        case ok, warn, fail
    }

    let level: Level
    let subject: String
    let message: String
    let hint: String

    init(_ level: Level, _ subject: String, _ message: String, _ hint: String = "") {
        self.level = level
        self.subject = subject
        self.message = message
        self.hint = hint
    }
}
