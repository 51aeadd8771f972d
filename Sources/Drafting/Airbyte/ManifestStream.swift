import PullcordModel
import PullcordYAML

/// Why a stream is left out.
struct StreamSkip: Error {
    let place: Place
    let reason: String
    var remedy = ""
}

/// A value that an option puts into a request.
struct Injection {
    /// `request_parameter`, `header`, `body_json` or `body_data`.
    let into: String
    let path: [String]
    let value: String
    let place: Place
}

extension ManifestReader {
    /// Reads a stream, and its parents before it; false if it was left out.
    @discardableResult
    func readStream(_ component: Component, depth: Int = 0) -> Bool {
        let name = name(of: component)
        if let known = read.first(where: { $0.name == name && $0.place == component.place }) {
            return streams.contains { $0.name == known.draftName }
        }
        // A parent that is written out below its child is often a stream of its own, too.
        if depth > 0, read.contains(where: { $0.name == name }) { return true }
        do throws(StreamSkip) {
            guard depth < 6 else {
                throw StreamSkip(place: component.place, reason: "parents nest too deep")
            }
            try readParts(component, name, depth)
            return true
        } catch {
            leave(
                error.place, "stream \(name)", error.reason,
                by: error.remedy.isEmpty ? "write the stream" : error.remedy)
            return false
        }
    }

    private func name(of component: Component) -> String {
        let text = component.text("name") ?? ""
        let resolved = try? JinjaConstants(parameters: component.parameters).resolved(text)
        return resolved?.literal ?? text
    }

    private func readParts(
        _ component: Component, _ name: String, _ depth: Int
    ) throws(StreamSkip) {
        guard !component.isCustom, ["", "DeclarativeStream"].contains(component.kind) else {
            throw StreamSkip(
                place: component.place, reason: "`\(component.className)` has no counterpart")
        }
        guard !name.isEmpty else {
            throw StreamSkip(place: component.place, reason: "it has no name")
        }
        let retriever = try part(component, "retriever", ["", "SimpleRetriever"])
        let requester = try part(retriever, "requester", ["", "HttpRequester"])
        var parts = StreamParts(name: name, place: component.place)
        parts.scope.parameters = requester.parameters
        try readPartition(retriever, &parts, depth)
        try readPages(retriever, &parts)
        readCursor(component, &parts)
        try readRequest(requester, &parts)
        try readRecords(component, retriever, &parts)
        readTransformations(component, &parts)
        readAnswers(requester, &parts)
        try readFormat(retriever, &parts)
        readAuth(requester, &parts)
        finish(&parts)
    }

    /// A component that must be one of the built-in ones.
    private func part(
        _ owner: Component, _ key: String, _ kinds: [String]
    ) throws(StreamSkip) -> Component {
        guard let part = owner.component(key) else {
            throw StreamSkip(place: owner.place, reason: "it has no `\(key)`")
        }
        guard !part.isCustom else {
            throw StreamSkip(
                place: part.place, reason: "its `\(key)` is Python: `\(part.className)`")
        }
        guard kinds.contains(part.kind) else {
            throw StreamSkip(place: part.place, reason: "`\(part.kind)` has no counterpart")
        }
        return part
    }

    private func readAuth(_ requester: Component, _ parts: inout StreamParts) {
        let reading = authenticator(requester.component("authenticator"), parts.scope)
        if !auth.take(reading) {
            parts.isForeign = true
            let place = requester.component("authenticator")?.place ?? requester.place
            leave(
                place, "stream \(parts.name)",
                "it logs in otherwise than the streams before it, "
                    + "and an adapter logs in in one way",
                by: "an adapter of its own for this stream")
        }
        if case .body(let name, let value, _) = reading {
            parts.injections.append(
                Injection(
                    into: "body_json", path: [name], value: value, place: requester.place))
            parts.inject(into: parts.injections.count - 1)
        }
    }

    /// Makes streams of the parts: one, or one for each value of a list.
    private func finish(_ parts: inout StreamParts) {
        if parts.isForeign {
            read.append(
                ReadStream(place: parts.place, name: parts.name, draftName: "", partition: []))
            return
        }
        let variants = parts.variants.isEmpty ? [[:]] : parts.variants
        for variant in variants {
            let suffix = variant.values.sorted().map { "_" + Names.stream($0) }.joined()
            let name = Names.free(
                Names.stream(parts.name + suffix), among: streams.map(\.name))
            var stream = DraftStream(
                name: name, entries: parts.entries.map { $0.replacing(variant) },
                origin: parts.place)
            if name != parts.name { stream.comments.append("`\(parts.name)` of the manifest.") }
            streams.append(stream)
            read.append(
                ReadStream(
                    place: parts.place, name: parts.name,
                    draftName: variants.count == 1 ? name : "",
                    partition: Array(parts.scope.partition.keys).filter { !$0.contains(".") }))
        }
    }
}

/// A stream while it is read.
struct StreamParts {
    let name: String
    let place: Place
    var scope = JinjaScope()
    var injections: [Injection] = []
    var request: [DraftEntry] = []
    var format: DraftEntry?
    var pages: DraftEntry?
    var records: DraftEntry?
    var when: DraftEntry?
    var key: DraftEntry?
    var cursor: DraftEntry?
    var parent: DraftEntry?
    var transform: DraftEntry?
    var answers: DraftEntry?
    /// Fields of the parent that each record should carry.
    var included: [String] = []
    /// For each stream that is made: placeholders of a list and their values.
    var variants: [[String: String]] = []
    /// Whether it cannot stand in one adapter with the others.
    var isForeign = false

    var entries: [DraftEntry] {
        var parent = parent
        if !included.isEmpty, case .map(var entries)? = parent?.value {
            entries.set("include", .list(included.map { .text($0) }))
            parent?.value = .map(entries)
        }
        return [
            parent, DraftEntry("request", .map(request)), format, pages, records, transform, when,
            key, cursor, answers,
        ].compactMap(\.self)
    }

    /// Puts the value of an option into the request.
    mutating func inject(into index: Int) {
        let injection = injections[index]
        switch injection.into {
        case "header": nest("headers", injection.path.suffix(1), injection.value)
        case "body_json": nest("body", injection.path[...], Self.asNumber(injection.value))
        case "body_data": nest("form", injection.path.suffix(1), injection.value)
        default: nest("query", injection.path.suffix(1), injection.value)
        }
    }

    /// Numbers that pages count are numbers in JSON, too.
    private static func asNumber(_ value: String) -> String {
        for word in ["page.number", "page.offset", "page.size"] where value == "${\(word)}" {
            return "${\(word) | number}"
        }
        return value
    }

    private mutating func nest(_ key: String, _ path: ArraySlice<String>, _ value: String) {
        request.set(key, Self.nested(request[key], path, .text(value)))
    }

    private static func nested(
        _ owner: DraftValue?, _ path: ArraySlice<String>, _ value: DraftValue
    ) -> DraftValue {
        guard let first = path.first else { return value }
        var entries: [DraftEntry] = []
        if case .map(let known)? = owner { entries = known }
        let inner = entries[first]
        entries.set(first, nested(inner, path.dropFirst(), value))
        return .map(entries)
    }

    /// Whether the request names a placeholder.
    func sends(_ word: String) -> Bool {
        DraftValue.map(request).mentions("${\(word)")
    }
}

extension DraftValue {
    func mentions(_ text: String) -> Bool {
        switch self {
        case .text(let own): own.contains(text)
        case .bare: false
        case .list(let items): items.contains { $0.mentions(text) }
        case .map(let entries):
            entries.contains { $0.key.contains(text) || $0.value.mentions(text) }
        }
    }

    func replacing(_ values: [String: String]) -> DraftValue {
        guard !values.isEmpty else { return self }
        switch self {
        case .text(let own):
            var text = own
            for (key, value) in values { text = text.replacing(key, with: value) }
            return .text(text)
        case .bare: return self
        case .list(let items): return .list(items.map { $0.replacing(values) })
        case .map(let entries): return .map(entries.map { $0.replacing(values) })
        }
    }
}

extension DraftEntry {
    func replacing(_ values: [String: String]) -> DraftEntry {
        DraftEntry(key, value.replacing(values), comments: comments)
    }
}
