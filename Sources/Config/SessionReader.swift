import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads `auth.session`.
struct SessionReader {
    let collector: Collector

    func read(_ field: Field) -> LoginSpec? {
        guard let keys = MappingReader(field, LoginKeys.session) else { return nil }
        let errors = collector.errorCount
        var steps = keys["login"].map(readSteps) ?? []
        if let take = keys["take"], !steps.isEmpty {
            steps[steps.count - 1].takes += readTakes(take)
        }
        let sends = keys["send"].map(readSends) ?? []
        let cookies = keys["cookies"].map(readCookies) ?? .none
        let spec = SessionSpec(
            steps: steps, sends: sends, cookies: cookies,
            lifetime: keys["expires"].map(readLifetime) ?? .open, place: field.place)
        guard collector.errorCount == errors, !steps.isEmpty else { return nil }
        if sends.isEmpty, cookies == .none {
            return field.refuse(
                "session_unused", "nothing of the login goes along with the requests",
                allowed: ["send", "cookies"],
                hint: "for example send: { header: X-Token, value: \"${session.token}\" }")
        }
        checkNames(spec, field)
        return .session(spec)
    }

    // MARK: Requests

    private func readSteps(_ field: Field) -> [LoginStepSpec] {
        guard field.node.sequence != nil else { return [readStep(field)].compactMap { $0 } }
        let items = field.items(of: .table(LoginKeys.step)) ?? []
        if items.isEmpty { field.complain("value_empty", "a login needs a request") }
        if items.count > Limits.loginStepsMax {
            field.complain(
                "value_range",
                "a login has at most \(Limits.loginStepsMax) requests, not \(items.count)")
        }
        return items.compactMap(readStep)
    }

    private func readStep(_ field: Field) -> LoginStepSpec? {
        guard let keys = MappingReader(field, LoginKeys.step),
            let request = RequestReader(table: LoginKeys.step, isQuiet: true).read(field)
        else { return nil }
        if let form = keys["form"] { warnOfLiterals(form) }
        return LoginStepSpec(
            request: request, takes: keys["take"].map(readTakes) ?? [],
            check: keys["check"]?.expression(), message: keys["message"]?.expression(),
            place: field.place)
    }

    /// An adapter holds no secrets, and what is written in it is not masked.
    private func warnOfLiterals(_ form: Field) {
        for entry in form.node.mapping ?? [] where SecretNames.isLikely(entry.key.text) {
            guard let text = entry.value.scalar?.text, !text.isEmpty, !text.contains("${") else {
                continue
            }
            collector.secrets.append(Secret(text))
            collector.warning(
                "secret_in_adapter", at: entry.value.place,
                path: join(form.path, entry.key.text), "a credential is written into the adapter",
                hint: "declare a parameter of type secret and write \"${params.NAME}\"")
        }
    }

    private func readTakes(_ field: Field) -> [LoginStepSpec.Take] {
        guard let entries = field.node.mapping else { return field.mismatch() ?? [] }
        return entries.compactMap { entry in
            let name = entry.key.text
            let value = Field(
                node: entry.value, path: join(field.path, name),
                type: .either([.expression, .table(LoginKeys.take)]), collector: collector)
            guard NameRule.plain.accepts(name) else {
                collector.error(
                    "name_invalid", at: entry.key.place, path: value.path, found: name,
                    "`\(name)` is no name here", allowed: [NameRule.plain.words],
                    suggestion: NameRule.plain.mended(name))
                return nil
            }
            return source(value).map { LoginStepSpec.Take(name: name, source: $0) }
        }
    }

    private func source(_ field: Field) -> LoginStepSpec.Source? {
        guard field.node.mapping != nil else { return field.expression().map { .body($0) } }
        guard let keys = MappingReader(field, LoginKeys.take) else { return nil }
        let names = LoginKeys.take.usableNames
        guard let kind = keys.exclusive(names, hint: "it stands in one place") else {
            guard !keys.hasUnknownKeys else { return nil }
            return field.refuse("take_source", "nothing says where it stands", allowed: names)
        }
        switch kind {
        case "path": return keys[kind]?.expression().map { .body($0) }
        case "header": return keys[kind]?.headerName().map { .header($0) }
        default: return keys[kind]?.filledText().map { .cookie($0.text) }
        }
    }

    // MARK: What goes along

    private func readSends(_ field: Field) -> [SessionSendSpec] {
        guard field.node.sequence != nil else { return [readSend(field)].compactMap { $0 } }
        return (field.items(of: .table(LoginKeys.send)) ?? []).compactMap(readSend)
    }

    private func readSend(_ field: Field) -> SessionSendSpec? {
        guard let keys = MappingReader(field, LoginKeys.send) else { return nil }
        let names = SessionSendSpec.Location.allCases.map(\.rawValue)
        guard let kind = keys.exclusive(names, hint: "it goes to one place") else {
            guard !keys.hasUnknownKeys else { return nil }
            return field.refuse("send_place", "nothing says where it goes", allowed: names)
        }
        let name =
            kind == "header"
            ? keys[kind]?.headerName(reserved: HeaderRules.reserved)
            : keys[kind]?.filledText()?.text
        guard let location = SessionSendSpec.Location(rawValue: kind), let name,
            let value = keys["value"]?.textTemplate()
        else { return nil }
        if let value = keys["value"], location == .header || location == .cookie {
            value.textTemplate().map { HeaderRules.check(value: $0, value) }
        }
        return SessionSendSpec(location: location, name: name, value: value)
    }

    private func readCookies(_ field: Field) -> SessionSpec.Cookies {
        guard field.node.sequence != nil else {
            return field.boolean().map { $0 ? .all : .none } ?? .none
        }
        let names = field.items(of: .text)?.compactMap { $0.filledText()?.text } ?? []
        if names.isEmpty { field.complain("value_empty", "no cookie is named") }
        return .named(names)
    }

    private func readLifetime(_ field: Field) -> SessionSpec.Lifetime {
        guard field.node.mapping != nil else {
            return field.duration().map { .fixed($0) } ?? .open
        }
        return LimitsReader.reading(
            field, LoginKeys.expiry, ValueReading.Meaning.times, default: .seconds
        ).map { .stated($0) } ?? .open
    }

    /// A value of the session must have been taken before it is used.
    private func checkNames(_ spec: SessionSpec, _ field: Field) {
        var known: Set<String> = []
        for step in spec.steps {
            check(step.request.templates, known, field)
            known.formUnion(step.takes.map(\.name))
        }
        check(spec.sends.map(\.value), known, field)
    }

    private func check(_ templates: [Template], _ known: Set<String>, _ field: Field) {
        for placeholder in templates.flatMap(\.placeholders) {
            guard case .session(let name) = placeholder.subject, !known.contains(name) else {
                continue
            }
            let names = known.sorted().map { "session.\($0)" }
            collector.error(
                "session_value_unknown", at: placeholder.place, path: field.path,
                found: "session.\(name)", "no `take` before it gives `${session.\(name)}`",
                allowed: names,
                suggestion: Suggestion.nearest(to: "session.\(name)", among: names))
        }
    }
}
