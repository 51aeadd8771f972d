import ArgumentParser
import PullcordConfig
import PullcordJSON

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of adapters, of bridge files or of tests, for editors.",
        discussion: """
            Editors with a YAML language server complete and explain keys by it, if the file's \
            first line says where it is:

              pullcord schema adapter > .adapter.schema.json
              # yaml-language-server: $schema=.adapter.schema.json

            pullcord check sees more than a schema can say.
            """)

    @Argument(help: "adapter, bridge or test.")
    var document: LanguageSchema.Document

    func run() {
        var writer = JSONWriter()
        writer.value(LanguageSchema.of(document))
        StandardOutput.writeLine(String(decoding: writer.bytes, as: UTF8.self))
    }
}

extension LanguageSchema.Document: ExpressibleByArgument {}
