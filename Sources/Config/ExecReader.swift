import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads where records come from that no API of HTTP brings.
struct ExecReader {
    let collector: Collector

    /// Keys of an adapter that speak of requests.
    private static let requestKeys = [
        "base_url", "headers", "query", "auth", "tls", "answers", "expect",
    ]

    /// The origin of an adapter's records.
    func origin(_ keys: MappingReader) -> OriginSpec {
        switch keys.exclusive(
            ["exec", "swift", "base_url"], hint: "records come from one place")
        {
        case "exec":
            refuse(Self.requestKeys, in: keys, "a program makes its own requests")
            guard let field = keys["exec"], let spec = read(field) else {
                return .program(nothing(keys))
            }
            return .program(spec)
        case "swift":
            refuse(Self.requestKeys, in: keys, "code makes its own requests")
            return .code(keys["swift"]?.name(.plain)?.text ?? "")
        default: return .network
        }
    }

    /// What is read on with after a complaint.
    private func nothing(_ keys: MappingReader) -> ProgramSpec {
        ProgramSpec(
            program: LocatedText(text: "", place: keys.keyPlace("exec")), arguments: [],
            folder: "", place: keys.keyPlace("exec"))
    }

    /// The bounds of a run stand where those of an answer do.
    func bound(_ limits: inout LimitsSpec, _ keys: MappingReader) {
        guard let field = keys["exec"], field.node.mapping != nil,
            let exec = MappingReader(field, ExecKeys.exec, isQuiet: true)
        else { return }
        for (name, own) in [("timeout", "timeout"), ("page_bytes", "output_max")] {
            guard let node = keys["limits"]?.node[name] else { continue }
            collector.error(
                "key_misplaced", at: node.place, path: "limits.\(name)", found: name,
                "`\(name)` has no use beside `exec`", hint: "write `exec.\(own)`")
        }
        limits.timeout = exec["timeout"]?.duration() ?? Limits.programTimeDefault
        limits.pageBytes = exec["output_max"]?.size() ?? Limits.programBytesDefault
    }

    private func read(_ field: Field) -> ProgramSpec? {
        guard let keys = MappingReader(field, ExecKeys.exec) else { return nil }
        let words = keys["command"].flatMap(readWords)
        if let words, words.isEmpty {
            keys["command"]?.complain("value_empty", "a command begins with a program")
        }
        guard let words, let program = program(words.first, keys["command"]) else { return nil }
        var spec = ProgramSpec(
            program: program, arguments: Array(words.dropFirst()),
            // What an adapter extends may have the command, and then its folder counts.
            folder: Paths.folder(of: program.place.file), place: field.place)
        spec.language = keys["protocol"]?.choice(ProgramSpec.Language.self) ?? .ndjson
        spec.environment = keys["environment"].map(readVariables) ?? []
        spec.input = keys["stdin"].flatMap(readInput)
        spec.directory = keys["directory"]?.filledText()?.text
        spec.memoryBytes = keys["memory_max"]?.size()
        if let config = keys["config"] {
            if config.node.mapping == nil { config.complainOfType() }
            spec.config = config.json()
        }
        spec.catalog = keys["catalog"]?.choice(ProgramSpec.Catalog.self) ?? .discover
        if spec.language == .ndjson {
            refuse(["config", "catalog"], in: keys, "it belongs to `protocol: singer`")
        } else {
            refuse(["stdin"], in: keys, "a tap reads files; its `config` is written for it")
        }
        return spec
    }

    /// The first word, which no value may decide.
    private func program(_ words: Words?, _ field: Field?) -> LocatedText? {
        guard let first = words?.first else { return nil }
        guard let text = first.literalText, words?.count == 1 else {
            collector.error(
                "program_variable", at: first.place, path: field?.path ?? "",
                "the program itself is written out: no value decides what is run",
                hint: "a value may be an argument behind it")
            return nil
        }
        guard !text.isEmpty else { return field?.refuse("value_empty", "the program has no name") }
        return LocatedText(text: text, place: first.place)
    }

    private func readWords(_ field: Field) -> [Words]? {
        guard let items = field.items(of: .either([.template, .list(.template)])) else {
            return nil
        }
        if items.count > Limits.programWordsMax {
            field.complain(
                "value_range", "a command has at most \(Limits.programWordsMax) words")
        }
        return items.map { item in
            guard item.node.sequence != nil else { return item.textTemplate().map { [$0] } ?? [] }
            return (item.items(of: .template) ?? []).compactMap { $0.textTemplate() }
        }
    }

    private func readVariables(_ field: Field) -> [NamedTemplate] {
        let named = field.namedTemplates() ?? []
        for (variable, value) in named {
            let isName =
                variable.name.utf8.first.map { !(0x30...0x39).contains($0) } ?? false
                && variable.name.unicodeScalars.allSatisfy {
                    $0.isASCII
                        && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_")
                }
            let isOurs = variable.name.hasPrefix("PULLCORD_") || variable.name == "TMPDIR"
            if !isName || isOurs {
                collector.error(
                    "variable_name", at: value.place, path: value.path, found: variable.name,
                    isOurs
                        ? "`\(variable.name)` is set for each run by itself"
                        : "`\(variable.name)` is no name of a variable",
                    allowed: ["letters, digits and `_`"])
            }
            SecretNames.note(variable, value)
        }
        return named.map(\.0)
    }

    private func readInput(_ field: Field) -> RequestSpec.Body? {
        guard field.node.scalar != nil else { return field.json().map { .json($0) } }
        return field.textTemplate().map { .text($0, contentType: "") }
    }

    /// What a stream adds.
    func part(_ field: Field, _ origin: OriginSpec) -> ProgramPartSpec {
        var part = ProgramPartSpec()
        guard let program = origin.program else {
            collector.error(
                "key_misplaced", at: field.place, path: field.path, found: "exec",
                "`exec` of a stream adds to `exec` of the adapter, which has none")
            return part
        }
        guard let keys = MappingReader(field, ExecKeys.part) else { return part }
        part.arguments = keys["arguments"].flatMap(readWords) ?? []
        part.environment = keys["environment"].map(readVariables) ?? []
        part.tapStream = keys["tap_stream"]?.filledText()?.text
        part.replicationKey = keys["replication_key"]?.filledText()?.text
        if program.language == .ndjson {
            refuse(
                ["tap_stream", "replication_key"], in: keys, "it belongs to `protocol: singer`")
        }
        return part
    }

    /// Keys of a stream that speak of requests, or that a tap decides.
    func refuseRequests(_ keys: MappingReader, _ origin: OriginSpec) {
        guard !origin.isNetwork else { return }
        let isCode = origin.program == nil
        let name = isCode ? "code" : "a program"
        refuse(
            ["request", "pages", "deletes", "confirm_deletes", "answers", "expect", "conditional"],
            in: keys, "\(name) makes its own requests")
        refuse(
            ["parent"], in: keys, "\(name) is asked for a whole list, not below each record",
            hint: "let it give all records of this stream, each with the id of the one above it")
        refuse(
            ["detail"], in: keys, "\(name) is asked for a whole list, not for one record",
            hint: "let it give each record in full")
        if isCode { refuse(["format"], in: keys, "code gives JSON") }
        guard origin.program?.language == .singer else { return }
        refuse(
            ["format", "records", "cursor", "cursors"], in: keys,
            "a tap says itself what its records are, and where it goes on")
    }

    private func refuse(
        _ names: [String], in keys: MappingReader, _ reason: String, hint: String = ""
    ) {
        for name in names where keys.has(name) {
            collector.error(
                "key_misplaced", at: keys.keyPlace(name), path: join(keys.path, name),
                found: name, "`\(name)` has no use here: \(reason)", hint: hint)
        }
    }
}
