import ArgumentParser
import PullcordConfig
import PullcordGuide
import PullcordJSON

struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of adapters, of bridge files or of tests, for editors.",
        discussion: """
            Editors with a YAML language server complete and explain keys by it, if the file's \
            first line says where it is:

              pullcord schema adapter > .adapter.schema.json
              # yaml-language-server: $schema=.adapter.schema.json

            pullcord check sees more than a schema can say. With --markdown it prints the same keys \
            as a reference for people.
            """)

    @Argument(help: "adapter, bridge or test.")
    var document: LanguageSchema.Document

    @Flag(help: "Print a reference in Markdown instead.")
    var markdown = false

    @Option(
        help: ArgumentHelp(
            "Write the reference of all keys, and what lint warns of, into a Markdown file that "
                + "has places for them, as adapters/README.md does.",
            valueName: "file"),
        completion: .file(extensions: ["md"]))
    var write: String?

    func run() async throws {
        if let write {
            return try await explaining {
                let file = GeneratedFile(path: write)
                try file.write(KeyReference.guide, as: .keys)
                try file.write(LintAdvice.guide, as: .warnings)
            }
        }
        guard !markdown else {
            return StandardOutput.writeLine(KeyReference.markdown(document))
        }
        var writer = JSONWriter()
        writer.value(LanguageSchema.of(document))
        StandardOutput.writeLine(String(decoding: writer.bytes, as: UTF8.self))
    }
}

extension LanguageSchema.Document: ExpressibleByArgument {}
