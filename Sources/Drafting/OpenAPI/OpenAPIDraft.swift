import PullcordModel
import PullcordYAML

extension OpenAPIDocument {
    /// The chosen collections as one adapter.
    package func draft(of chosen: [OpenAPICollection], name: String?) -> DraftConversion {
        var parameters: [DraftEntry] = []
        var leftovers: [Leftover] = []
        let title = root["info"]?["title"]?.scalar?.text ?? "api"
        var draft = AdapterDraft(name: name ?? Names.adapter(title))
        draft.head = [
            "Drafted by `pullcord adapter new --openapi` from “\(title)”. What a description does "
                + "not tell is guessed by names: see the comments. Try it: pullcord adapter try FILE"
        ]
        let base = server(&parameters)
        let login = OpenAPISecurity(document: self).auth(&parameters, &leftovers)
        for collection in chosen {
            draft.streams.append(
                OpenAPIStream(collection: collection, all: chosen)
                    .draft(&parameters, &leftovers, auth: login))
        }
        for collection in chosen { include(collection, chosen, &draft) }
        if !parameters.isEmpty { draft.entries.append(DraftEntry("params", .map(parameters))) }
        draft.entries.append(DraftEntry("base_url", text: base))
        if let login {
            draft.entries.append(
                DraftEntry("auth", login.value, comments: login.comments))
        }
        return DraftConversion(
            draft: draft, leftovers: leftovers, streamsFound: chosen.count)
    }

    /// Records of a parent carry what its children need of those above it.
    private func include(
        _ collection: OpenAPICollection, _ chosen: [OpenAPICollection], _ draft: inout AdapterDraft
    ) {
        let names = collection.parentFields.filter { $0.path.hasPrefix(".parent.") }.map(\.name)
        guard !names.isEmpty,
            let index = draft.streams.firstIndex(where: { $0.name == collection.parent }),
            let place = draft.streams[index].entries.firstIndex(where: { $0.key == "parent" }),
            case .map(var entries) = draft.streams[index].entries[place].value
        else { return }
        entries.set("include", .list(names.map { .text($0) }))
        draft.streams[index].entries[place].value = .map(entries)
    }

    /// The first server, with its variables as parameters.
    private func server(_ parameters: inout [DraftEntry]) -> String {
        var url: String
        if isSwagger {
            let host = root["host"]?.scalar?.text ?? ""
            let schemes = root["schemes"]?.texts ?? []
            let scheme = schemes.contains("https") || schemes.isEmpty ? "https" : schemes[0]
            let path = root["basePath"]?.scalar?.text ?? ""
            url = host.isEmpty ? path : "\(scheme)://\(host)\(path)"
        } else {
            let first = root["servers"]?.sequence?.first
            url = JinjaText.literal(first?["url"]?.scalar?.text ?? "")
            for variable in first?["variables"]?.mapping ?? [] {
                let name = Names.parameter(variable.key.text)
                url = url.replacing("{\(variable.key.text)}", with: "${params.\(name)}")
                var entries: [DraftEntry] = []
                if let fallback = variable.value["default"]?.scalar?.text {
                    entries.append(DraftEntry("default", text: fallback))
                } else {
                    entries.append(DraftEntry("required", .bool(true)))
                }
                let allowed = variable.value["enum"]?.texts ?? []
                if !allowed.isEmpty, allowed.count <= 100 {
                    entries.append(DraftEntry("allowed", .list(allowed.map { .text($0) })))
                }
                parameters.set(name, .map(entries))
            }
        }
        while url.hasSuffix("/") { url.removeLast() }
        if url.contains("://") || url.hasPrefix("${params.") { return url }
        // A relative server says nothing of where the API is.
        parameters.set(
            "server",
            .map([
                DraftEntry("required", .bool(true)),
                DraftEntry("summary", text: "Where the API is, as in https://api.example.com."),
            ]))
        return "${params.server}" + (url.isEmpty || url.hasPrefix("/") ? url : "/" + url)
    }
}

/// One collection as a stream.
struct OpenAPIStream {
    let collection: OpenAPICollection
    let all: [OpenAPICollection]

    func draft(
        _ parameters: inout [DraftEntry], _ leftovers: inout [Leftover], auth: OpenAPILogin?
    ) -> DraftStream {
        let operation = collection.operation
        var entries: [DraftEntry] = []
        let parent = collection.parent.flatMap { name in all.first { $0.name == name } }
        if let parent {
            entries.append(
                DraftEntry(
                    "parent",
                    .map([
                        DraftEntry("stream", text: parent.name),
                        DraftEntry("fields", .texts(collection.parentFields)),
                    ]),
                    comments: ["likely: \(operation.path) stands below \(parent.operation.path)"]))
        }
        let pages = OpenAPIPages(parameters: operation.parameters, facts: collection.facts)
        let change = change
        let query = query(pages, change, &parameters, auth)
        var request: [DraftEntry] = []
        if operation.isPost { request.append(DraftEntry("method", text: "POST")) }
        request.append(
            DraftEntry(
                "path",
                text: path(parent == nil ? [] : collection.parentFields.map(\.name), &parameters)))
        if !query.isEmpty { request.append(DraftEntry("query", .map(query))) }
        if operation.isPost {
            request.append(DraftEntry("body", .map([])))
            leftovers.append(
                Leftover(
                    at: operation.place, "stream \(collection.name), body",
                    "what a search asks for is nobody's guess: the body is empty",
                    remedy: "request: { body: { … } }"))
        }
        entries.append(
            DraftEntry("request", request.count == 1 ? request[0].value : .map(request)))
        if !pages.entries.isEmpty {
            entries.append(
                DraftEntry(
                    "pages", .map(pages.entries),
                    comments: ["likely: by the names of its parameters and of its answer"]))
        }
        entries.append(DraftEntry("records", text: collection.records))
        entries.append(key(&leftovers))
        if let change, collection.since != nil { entries.append(change.entry) }
        var stream = DraftStream(
            name: collection.name, entries: entries, origin: operation.place)
        if !operation.summary.isEmpty { stream.comments = [operation.summary] }
        return stream
    }

    private func key(_ leftovers: inout [Leftover]) -> DraftEntry {
        guard let key = collection.key.first else {
            leftovers.append(
                Leftover(
                    at: collection.operation.place, "stream \(collection.name), key",
                    "no member is called like a key; `.id` stands there", remedy: "key: …"))
            return DraftEntry(
                "key", text: ".id", comments: ["unsure: nothing is called like a key"])
        }
        return DraftEntry("key", text: key, comments: ["likely: by its name"])
    }

    private func path(_ fields: [String], _ parameters: inout [DraftEntry]) -> String {
        var text = ""
        var rest = collection.operation.path.replacing("${", with: "$${")[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            text += rest[..<open]
            let name = Names.parameter(String(rest[rest.index(after: open)..<close]))
            if fields.contains(name) {
                text += "${parent.\(name)}"
            } else {
                text += "${params.\(name)}"
                let known = collection.operation.parameters.first {
                    $0.location == .path && Names.parameter($0.name) == name
                }
                parameters.set(name, .map(Self.parameter(known, isRequired: true)))
            }
            rest = rest[rest.index(after: close)...]
        }
        return text + rest
    }

    static func parameter(_ known: OpenAPIParameter?, isRequired: Bool) -> [DraftEntry] {
        var entries: [DraftEntry] = []
        if known?.kind == "integer" { entries.append(DraftEntry("type", text: "integer")) }
        if isRequired { entries.append(DraftEntry("required", .bool(true))) }
        let summary = (known?.summary ?? "").prefix { $0 != "." && !$0.isNewline }.prefix(120)
        if !summary.isEmpty { entries.append(DraftEntry("summary", text: summary + ".")) }
        return entries
    }

    private func query(
        _ pages: OpenAPIPages, _ change: OpenAPIChange?, _ parameters: inout [DraftEntry],
        _ auth: OpenAPILogin?
    ) -> [DraftEntry] {
        var entries: [DraftEntry] = []
        let carried = pages.items
        for parameter in collection.operation.parameters where parameter.location == .query {
            if auth?.queryItem == parameter.name { continue }
            if let item = carried.first(where: { $0.name == parameter.name }) {
                entries.set(item.name, .text(item.value))
            } else if parameter.name == collection.since, change != nil {
                entries.set(parameter.name, .text("${cursor}"))
            } else if change != nil, collection.since != nil, let sort = sort(parameter, change) {
                entries.set(parameter.name, .text(sort))
            } else if parameter.isRequired {
                let name = Names.parameter(parameter.name)
                parameters.set(name, .map(Self.parameter(parameter, isRequired: true)))
                entries.set(parameter.name, .text("${params.\(name)}"))
            }
        }
        return entries
    }

    /// The value of a parameter that sorts by the cursor, oldest first.
    private func sort(_ parameter: OpenAPIParameter, _ change: OpenAPIChange?) -> String? {
        let lower = parameter.name.lowercased()
        if ["sort", "order_by", "orderby", "sort_by", "sortby", "ordering"].contains(lower),
            let change
        {
            let words = Set(Names.words(change.name)).subtracting(["at", "date", "time", "on"])
            return parameter.allowed.first { value in
                !value.hasPrefix("-") && !Set(Names.words(value)).isDisjoint(with: words)
            }
        }
        if ["direction", "order", "sort_order", "sortorder", "sort_direction", "dir"].contains(
            lower)
        {
            return parameter.allowed.first { $0.lowercased().hasPrefix("asc") }
        }
        return nil
    }

    /// The member that grows when a record changes.
    private var change: OpenAPIChange? {
        let times = collection.facts.members.compactMap { member -> (OpenAPIChange, Int)? in
            let score = ChangeGuess.nameScore([member.name])
            guard score > 0 else { return nil }
            switch member.format {
            case "date-time", "datetime": return (OpenAPIChange(name: member.name), score + 20)
            case "date": return (OpenAPIChange(name: member.name, format: "%Y-%m-%d"), score)
            default: break
            }
            guard member.type == "integer", score >= 80 else { return nil }
            return (OpenAPIChange(name: member.name, format: "epoch_seconds"), score - 20)
        }
        return times.max { $0.1 < $1.1 }?.0
    }
}

/// A field that a stream may be read by.
struct OpenAPIChange {
    let name: String
    var format = "rfc3339"

    var entry: DraftEntry {
        var entries = [DraftEntry("from", text: PathText.expression([name]))]
        if format != "rfc3339" { entries.append(DraftEntry("format", text: format)) }
        entries.append(DraftEntry("overlap", text: format == "%Y-%m-%d" ? "1d" : "2m"))
        return DraftEntry(
            "cursor", .map(entries),
            comments: [
                "unsure: called like a time of change\(format == "epoch_seconds" ? ", in seconds" : "")"
                    + "; does the API ask for changes by it, and not for creation?"
            ])
    }
}
