import ArgumentParser
import PullcordAPI
import PullcordAdapter
import PullcordConfig
import PullcordGuide
import PullcordJSON
import PullcordModel

struct AdaptersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adapters",
        abstract: "List the adapters that sources can use.",
        discussion: """
            Looks where sources of the bridge file find their adapters: in its folders and \
            archives. Without a bridge file it looks in adapters and in the folder at hand. Of two \
            with one name the first counts.
            """)

    @OptionGroup var places: AdapterPlaces

    @Flag(help: "Print a JSON array.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "Write the list into a Markdown file, between <!-- adapters: begin --> and its end.",
            valueName: "file"),
        completion: .file(extensions: ["md"]))
    var write: String?

    func run() async throws {
        try await explaining {
            let catalogue = try places.catalogue()
            let found = catalogue.entries().map { (entry: $0, adapter: catalogue.adapter($0)) }
            if let write { return try Self.write(found, to: write) }
            if json { return StandardOutput.writeLine(Self.json(found)) }
            guard !found.isEmpty else {
                StandardOutput.writeLine(
                    "no adapters in \(catalogue.folders.joined(separator: ", "))\n"
                        + "  hint: --folder looks elsewhere, as in "
                        + "--folder /usr/share/pullcord/adapters")
                return
            }
            Self.show(found)
        }
    }

    private typealias Found = (
        entry: AdapterCatalogue.Entry, adapter: Result<AdapterSpec, DiagnosticReport>
    )

    private static func show(_ found: [Found]) {
        var table = Table("name", "version", "streams", "parameters", "from", "summary")
        for (entry, adapter) in found {
            switch adapter {
            case .success(let spec):
                table.add(
                    entry.name, String(spec.version),
                    spec.streams.map(\.name.text).joined(separator: ", "),
                    parameters(spec), entry.origin, StrangerText.printable(spec.summary))
            case .failure(let report):
                table.add(
                    entry.name, "–", "–", "–", entry.origin,
                    "\(report.summary): pullcord check \(entry.path)")
            }
        }
        let palette = Palette(isOn: StandardOutput.hasColours)
        for line in table.lines(width: StandardOutput.width, palette: palette) {
            StandardOutput.writeLine(line)
        }
    }

    /// Names; what has to be given is marked.
    private static func parameters(_ spec: AdapterSpec) -> String {
        spec.parameters.map { $0.isRequired ? "\($0.name)*" : $0.name }.joined(separator: ", ")
    }

    private static func write(_ found: [Found], to path: String) throws {
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
        let entries = try found.map { entry, adapter in
            let file =
                entry.path.hasPrefix(folder) ? entry.path.dropFirst(folder.count) : entry.path[...]
            return AdapterIndex.Entry(file: String(file), spec: try adapter.get())
        }
        try GeneratedFile(path: path).write(AdapterIndex.markdown(entries), as: .adapters)
    }

    private static func json(_ found: [Found]) -> String {
        var writer = JSONWriter()
        writer.beginArray()
        for (entry, adapter) in found {
            writer.beginObject()
            writer.member("name", entry.name)
            writer.member("file", entry.path)
            writer.member("from", entry.origin)
            writer.key("packed")
            writer.bool(entry.isPacked)
            switch adapter {
            case .success(let spec): write(spec, to: &writer)
            case .failure(let report):
                writer.key("complaints")
                writer.raw(report.json.utf8)
            }
            writer.endObject()
        }
        writer.endArray()
        return OneLine.json(writer.bytes)
    }

    private static func write(_ spec: AdapterSpec, to writer: inout JSONWriter) {
        writer.member("version", spec.version)
        writer.member("summary", spec.summary)
        writer.member("docs", spec.documentation)
        writer.key("streams")
        writer.beginArray()
        for stream in spec.streams {
            writer.beginObject()
            writer.member("name", stream.name.text)
            writer.member("summary", stream.summary)
            writer.endObject()
        }
        writer.endArray()
        writer.key("params")
        writer.beginArray()
        for parameter in spec.parameters {
            writer.beginObject()
            writer.member("name", parameter.name)
            writer.member("type", parameter.kind.rawValue)
            writer.key("required")
            writer.bool(parameter.isRequired)
            writer.member("default", parameter.defaultValue)
            writer.member("summary", parameter.summary)
            if !parameter.allowed.isEmpty {
                writer.key("allowed")
                writer.beginArray()
                for value in parameter.allowed { writer.string(value) }
                writer.endArray()
            }
            writer.endObject()
        }
        writer.endArray()
    }
}
