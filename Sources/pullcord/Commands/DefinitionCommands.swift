import ArgumentParser
import Foundation
import PullcordConfig
import PullcordEngine
import PullcordJSON
import PullcordModel

/// What a command about definitions is about.
protocol DefinedKind {
    static var kind: DefinitionKind { get }
}

enum SourceKind: DefinedKind { static let kind = DefinitionKind.source }
enum SubscriptionKind: DefinedKind { static let kind = DefinitionKind.subscription }

struct SourceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "source",
        abstract: "Show the sources, and make, replace and delete those that the store keeps.",
        discussion: """
            Sources stand in the bridge file or are kept in the store; both run alike. A secret in \
            the store is sealed with the key of the bridge file (secrets) and never shown.
            """,
        subcommands: [
            DefinitionList<SourceKind>.self, DefinitionShow<SourceKind>.self,
            DefinitionCreate<SourceKind>.self, DefinitionDelete<SourceKind>.self,
            DefinitionExport<SourceKind>.self,
        ],
        defaultSubcommand: DefinitionList<SourceKind>.self)
}

struct SubscriptionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscription",
        abstract:
            "Show the subscriptions, try them out, and make, replace and delete those of the store.",
        discussion: """
            Subscriptions stand in the bridge file or are kept in the store; both run alike. A \
            secret in the store is sealed with the key of the bridge file (secrets) and never shown.
            """,
        subcommands: [
            DefinitionList<SubscriptionKind>.self, DefinitionShow<SubscriptionKind>.self,
            DefinitionCreate<SubscriptionKind>.self, DefinitionDelete<SubscriptionKind>.self,
            DefinitionExport<SubscriptionKind>.self, SubscriptionRotate.self,
            SubscriptionTest.self,
        ],
        defaultSubcommand: DefinitionList<SubscriptionKind>.self)
}

struct DefinitionCreate<Kind: DefinedKind>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "create", abstract: "Keep a \(Kind.kind) in the store.",
            discussion: """
                The file holds what would stand in the bridge file, as YAML or JSON; a list makes \
                several. Secrets stand in it as they are: no ${env.…} and no ${file:…}. \
                {"sealed": true} keeps the secret that is stored.
                """)
    }

    @Option(name: [.short, .long], help: "The file; - reads standard input.")
    var file: String

    @Argument(help: "The name, unless the file says it.")
    var name: String?

    @Flag(help: "Replace one that is there.")
    var replace = false

    @Option(help: "Replace only this version.")
    var version: Int64?

    @OptionGroup var options: ConfigOption

    func run() async throws {
        try await explaining {
            let channel = try OperatorChannel(options, makes: true)
            let sealer = try Workplace.sealer(options.config)
            let loader = Workplace.loader(over: Workplace.filesAndStandardInput)
            for value in try loader.values(of: file).get() {
                let name = try name(of: value)
                let text = String(decoding: value.serialized, as: UTF8.self)
                let action = "\(Kind.kind).put"
                var arguments = ["name": name]
                arguments["definition"] = try sealer.sealArgument(
                    Secret(text), of: action, name)
                if let version {
                    arguments["expect"] = String(version)
                } else if !replace {
                    arguments["expect"] = "absent"
                }
                StandardOutput.writeLine(try await channel.perform(action, arguments))
            }
        }
    }

    private func name(of value: JSONValue) throws(Problem) -> String {
        if let name { return name }
        guard case .string(let name)? = value["name"] else {
            throw Problem(
                code: "name_missing", message: "the \(Kind.kind) has no name", place: file,
                hint: "write `name`, or give the name behind the file")
        }
        return name
    }
}

struct DefinitionDelete<Kind: DefinedKind>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "delete", abstract: "Delete a \(Kind.kind) of the store.",
            discussion: "What it left behind stays until pullcord purge.")
    }

    @Argument(help: "The name.")
    var name: String

    @OptionGroup var options: ConfigOption

    func run() async throws {
        try await explaining {
            StandardOutput.writeLine(
                try await OperatorChannel(options).perform("\(Kind.kind).delete", ["name": name]))
        }
    }
}

struct SubscriptionRotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Give a subscription of the store a new secret, and print it.",
        discussion: "The old secrets go on signing beside it until the overlap has passed.")

    @Argument(help: "The subscription's name.")
    var name: String

    @Option(help: "How many hours the old secrets go on.")
    var hours = 24

    @OptionGroup var options: ConfigOption

    func validate() throws {
        guard (0...8784).contains(hours) else {
            throw ValidationError("--hours takes 0 to 8784.")
        }
    }

    func run() async throws {
        try await explaining {
            let secret = StoreBook.newSecret()
            let sealed = try Workplace.sealer(options.config)
                .sealArgument(secret, of: "subscription.rotate", name)
            StandardError.writeLine(
                try await OperatorChannel(options).perform(
                    "subscription.rotate",
                    ["name": name, "secret": sealed, "overlap": String(hours * 3600)]))
            StandardOutput.writeLine(secret.expose())
        }
    }
}

struct SubscriptionTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Have the running daemon send a signed event pullcord.test to a subscription.")

    @Argument(help: "The subscription's name.")
    var name: String

    @OptionGroup var options: ConfigOption

    func run() async throws {
        try await explaining {
            StandardOutput.writeLine(
                try await OperatorChannel(options).perform("subscription.test", ["name": name]))
        }
    }
}
