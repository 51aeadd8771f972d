import ArgumentParser
import PullcordCommit
import PullcordJSON
import PullcordModel
import PullcordSQLiteStore

struct QuarantineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "Show what polls found and did not believe, and decide about it.",
        discussion: """
            A stream is quarantined when too many of its records are gone or changed at once, or \
            when what its API sends cannot be read. Nothing of such a finding is stored or sent. \
            It heals by itself when a later poll finds what can be believed.
            """,
        subcommands: [
            QuarantineList.self, QuarantineShow.self, QuarantineAccept.self,
            QuarantineReject.self,
        ],
        defaultSubcommand: QuarantineList.self)
}

struct QuarantineList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the quarantined streams.")

    @OptionGroup var options: ConfigOption

    @Flag(help: "Print one JSON object per line.")
    var json = false

    func run() async throws {
        try await explaining {
            let found = try await options.reader().quarantines()
            if json {
                for quarantine in found { StandardOutput.writeLine(quarantine.line) }
                return
            }
            guard !found.isEmpty else {
                return StandardOutput.writeLine("nothing is quarantined")
            }
            let now = Workplace.time.wall()
            var table = Table("STREAM", "REASON", "SINCE", "POLLS", "RECORDS", "DECISION")
            for quarantine in found {
                table.add(
                    quarantine.address.description, quarantine.finding.reason.text,
                    Shown.relative(quarantine.since, now: now), String(quarantine.polls),
                    quarantine.shownCounts, quarantine.decision.shown)
            }
            let palette = Palette(isOn: StandardOutput.hasColours)
            for line in table.lines(width: StandardOutput.width, palette: palette) {
                StandardOutput.writeLine(line)
            }
        }
    }
}

struct QuarantineShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what was found, and what can be done about it.")

    @Argument(help: "SOURCE/STREAM.")
    var stream: String

    @OptionGroup var options: ConfigOption

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        try await explaining {
            let quarantine = try await QuarantineLookup(stream: stream)
                .find(in: try options.reader())
            if json {
                StandardOutput.writeLine(quarantine.line)
            } else {
                show(quarantine, Palette(isOn: StandardOutput.hasColours))
            }
        }
    }

    private func show(_ quarantine: Quarantine, _ palette: Palette) {
        let now = Workplace.time.wall()
        let finding = quarantine.finding
        let write = { (text: String) in StandardOutput.writeLine(text) }
        write(palette.bold("\(quarantine.address): \(finding.reason)"))
        write(finding.message)
        write(
            palette.dim(
                "since \(Shown.time(quarantine.since, now: now)), found by "
                    + "\(quarantine.polls) polls, last \(Shown.relative(quarantine.lastSeen, now: now))"
                    + ", decision: \(quarantine.decision.shown)"))
        for record in finding.sample {
            write("")
            let before = record.before.map { "v\(record.version) \($0)" } ?? "unknown"
            let after = record.after.map(\.description) ?? "gone"
            write("\(record.key): \(before) → \(after)")
            if let previous = record.previous { write(palette.red("- " + oneLine(previous))) }
            if let text = record.record { write(palette.green("+ " + oneLine(text))) }
        }
        if finding.affected > finding.sample.count, !finding.sample.isEmpty {
            write(palette.dim("… and \(finding.affected - finding.sample.count) more"))
        }
        if let excerpt = finding.excerpt { write("\n" + excerpt) }
        write("\n" + advice(quarantine))
    }

    private func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    private func advice(_ quarantine: Quarantine) -> String {
        let address = quarantine.address
        guard quarantine.finding.reason.isDecidable else {
            return "what cannot be read cannot be accepted: mend the API or the adapter; it "
                + "heals with the next poll that can be read"
        }
        return """
            pullcord quarantine accept \(address)   it is true: the next poll that finds it believes it
            pullcord quarantine reject \(address)   what is stored stays right
            """
    }
}

struct QuarantineAccept: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept",
        abstract: "Say that a finding is true: the next poll that finds the same believes it.",
        discussion: """
            The same is a finding of the same reason, not larger by more than a tenth.
            """)

    @Argument(help: "SOURCE/STREAM.")
    var stream: String

    @OptionGroup var options: ConfigOption

    func run() async throws {
        try await QuarantineLookup(stream: stream).decide(.accepted, options)
    }
}

struct QuarantineReject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject",
        abstract: "Say that a finding is false: what is stored stays right.",
        discussion: """
            It is not told again until it heals or has another reason.
            """)

    @Argument(help: "SOURCE/STREAM.")
    var stream: String

    @OptionGroup var options: ConfigOption

    func run() async throws {
        try await QuarantineLookup(stream: stream).decide(.rejected, options)
    }
}
