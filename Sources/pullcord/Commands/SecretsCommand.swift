import ArgumentParser
import PullcordModel
import PullcordSigning

struct SecretsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secrets",
        abstract: "Make and change the keys that secrets in the store are sealed with.",
        discussion: """
            The bridge file says where the keys are: secrets: { key_file: /etc/pullcord/key }, one \
            key a line, or secrets: { key: "${env.NAME}" }. The first seals, all of them open. To \
            change the key, put a new one before the old one, reload, run pullcord secrets rotate, \
            and take the old one away.
            """,
        subcommands: [SecretsKey.self, SecretsRotate.self])
}

struct SecretsKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Print a new key: plk_ and 32 random bytes as base64.")

    func run() { StandardOutput.writeLine(SealingKeys.generate().expose()) }
}

struct SecretsRotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Seal all secrets of the store with the first key.")

    @OptionGroup var options: ConfigOption

    func run() async throws {
        try await explaining {
            StandardOutput.writeLine(
                try await OperatorChannel(options).perform("secrets.rotate", [:]))
        }
    }
}
