import ArgumentParser
import PullcordAPI
import PullcordCommit
import PullcordJSON
import PullcordModel

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make, list and revoke tokens of the HTTP API.",
        discussion: """
            Without any token, everybody on this machine may use the API; as soon as there is one, \
            nobody may without. The store keeps a hash only, so a token is shown once.
            """,
        subcommands: [TokenCreate.self, TokenList.self, TokenRevoke.self])
}

struct TokenCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a token and print it, this once.")

    @Argument(help: "Who has it: the audit names it.")
    var name: String

    @Option(help: "read looks, operate steers what is there, admin makes and deletes as well.")
    var scope: AccessScope = .read

    @Option(help: "For how long, as 90d, 12h or 30m; for ever unless given.")
    var expires: TokenAge?

    @OptionGroup var options: ConfigOption

    func validate() throws {
        let isName =
            !name.isEmpty && name.utf8.count <= 64
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
                default: false
                }
            }
        guard isName else {
            throw ValidationError("a name has 1 to 64 letters, digits, `-` and `_`")
        }
    }

    func run() async throws {
        try await explaining {
            let token = TokenText.generate()
            let hash = TokenText.hash(token).map { byte in
                String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            }.joined()
            var arguments = ["name": name, "scope": scope.rawValue, "hash": hash]
            arguments["expires"] = expires.map {
                (Workplace.time.wall() + $0.duration).description
            }
            let text = try await OperatorChannel(options).perform("token_create", arguments)
            StandardError.writeLine(text)
            StandardOutput.writeLine(token.expose())
        }
    }
}

struct TokenList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the tokens; what they are is not known.")

    @OptionGroup var options: ConfigOption

    @Flag(help: "Print one JSON object per line.")
    var json = false

    func run() async throws {
        try await explaining {
            let tokens = try await options.reader().tokens()
            let now = Workplace.time.wall()
            var table = Table("NAME", "SCOPE", "MADE", "EXPIRES", "LAST USED")
            for token in tokens {
                if json {
                    StandardOutput.writeLine(line(token))
                    continue
                }
                table.add(
                    token.name, token.scope.rawValue, Shown.time(token.made, now: now),
                    token.isExpired(at: now) ? "expired" : Shown.relative(token.expires, now: now),
                    Shown.relative(token.lastUsed, now: now))
            }
            guard !json else { return }
            let palette = Palette(isOn: StandardOutput.hasColours)
            for line in table.lines(width: StandardOutput.width, palette: palette) {
                StandardOutput.writeLine(line)
            }
        }
    }

    private func line(_ token: AccessToken) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("name", token.name)
        writer.member("scope", token.scope.rawValue)
        writer.member("made", token.made)
        writer.member("expires", token.expires)
        writer.member("last_used", token.lastUsed)
        writer.endObject()
        return OneLine.json(writer.bytes)
    }
}

struct TokenRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Take a token away: the next request with it is refused.")

    @Argument(help: "The token's name.")
    var name: String

    @OptionGroup var options: ConfigOption

    func run() async throws {
        try await explaining {
            StandardOutput.writeLine(
                try await OperatorChannel(options).perform("token_revoke", ["name": name]))
        }
    }
}

extension AccessScope: ExpressibleByArgument {}

/// For how long a token counts: a whole number of days, hours or minutes.
struct TokenAge: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        let seconds: Int64
        switch argument.last {
        case "d": seconds = 86_400
        case "h": seconds = 3600
        case "m": seconds = 60
        default: return nil
        }
        guard let number = Int64(argument.dropLast()), (1...100_000).contains(number) else {
            return nil
        }
        duration = .seconds(number * seconds)
    }
}
