import ArgumentParser
import PullcordAPI
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordJSON
import PullcordModel
import PullcordSQLiteStore

struct DefinitionList<Kind: DefinedKind>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "list",
            abstract: "List the \(Kind.kind)s of the bridge file and of the store.")
    }

    @Option(help: "Only with these labels: customer=acme,tier!=free,region in (eu,us).")
    var label: String?

    @Option(help: "Only names behind this one.")
    var after: String?

    @Option(help: "How many at most.")
    var limit = 100

    @OptionGroup var options: ConfigOption

    @Flag(help: "Print one JSON object per line.")
    var json = false

    func run() async throws {
        try await explaining {
            let reader = try SQLiteReader.open(path: try options.storePath())
            let page = try await Workplace.book(reading: reader, options.config).page(
                DefinitionPageQuery(
                    Kind.kind, after: after, labels: try label.map(LabelSelector.init(parsing:)),
                    limit: limit))
            guard !json else {
                for item in page.items { StandardOutput.writeLine(item.line) }
                return
            }
            let now = Workplace.time.wall()
            var table = Table("NAME", "FROM", "LABELS", "STATE", "VERSION", "CHANGED")
            for item in page.items {
                table.add(
                    item.name, item.origin == .file ? "file" : "store", item.shownLabels,
                    item.isBroken ? "set aside" : "fine", item.version.map { "\($0)" } ?? "–",
                    Shown.relative(item.changed, now: now))
            }
            let palette = Palette(isOn: StandardOutput.hasColours)
            for line in table.lines(width: StandardOutput.width, palette: palette) {
                StandardOutput.writeLine(line)
            }
            for item in page.items where item.isBroken {
                for complaint in item.complaints where complaint.isError {
                    StandardOutput.writeLine(palette.red("\(item.name): \(complaint)"))
                }
            }
            if let next = page.next {
                StandardOutput.writeLine(palette.dim("there are more: --after \(next)"))
            }
        }
    }
}

struct DefinitionShow<Kind: DefinedKind>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "show",
            abstract: "Show a \(Kind.kind) as YAML that create takes; its secrets stay sealed.")
    }

    @Argument(help: "The name.")
    var name: String

    @OptionGroup var options: ConfigOption

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        try await explaining {
            let reader = try SQLiteReader.open(path: try options.storePath())
            let book = Workplace.book(reading: reader, options.config)
            guard let found = try await book.definition(Kind.kind, name) else {
                throw Problem(
                    code: "definition_unknown", message: "there is no \(Kind.kind) `\(name)`",
                    hint: "pullcord \(Kind.kind) list")
            }
            guard !json else { return StandardOutput.writeLine(found.line) }
            let palette = Palette(isOn: StandardOutput.hasColours)
            let version = found.version.map { ", version \($0)" } ?? ""
            let origin = found.origin == .file ? "the bridge file" : "the store"
            StandardOutput.writeLine(palette.dim("# from \(origin)\(version)"))
            for complaint in found.complaints {
                StandardOutput.writeLine(palette.red("# \(complaint)"))
            }
            StandardOutput.writeLine("name: \(found.name)")
            guard case .object(let members)? = try? JSONValue(parsing: found.text) else { return }
            for member in members {
                let value = String(decoding: member.value.serialized, as: UTF8.self)
                StandardOutput.writeLine("\(member.key): \(value)")
            }
        }
    }
}

struct DefinitionExport<Kind: DefinedKind>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "export",
            abstract: "Print the \(Kind.kind)s of the store as a list that create takes.",
            discussion: """
                Secrets are in it as they are sealed: they open under the same name and with the \
                same key, and nowhere else.
                """)
    }

    @Option(help: "Only with these labels.")
    var label: String?

    @OptionGroup var options: ConfigOption

    func run() async throws {
        try await explaining {
            let reader = try SQLiteReader.open(path: try options.storePath())
            let all = try await reader.allDefinitions(
                Kind.kind, labels: try label.map(LabelSelector.init(parsing:)))
            StandardOutput.writeLine("[")
            for (index, stored) in all.enumerated() {
                var members = [JSONValue.Member("name", .string(stored.name))]
                if case .object(let own)? = try? JSONValue(parsing: stored.text) {
                    members += own
                }
                let text = String(decoding: JSONValue.object(members).serialized, as: UTF8.self)
                StandardOutput.writeLine(text + (index == all.count - 1 ? "" : ","))
            }
            StandardOutput.writeLine("]")
        }
    }
}

extension Definition {
    fileprivate var shownLabels: String {
        labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }

    /// One line of JSON.
    fileprivate var line: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("kind", kind.rawValue)
        writer.member("name", name)
        writer.member("origin", origin.rawValue)
        if let version {
            writer.key("version")
            writer.number(version)
        }
        writer.key("labels")
        writer.beginObject()
        for (key, value) in labels.sorted(by: { $0.key < $1.key }) { writer.member(key, value) }
        writer.endObject()
        writer.member("made", made)
        writer.member("changed", changed)
        writer.key("definition")
        writer.raw(text.utf8)
        writer.key("complaints")
        writer.beginArray()
        for complaint in complaints {
            writer.beginObject()
            writer.member("severity", complaint.isError ? "error" : "warning")
            writer.member("code", complaint.code)
            writer.member("pointer", complaint.pointer)
            writer.member("message", complaint.message)
            writer.member("hint", complaint.hint)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return OneLine.json(writer.bytes)
    }
}
