import ArgumentParser
import PullcordConfig
import PullcordGuide

struct AdapterExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say in words what an adapter will do.",
        discussion: """
            How it logs in, what it asks at first and later, how pages go on and end, how changes \
            and deletes are found, what a poll costs, what it cannot see, and how late an event may \
            come. Nothing is asked for it: all of that stands in the adapter.
            """)

    @Argument(help: "An adapter's file, or its name.", completion: .file(extensions: ["yaml"]))
    var adapter: String

    @OptionGroup var parameters: ParameterOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var places: AdapterPlaces

    func run() async throws {
        try await explaining {
            let spec = try places.adapter(adapter)
            let values = try parameters.values().compactMap { name, value in
                // Others stay placeholders: nothing is read for an explanation.
                if case .literal(let text) = value { (name, text) } else { nil }
            }
            let explanation = Explanation(
                spec, parameters: Dictionary(values) { $1 })
            if json { return StandardOutput.writeLine(explanation.json) }
            let palette = Palette(isOn: StandardOutput.hasColours)
            StandardOutput.write(
                explanation.text(width: StandardOutput.width, bold: palette.bold))
        }
    }
}
