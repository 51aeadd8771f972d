import ArgumentParser

/// The command line: one subcommand per file in `Commands`.
@main
struct Pullcord: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "pullcord",
        abstract: "Turns any REST API that can only be polled into signed webhooks.",
        discussion: """
            A YAML adapter says how to read an API. A bridge file (pullcord.yaml) names sources, \
            which put adapters to work, and subscriptions, which say who wants which events. \
            Pullcord polls the sources, finds which records were created, updated or deleted, \
            and POSTs a signed webhook (Standard Webhooks 1.0.0) for each change.

            To begin:
              pullcord demo                       watch it at work
              pullcord check pullcord.yaml        every mistake at once
              pullcord poll SOURCE --dry-run      one poll that changes and sends nothing
              pullcord run                        poll and deliver until stopped
            """,
        version: version,
        groupedSubcommands: [
            CommandGroup(
                name: "Work",
                subcommands: [
                    RunCommand.self, PollCommand.self, CheckCommand.self, DoctorCommand.self,
                    BackupCommand.self,
                ]),
            CommandGroup(
                name: "Look",
                subcommands: [
                    StatusCommand.self, EventsCommand.self, DeliveriesCommand.self,
                    DiffCommand.self, ExplainCommand.self, ReplaysCommand.self,
                    AuditCommand.self, ExplainURLCommand.self,
                ]),
            CommandGroup(
                name: "Steer",
                subcommands: [
                    SourceCommand.self, SubscriptionCommand.self, SecretsCommand.self,
                    ReloadCommand.self, PauseCommand.self, ResumeCommand.self,
                    RewindCommand.self, ResetCommand.self,
                    EnableCommand.self, DisableCommand.self, ReplayCommand.self,
                    QuarantineCommand.self, PurgeCommand.self, SecretCommand.self,
                    TokenCommand.self,
                ]),
            CommandGroup(
                name: "Write adapters",
                subcommands: [
                    AdapterCommand.self,
                    AdaptersCommand.self,
                ]),
            CommandGroup(
                name: "Try out",
                subcommands: [ListenCommand.self, SchemaCommand.self, DemoCommand.self]),
        ])

    static func main() async {
        if let refusal = UnknownCommand(in: Array(CommandLine.arguments.dropFirst())) {
            StandardError.writeLine(refusal.text)
            exit(withError: ExitCode.validationFailure)
        }
        await main(nil)
    }
}
