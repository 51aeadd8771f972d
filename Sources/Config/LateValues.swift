import PullcordAdapter
import PullcordModel

/// Puts a source's parameters into what an adapter says of zones and of the size of pages: those
/// are rules and numbers, which templates cannot stand for while polls run.
struct LateValues {
    let parameters: [String: String]
    let source: SourceSpec
    /// The key path of the source.
    let path: String
    let collector: Collector

    func fill(_ adapter: AdapterSpec) -> AdapterSpec {
        // Sources of one adapter share its streams; one with values of its own has its own.
        guard adapter.streams.contains(where: \.hasLateValues) else { return adapter }
        var adapter = adapter
        adapter.streams = adapter.streams.map { stream in
            var stream = stream
            stream.pages = fill(stream.pages)
            stream.cursors = stream.cursors.map {
                NamedCursor(name: $0.name, spec: fill($0.spec))
            }
            if let pages = stream.changes.reconcile?.pages {
                stream.changes.reconcile?.pages = fill(pages)
            }
            if let deletions = stream.changes.deletions {
                stream.changes.deletions?.pages = fill(deletions.pages)
                stream.changes.deletions?.cursor = deletions.cursor.map { fill($0) }
            }
            return stream
        }
        return adapter
    }

    private func fill(_ spec: CursorSpec) -> CursorSpec {
        guard let parameter = spec.zoneParameter, let name = value(of: parameter) else {
            return spec
        }
        guard let rules = collector.checkers.zones.rules(name) else {
            complain(parameter, name, "`cursor.zone` is no zone of the IANA database")
            return spec
        }
        var spec = spec
        spec.format = spec.format.inZone(named: name, rules)
        return spec
    }

    private func fill(_ pages: PagesSpec) -> PagesSpec {
        guard let parameter = pages.sizeParameter else { return pages }
        var pages = pages
        guard let text = value(of: parameter) else {
            pages.size = nil
            return pages
        }
        guard let size = Self.size(text) else {
            complain(
                parameter, text,
                "`pages.size` is no number from 1 to \(Limits.recordsPerPageMax)")
            return pages
        }
        pages.size = size
        return pages
    }

    /// Complains of a default or an allowed value that none of this could be made of.
    static func checkDefaults(of stream: StreamSpec, _ spec: AdapterSpec, _ collector: Collector) {
        let isZone = { (text: String) in collector.checkers.zones.rules(text) != nil }
        let isSize = { (text: String) in size(text) != nil }
        let (zones, sizes) = stream.lateParameters
        let uses =
            zones.map { ($0, isZone, "a zone of the IANA database") }
            + sizes.map { ($0, isSize, "1 to \(Limits.recordsPerPageMax)") }
        for (template, isRight, words) in uses {
            guard case .parameter(let name)? = template.solePlaceholder?.subject,
                let parameter = spec.parameters.first(where: { $0.name == name })
            else { continue }
            let values = [parameter.defaultValue].compactMap { $0 } + parameter.allowed
            guard let wrong = values.first(where: { !isRight($0) }) else { continue }
            collector.error(
                "parameter_type", at: parameter.place, path: join("params", name), found: wrong,
                "`\(wrong)` cannot be what the parameter is used for", allowed: [words],
                hint: "see \(template.place)")
        }
    }

    /// How many records a page has; nil for what no page can have.
    private static func size(_ text: String) -> Int? {
        Int(text).flatMap { (1...Limits.recordsPerPageMax).contains($0) ? $0 : nil }
    }

    private func value(of parameter: Template) -> String? {
        (try? parameter.render(TemplateContext(parameters: parameters))) ?? nil
    }

    private func complain(_ parameter: Template, _ value: String, _ message: String) {
        guard case .parameter(let name)? = parameter.solePlaceholder?.subject else { return }
        let given = source.with.first { $0.name.text == name }
        // What comes from outside the file may be secret.
        let found = given.map { $0.value.literalText ?? "" } ?? value
        collector.error(
            "parameter_type", at: given?.value.place ?? source.adapter.place,
            path: join(join(path, "with"), name), found: found, "with this value \(message)",
            hint: "see \(parameter.place)")
    }
}

extension StreamSpec {
    /// The parameters that zones and page sizes are taken from, those of other lists included.
    fileprivate var lateParameters: (zones: [Template], sizes: [Template]) {
        let deletions = changes.deletions
        let cursors = cursors.map(\.spec) + [deletions?.cursor].compactMap(\.self)
        let pages = [pages, changes.reconcile?.pages, deletions?.pages] as [PagesSpec?]
        return (cursors.compactMap(\.zoneParameter), pages.compactMap { $0?.sizeParameter })
    }

    fileprivate var hasLateValues: Bool {
        let (zones, sizes) = lateParameters
        return !zones.isEmpty || !sizes.isEmpty
    }
}
