import ArgumentParser

struct EnableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Start a subscription again that its receiver or an operator has stopped.",
        discussion: """
            A receiver stops its subscription by answering 410. Its events are kept; what waits is \
            delivered from here on. Works beside a running daemon or without one.
            """)

    @Argument(help: "The subscription's name.")
    var subscription: String

    @Flag(help: "Send what is dead again as well.")
    var replayMissed = false

    @OptionGroup var options: ConfigOption

    func run() async throws {
        try await explaining {
            var arguments = ["name": subscription]
            if replayMissed { arguments["replay_missed"] = "yes" }
            StandardOutput.writeLine(
                try await OperatorChannel(options).perform("enable", arguments))
        }
    }
}

struct DisableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Stop a subscription; its events are kept.")

    @Argument(help: "The subscription's name.")
    var subscription: String

    @Option(help: "Why, for status.")
    var reason: String?

    @OptionGroup var options: ConfigOption

    func run() async throws {
        try await explaining {
            var arguments = ["name": subscription]
            arguments["reason"] = reason
            StandardOutput.writeLine(
                try await OperatorChannel(options).perform("disable", arguments))
        }
    }
}

struct PurgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Delete what a subscription or source left behind that is no longer in the file.",
        discussion: """
            Of a subscription: its deliveries that wait or are dead. Of a source: its cursors, \
            fingerprints, events and their deliveries.
            """)

    @Argument(help: "The name of the subscription or source.")
    var name: String

    @OptionGroup var options: ConfigOption

    func run() async throws {
        try await explaining {
            StandardOutput.writeLine(
                try await OperatorChannel(options).perform("purge", ["name": name]))
        }
    }
}
