import ArgumentParser
import PullcordAdapter

/// A word that stands where the name of a command is expected, and is none.
struct UnknownCommand {
    private let word: String
    /// The names before it.
    private let path: [String]
    private let names: [String]

    /// nil if every word down to the last command is known.
    init?(in arguments: [String]) {
        var command: any ParsableCommand.Type = Pullcord.self
        var path = [Pullcord.configuration.commandName ?? ""]
        for argument in arguments {
            let subcommands = command.configuration.subcommands
            guard !subcommands.isEmpty, !argument.hasPrefix("-"), argument != "help",
                command.configuration.defaultSubcommand == nil
            else { return nil }
            guard let next = subcommands.first(where: { Self.names($0).contains(argument) }) else {
                word = argument
                self.path = path
                names = subcommands.flatMap(Self.names)
                return
            }
            command = next
            path.append(argument)
        }
        return nil
    }

    private static func names(_ command: any ParsableCommand.Type) -> [String] {
        [command._commandName] + command.configuration.aliases
    }

    /// As the other wrong calls are answered.
    var text: String {
        let call = path.joined(separator: " ")
        let near = Suggestion.nearest(to: word, among: names)
        return "Error: there is no command `\(word)`"
            + (near.map { "; did you mean `\(call) \($0)`?" } ?? "")
            + "\nUsage: \(call) <subcommand>\n  See '\(call) --help' for more information."
    }
}
