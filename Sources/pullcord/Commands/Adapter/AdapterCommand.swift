import ArgumentParser

/// What those who write adapters work with.
struct AdapterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adapter",
        abstract: "Write, try and test adapters.",
        subcommands: [
            AdapterNewCommand.self,
            AdapterTryCommand.self,
            AdapterLintCommand.self,
            AdapterExplainCommand.self,
            AdapterShowCommand.self,
            AdapterPackCommand.self,
            AdapterTestCommand.self,
            AdapterRecordCommand.self,
        ])
}
