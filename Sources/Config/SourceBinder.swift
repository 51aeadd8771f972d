import PullcordAdapter
import PullcordModel

/// Gives a source's values to its adapter.
struct SourceBinder {
    let installation: Installation
    private var collector: Collector { installation.collector }

    init(installation: Installation) { self.installation = installation }

    func bind(_ spec: SourceSpec, to adapter: AdapterSpec, path: String) -> BoundSource {
        var parameters: [String: String] = [:]
        var secrets: [Secret] = []
        var given: Set<String> = []
        var isKnown = installation.environment != nil
        for (name, template) in spec.with {
            let keyPath = join(join(path, "with"), name.text)
            guard let parameter = adapter.parameters.first(where: { $0.name == name.text }) else {
                complainUnknown(name, adapter, keyPath)
                continue
            }
            given.insert(name.text)
            if parameter.kind == .secret {
                SecretNames.warn(
                    of: template, path: keyPath, collector, isHidden: installation.isInvented)
            }
            switch installation.resolve(template, path: keyPath) {
            case .text(let value):
                check(
                    value, template, parameter, keyPath,
                    isKey: adapter.auth.keyParameters.contains(parameter.name))
                parameters[name.text] = value
                if parameter.kind == .secret { secrets.append(Secret(value)) }
                if template.subjects.contains(where: isOutside) {
                    secrets += installation.values(of: template)
                }
            case .absent: given.remove(name.text)
            case .unknown, .failed: isKnown = false
            }
        }
        for parameter in adapter.parameters where !given.contains(parameter.name) {
            if let value = parameter.defaultValue {
                parameters[parameter.name] = value
                if parameter.kind == .secret { secrets.append(Secret(value)) }
            } else if parameter.isRequired {
                collector.error(
                    "parameter_missing", at: spec.adapter.place,
                    path: join(join(path, "with"), parameter.name), found: spec.adapter.text,
                    "the adapter `\(adapter.name)` needs the parameter `\(parameter.name)`",
                    hint: parameter.kind == .secret
                        ? "with: { \(parameter.name): \"${env.NAME}\" }" : parameter.summary)
            }
        }
        checkStreams(spec, adapter, path)
        if isKnown {
            checkBaseURL(adapter, parameters, spec, path)
            checkSigningKey(spec, adapter, parameters, path: path)
        }
        let late = LateValues(
            parameters: parameters, source: spec, path: path, collector: collector)
        var known: Set<Secret> = []
        var bound = BoundSource(
            spec: spec, adapter: late.fill(adapter), parameters: parameters,
            secrets: secrets.filter { known.insert($0).inserted })
        if isKnown || spec.tls != nil {
            bound.files = bindFiles(spec, adapter, parameters, path: path)
        }
        return bound
    }

    /// Whether a value is kept out of the file, most likely because it is nobody's business.
    private func isOutside(_ subject: Placeholder.Subject) -> Bool {
        switch subject {
        case .file, .environment: true
        case .parameter, .cursor, .namedCursor, .page, .pollStarted, .event, .recordKey,
            .record, .parent, .request, .session:
            false
        }
    }

    private func complainUnknown(_ name: LocatedText, _ adapter: AdapterSpec, _ path: String) {
        let names = adapter.parameters.map(\.name)
        collector.error(
            "parameter_unknown", at: name.place, path: path, found: name.text,
            "the adapter `\(adapter.name)` has no parameter `\(name.text)`", allowed: names,
            suggestion: Suggestion.nearest(to: name.text, among: names))
    }

    private func check(
        _ value: String, _ template: Template, _ parameter: ParameterSpec, _ path: String,
        isKey: Bool
    ) {
        if value.isEmpty, parameter.isRequired || parameter.kind == .secret {
            collector.error(
                "parameter_empty", at: template.place, path: path,
                "the value of `\(parameter.name)` is empty")
            return
        }
        if parameter.kind == .secret, !isKey, !HeaderRules.isValue(value) {
            collector.error(
                "parameter_control", at: template.place, path: path,
                "the value of `\(parameter.name)` holds a line break or a control character")
            return
        }
        if isKey,
            let complaint = PEMKind.key.complaint(
                Array(value.replacing("\\n", with: "\n").utf8))
        {
            collector.error(
                "pem_invalid", at: template.place, path: path,
                "the value of `\(parameter.name)` \(complaint)", allowed: [PEMKind.key.words])
            return
        }
        guard let complaint = ParameterReader.complaint(value, parameter) else { return }
        // What comes from outside the file may be secret whatever the adapter says.
        let isShown = template.literalText != nil && parameter.kind != .secret
        collector.error(
            "parameter_type", at: template.place, path: path, found: isShown ? value : "",
            isShown ? complaint : "the value does not fit `\(parameter.name)`",
            allowed: parameter.allowed.isEmpty ? [parameter.kind.words] : parameter.allowed,
            suggestion: isShown
                ? Suggestion.nearest(to: value, among: parameter.allowed) : nil)
    }

    private func checkStreams(_ spec: SourceSpec, _ adapter: AdapterSpec, _ path: String) {
        let names = adapter.streams.map(\.name.text)
        for (index, stream) in (spec.streams ?? []).enumerated() where !names.contains(stream.text)
        {
            collector.error(
                "stream_unknown", at: stream.place, path: "\(join(path, "streams"))[\(index)]",
                found: stream.text,
                "the adapter `\(adapter.name)` has no stream `\(stream.text)`", allowed: names,
                suggestion: Suggestion.nearest(to: stream.text, among: names))
        }
    }

    /// A base URL that begins with a parameter shows only now what it is.
    private func checkBaseURL(
        _ adapter: AdapterSpec, _ parameters: [String: String], _ spec: SourceSpec, _ path: String
    ) {
        guard let baseURL = adapter.baseURL, case .placeholder? = baseURL.segments.first,
            let url = try? baseURL.render(TemplateContext(parameters: parameters))
        else { return }
        guard let parts = URLRules.Parts(url), !parts.host.isEmpty, !parts.hasUserInfo else {
            collector.error(
                "url_invalid", at: spec.adapter.place, path: join(path, "with"),
                "with these values `base_url` is no URL of http or https",
                hint: "see \(baseURL.place)")
            return
        }
        if parts.isPlain, !parts.isLoopback, adapter.sendsSecrets {
            collector.warning(
                "credentials_over_http", at: spec.adapter.place, path: join(path, "with"),
                "credentials are sent unencrypted", hint: "use https")
        }
    }
}

extension ParameterSpec.Kind {
    fileprivate var words: String {
        switch self {
        case .string, .secret: "a text"
        case .integer: "a whole number"
        case .boolean: "true or false"
        }
    }
}
