import ArgumentParser
import PullcordEngine
import PullcordModel

struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have the running daemon read its files anew.",
        discussion: """
            All or nothing: if there is a mistake in the bridge file, an adapter or a secret, the \
            daemon goes on as it was, and the mistake is shown with its place. Sources and \
            subscriptions that are the same do not notice. Editing the files is enough most \
            often: the daemon looks at them every second.
            """)

    @OptionGroup var options: ConfigOption

    func run() async throws {
        try await explaining {
            StandardOutput.writeLine(try await OperatorChannel(options).perform("reload", [:]))
        }
    }
}

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Poll a source no more until it is resumed.",
        discussion: "A poll under way comes to its end. It stays paused through restarts.")

    @Argument(help: "The source's name.")
    var source: String

    @OptionGroup var options: ConfigOption

    func run() async throws {
        try await explaining {
            StandardOutput.writeLine(
                try await OperatorChannel(options).perform("pause", ["source": source]))
        }
    }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Poll a paused source again.")

    @Argument(help: "The source's name.")
    var source: String

    @OptionGroup var options: ConfigOption

    func run() async throws {
        try await explaining {
            StandardOutput.writeLine(
                try await OperatorChannel(options).perform("resume", ["source": source]))
        }
    }
}

struct RewindCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewind",
        abstract: "Have the next poll of a stream begin at an earlier place.",
        discussion: """
            What is known stays known: of all that is read again only what differs becomes an \
            event, with the origin resync. To send events again that were delivered already, use \
            `pullcord replay`.
            """)

    @Argument(help: "A source, or SOURCE/STREAM where it has several streams.")
    var source: String

    @Option(help: "A value of the cursor as the API writes it, or a time as 2026-01-31T09:30:00Z.")
    var to: String

    @OptionGroup var options: ConfigOption

    func run() async throws {
        try await explaining {
            var arguments = StreamArgument(source).arguments
            arguments["to"] = to
            let channel = try OperatorChannel(options, loadsStreams: true)
            StandardOutput.writeLine(try await channel.perform("rewind", arguments))
        }
    }
}

struct ResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Forget where a source was, and read everything again.",
        discussion: """
            What is known stays known: only what differs becomes an event, with the origin \
            resync. With --forget what the next poll finds is taken as it is, without events, as \
            at the first poll.
            """)

    @Argument(help: "A source, or SOURCE/STREAM for one of its streams.")
    var source: String

    @Flag(help: "Take what the next poll finds as the new baseline.")
    var forget = false

    @OptionGroup var options: ConfigOption

    func run() async throws {
        try await explaining {
            var arguments = StreamArgument(source).arguments
            if forget { arguments["forget"] = "yes" }
            let channel = try OperatorChannel(options, loadsStreams: true)
            StandardOutput.writeLine(try await channel.perform("reset", arguments))
        }
    }
}

/// `SOURCE` or `SOURCE/STREAM`, as an operator's request names it.
struct StreamArgument {
    let arguments: [String: String]

    init(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        var arguments = ["source": parts.first ?? ""]
        if parts.count == 2 { arguments["stream"] = parts[1] }
        self.arguments = arguments
    }
}
