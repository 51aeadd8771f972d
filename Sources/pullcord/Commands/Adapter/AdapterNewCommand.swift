import ArgumentParser
import Foundation
import PullcordDrafting
import PullcordModel

struct AdapterNewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract:
            "Draft an adapter from an answer of an API, an OpenAPI file or an Airbyte manifest.",
        discussion: """
            With a URL it asks the API once, and then at most three times more to see whether its \
            guesses hold (--no-probe leaves that out): which list the records are, what their key \
            is, which field tells of changes, how pages follow one another, which limits and \
            validators there are. What it writes passes `pullcord check`, and has a comment with \
            the reason at each guess. On a terminal it asks where it is unsure; elsewhere never.

            Credentials never stand on the command line: --bearer, --basic and --api-key take the \
            name of a variable of the environment, or ask for the value where there is none and a \
            terminal is there. They are sent, and are neither shown nor written.

            With --openapi it lists the collections that the file describes, and writes those \
            named by --stream, or --all. With --airbyte it converts a low-code manifest, and tells \
            line by line what could not be carried over; the status is 3 if something was left out.
            """)

    @Argument(help: "A URL that lists something.")
    var url: String?

    @Option(
        help: "A description of the API: OpenAPI 3.0, 3.1 or Swagger 2, in YAML or JSON.",
        completion: .file(extensions: ["yaml", "yml", "json"]))
    var openapi: String?

    @Option(
        help: "A manifest of Airbyte's low-code connectors.",
        completion: .file(extensions: ["yaml", "yml"]))
    var airbyte: String?

    @OptionGroup(title: "Requests") var access: DraftAccess

    @Option(help: "Where the list stands in an answer: a jq program, as in .data.items.")
    var records: String?

    @Option(help: "What tells records apart: a path such as .id; several make one key.")
    var key: [String] = []

    @Option(help: "The field that grows when a record changes: a path such as .updated_at.")
    var cursor: String?

    @Option(help: "The query item that asks for what changed since.")
    var since: String?

    @Option(help: "How pages follow: none, link, next_url, token, number, offset, keyset.")
    var pages: String?

    @Option(help: "The adapter's name.")
    var name: String?

    @Option(help: "The stream's name; of --openapi, a collection to write (several).")
    var stream: [String] = []

    @Flag(help: "Write every collection of an OpenAPI file.")
    var all = false

    @Option(name: [.short, .long], help: "The file to write; - is standard output.")
    var output: String?

    @Flag(help: "Write over a file that is there.")
    var force = false

    @Option(help: "Where what could not be carried over is written, instead of standard error.")
    var report: String?

    func validate() throws {
        let sources = [url, openapi, airbyte].count { $0 != nil }
        guard sources == 1 else {
            throw ValidationError("Give a URL, or --openapi FILE, or --airbyte FILE: one of them.")
        }
        if openapi == nil, stream.count > 1 {
            throw ValidationError("Only --openapi takes several --stream.")
        }
        if all, openapi == nil { throw ValidationError("--all belongs to --openapi.") }
        if let name, Names.adapter(name) != name {
            throw ValidationError(
                "`\(name)` is no name of an adapter: lower-case letters, digits and `-`, as in "
                    + "`\(Names.adapter(name))`.")
        }
    }

    func run() async throws {
        let isPartial = try await explaining {
            if let openapi {
                return try draftOpenAPI(openapi)
            } else if let airbyte {
                return try draftAirbyte(airbyte)
            }
            try await draftURL(url ?? "")
            return false
        }
        if isPartial { throw ExitCode(3) }
    }

    /// Where the draft goes.
    var place: DraftPlace {
        DraftPlace(output: output, force: force)
    }
}

/// How requests of a draft are sent.
struct DraftAccess: ParsableArguments {
    @Option(help: "An address that may be asked besides public ones: loopback, private, a block.")
    var allow: [String] = []

    @Option(help: "A header of each request, as 'Name: value'.")
    var header: [String] = []

    @Option(help: "A bearer token: the name of a variable of the environment.")
    var bearer: String?

    @Option(help: "HTTP Basic: USER:VARIABLE, the user and the variable with the password.")
    var basic: String?

    @Option(help: "A key: HEADER:VARIABLE, query.NAME:VARIABLE or cookie.NAME:VARIABLE.")
    var apiKey: String?

    @Flag(help: "Send one request only.")
    var noProbe = false
}
