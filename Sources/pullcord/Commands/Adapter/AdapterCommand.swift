import ArgumentParser

/// What those who write adapters work with.
struct AdapterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adapter",
        abstract: "Write, try and test adapters.",
        subcommands: [
            AdapterShowCommand.self,
            AdapterTestCommand.self,
        ])
}
