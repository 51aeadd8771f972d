import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Makes an adapter out of a file's nodes.
///
/// What is missing or wrong is complained about and filled with something harmless, so that
/// everything else is still read; the result counts only if there were no errors.
struct AdapterReader {
    let collector: Collector

    func read(_ root: YAMLNode) -> AdapterSpec? {
        let field = Field(
            node: root, path: "", type: .table(AdapterKeys.adapter), collector: collector)
        guard let keys = MappingReader(field, AdapterKeys.adapter) else { return nil }
        let errors = collector.errorCount
        let parameters = keys["params"].map(readParameters) ?? []
        let exec = ExecReader(collector: collector)
        let origin = exec.origin(keys)
        var streams: [StreamSpec] = []
        var clean: Set<StreamName> = []
        var spec = AdapterSpec(
            name: keys["adapter"]?.name(.adapter)?.text ?? "",
            version: keys["version"]?.integer() ?? 1,
            summary: keys["summary"]?.text()?.text ?? "",
            documentation: keys["docs"]?.filledText()?.text,
            parameters: parameters,
            baseURL: keys["base_url"].flatMap(readBaseURL),
            headers: keys["headers"]?.headers(reserved: HeaderRules.reserved) ?? [],
            query: keys["query"]?.namedTemplates(allowsLists: true)?.map(\.0) ?? [],
            auth: keys["auth"].map(AuthReader().read) ?? .none,
            limits: keys["limits"].map(LimitsReader().read) ?? LimitsSpec(),
            answers: AnswersReader().read(keys),
            retry: keys["retry"].map(readRetry) ?? RetrySpec(),
            streams: [], place: root.place)
        spec.challenge = keys["auth"].flatMap(AuthReader().challenge)
        spec.origin = origin
        exec.bound(&spec.limits, keys)
        for field in keys["streams"].map({ namedFields($0, rule: .stream) }) ?? [] {
            let before = collector.errorCount
            guard
                let stream = StreamReader(collector: collector, origin: origin, adapter: spec.name)
                    .read(field)
            else { continue }
            if collector.errorCount == before { clean.insert(stream.name) }
            streams.append(stream)
        }
        spec.streams = streams
        spec.tls = keys["tls"].flatMap(TLSReader.adapter.read)
        AdapterChecks(
            spec: spec, root: root, collector: collector, cleanStreams: clean,
            isClean: collector.errorCount == errors && keys.has("streams"),
            hasBaseURL: keys.has("base_url")
        ).run()
        return spec
    }

    /// The entries of a mapping whose keys are names of the author's choice.
    private func namedFields(_ field: Field, rule: NameRule) -> [Field] {
        guard let entries = field.node.mapping else {
            field.complainOfType()
            return []
        }
        if entries.isEmpty {
            field.complain("value_empty", "there is nothing in it")
        }
        return entries.compactMap { entry in
            let name = entry.key.text
            let path = join(field.path, name)
            guard rule.accepts(name) else {
                collector.error(
                    "name_invalid", at: entry.key.place, path: path, found: name,
                    "`\(name)` is no name here", allowed: [rule.words],
                    suggestion: rule.mended(name))
                return nil
            }
            if name == SourceName.pullcord.text {
                collector.error(
                    "name_reserved", at: entry.key.place, path: path, found: name,
                    "`\(name)` is the name of Pullcord's own events")
            }
            return Field(
                node: entry.value, path: path, type: .table(StreamKeys.stream),
                collector: collector)
        }
    }

    private func readBaseURL(_ field: Field) -> Template? {
        guard var template = field.textTemplate() else { return nil }
        URLRules.check(template, field)
        if case .literal(let text)? = template.segments.last, text.hasSuffix("/") {
            template.segments.removeLast()
            let rest = String(text.dropLast())
            if !rest.isEmpty { template.segments.append(.literal(rest)) }
        }
        return template
    }

    private func readRetry(_ field: Field) -> RetrySpec {
        var retry = RetrySpec()
        guard let keys = MappingReader(field, AdapterKeys.retry) else { return retry }
        retry.attempts = keys["attempts"]?.integer() ?? retry.attempts
        if let items = keys["statuses"]?.items(of: .integer(300...599)) {
            retry.statuses = items.compactMap { $0.integer() }
        }
        return retry
    }

    private func readParameters(_ field: Field) -> [ParameterSpec] {
        guard let entries = field.node.mapping else {
            field.complainOfType()
            return []
        }
        return entries.compactMap { entry in
            let path = join(field.path, entry.key.text)
            guard NameRule.plain.accepts(entry.key.text) else {
                collector.error(
                    "name_invalid", at: entry.key.place, path: path, found: entry.key.text,
                    "`\(entry.key.text)` is no name here", allowed: [NameRule.plain.words],
                    suggestion: NameRule.plain.mended(entry.key.text))
                return nil
            }
            let value = Field(
                node: entry.value, path: path,
                type: .either([
                    .choice(AdapterKeys.parameterKinds), .table(AdapterKeys.parameter),
                ]), collector: collector)
            return ParameterReader().read(value, name: entry.key)
        }
    }
}
