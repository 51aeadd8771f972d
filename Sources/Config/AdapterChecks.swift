import PullcordAdapter
import PullcordModel
import PullcordYAML

/// What only shows when the parts of an adapter are compared.
struct AdapterChecks {
    private let spec: AdapterSpec
    private let collector: Collector
    private let index: PlaceIndex
    /// Streams that were read without an error.
    private let cleanStreams: Set<StreamName>
    /// Whether the whole file was read without an error.
    private let isClean: Bool
    private let hasBaseURL: Bool
    private let names: [String]
    private let nameSet: Set<String>

    init(
        spec: AdapterSpec, root: YAMLNode, collector: Collector, cleanStreams: Set<StreamName>,
        isClean: Bool, hasBaseURL: Bool
    ) {
        self.spec = spec
        self.collector = collector
        self.cleanStreams = cleanStreams
        self.isClean = isClean
        self.hasBaseURL = hasBaseURL
        index = PlaceIndex(root)
        names = spec.parameters.map(\.name)
        nameSet = Set(names)
    }

    func run() {
        for template in spec.auth.templates {
            // Readers of logins know which values a session has.
            checkValues(template, signsRequests: spec.auth.isTemplateSigned, isLogin: true)
            refuseStreamValues(template, "belongs to the request of a stream")
        }
        let shared = [spec.baseURL].compactMap { $0 } + (spec.tls?.templates ?? [])
        for template in shared {
            checkValues(template)
            refuseStreamValues(template, "belongs to the request of a stream")
        }
        let everyStream = spec.headers.map(\.value) + spec.query.map(\.value)
        for template in everyStream + (spec.origin.program?.templates ?? []) {
            checkValues(template)
            if isClean { checkStreamValues(template) }
        }
        for stream in spec.streams {
            let details = stream.detail?.request.templates ?? []
            let own = stream.request.templates + stream.program.templates
            for template in own + stream.sideTemplates + details {
                checkValues(template)
            }
            for initial in stream.cursors.compactMap(\.spec.initial) {
                checkValues(initial)
                refuseStreamValues(initial, "has no value yet where a cursor begins")
            }
            let late = stream.cursors.map(\.spec.zoneParameter) + [stream.pages.sizeParameter]
            for template in stream.pages.templates + late.compactMap({ $0 }) {
                checkValues(template)
            }
            LateValues.checkDefaults(of: stream, spec, collector)
            StreamChecks(
                stream: stream, spec: spec, collector: collector, index: index,
                isClean: cleanStreams.contains(stream.name), hasBaseURL: hasBaseURL
            ).run()
        }
        checkSecretsInURLs()
        checkSecretsInArguments()
        checkPlainHTTP()
        if isClean {
            // Code is given all of them.
            if case .code = spec.origin {} else { checkUnused() }
            AdapterLint(spec: spec, collector: collector, index: index).run()
            TemplateLint(spec: spec, collector: collector, index: index).run()
        }
    }

    /// Parameters must be declared; environment and files are not an adapter's business.
    private func checkValues(
        _ template: Template, signsRequests: Bool = false, isLogin: Bool = false
    ) {
        for placeholder in template.placeholders {
            switch placeholder.subject {
            case .parameter(let name) where !nameSet.contains(name):
                complain(
                    "parameter_unknown", placeholder, "no parameter `\(name)` is declared",
                    allowed: names.map { "params.\($0)" },
                    suggestion: Suggestion.nearest(to: name, among: names).map { "params.\($0)" },
                    hint: names.isEmpty ? "declare it under `params`" : "")
            case .environment, .file:
                complain(
                    "secret_in_adapter", placeholder,
                    "an adapter reads neither the environment nor files",
                    hint: "declare a parameter, and let the source give it: "
                        + "with: { NAME: \"${env.NAME}\" }")
            case .event(let value):
                complain(
                    "placeholder_misplaced", placeholder,
                    "`${event.\(value.rawValue)}` belongs to the headers of a subscription")
            case .request(let value):
                guard !signsRequests else { continue }
                complain(
                    "placeholder_misplaced", placeholder,
                    "`${\(value.word)}` belongs to `auth.hmac`")
            case .session(let name):
                guard !isLogin else { continue }
                complain(
                    "placeholder_misplaced", placeholder,
                    "`${session.\(name)}` has a value only under `auth.session`",
                    hint: "`send` puts it into the requests of the streams")
            case .parameter, .cursor, .namedCursor, .page, .pollStarted, .recordKey, .record,
                .parent:
                break
            }
        }
    }

    private func refuseStreamValues(_ template: Template, _ reason: String) {
        for placeholder in template.placeholders {
            switch placeholder.subject {
            case .cursor: complain("placeholder_misplaced", placeholder, "`${cursor}` \(reason)")
            case .namedCursor(let name):
                complain("placeholder_misplaced", placeholder, "`${cursor.\(name)}` \(reason)")
            case .page(let value):
                complain(
                    "placeholder_misplaced", placeholder, "`${page.\(value.rawValue)}` \(reason)")
            case .parameter, .environment, .file, .pollStarted, .event, .recordKey, .record,
                .parent, .request, .session:
                break
            }
        }
    }

    /// Items that all streams share are left out where a stream has no such value; where none has
    /// it, that was not meant.
    private func checkStreamValues(_ template: Template) {
        for placeholder in template.placeholders {
            switch placeholder.subject {
            case .cursor where spec.streams.allSatisfy({ $0.cursor == nil }),
                .namedCursor where spec.streams.allSatisfy({ $0.cursor == nil }):
                complain("cursor_missing", placeholder, "no stream has a `cursor`")
            case .page(let value) where !spec.streams.contains(where: { $0.pages.gives(value) }):
                complain(
                    "page_value_missing", placeholder,
                    "no stream's `pages` gives `${page.\(value.rawValue)}`")
            case .parameter, .environment, .file, .cursor, .namedCursor, .page, .pollStarted,
                .event, .recordKey, .record, .parent, .request, .session:
                break
            }
        }
    }

    /// URLs end up in logs of proxies and servers.
    private func checkSecretsInURLs() {
        let secrets = Set(spec.parameters.filter { $0.kind == .secret }.map(\.name))
        var templates = [spec.baseURL].compactMap { $0 } + spec.query.map(\.value)
        for stream in spec.streams {
            switch stream.request.target {
            case .path(let template), .url(let template): templates.append(template)
            }
            templates += stream.request.query.map(\.value)
        }
        for placeholder in templates.flatMap(\.placeholders) {
            guard case .parameter(let name) = placeholder.subject, secrets.contains(name) else {
                continue
            }
            collector.warning(
                "secret_in_url", at: placeholder.place, path: index.path(of: placeholder),
                "the secret `\(name)` becomes part of the URL, which servers write to their logs",
                hint: "send it by `auth` or in a header if the API allows that")
        }
    }

    /// Everybody on a machine may see the arguments of its programs.
    private func checkSecretsInArguments() {
        let secrets = Set(spec.parameters.filter { $0.kind == .secret }.map(\.name))
        let words =
            (spec.origin.program?.arguments ?? []) + spec.streams.flatMap(\.program.arguments)
        for placeholder in words.flatMap({ $0 }).flatMap(\.placeholders) {
            guard case .parameter(let name) = placeholder.subject, secrets.contains(name) else {
                continue
            }
            collector.warning(
                "secret_in_arguments", at: placeholder.place, path: index.path(of: placeholder),
                "the secret `\(name)` becomes an argument, which every user of the machine can see",
                hint: "give it by `environment`, `stdin` or `config`")
        }
    }

    private func checkPlainHTTP() {
        var templates = [spec.baseURL].compactMap { $0 }
        for case .url(let template) in spec.streams.map(\.request.target) {
            templates.append(template)
        }
        guard spec.sendsSecrets else { return }
        for template in templates {
            guard case .literal(let text)? = template.segments.first,
                let parts = URLRules.Parts(text), parts.isPlain, !parts.isLoopback
            else { continue }
            collector.warning(
                "credentials_over_http", at: template.place, path: index.path(of: template.place),
                found: text, "credentials are sent unencrypted", hint: "use https")
        }
    }

    private func checkUnused() {
        var used: Set<Placeholder.Subject> = []
        if let baseURL = spec.baseURL { used.formUnion(baseURL.subjects) }
        for stream in spec.streams {
            used.formUnion(spec.subjects(for: stream))
            for entry in stream.cursors {
                used.formUnion(entry.spec.initial?.subjects ?? [])
                used.formUnion(entry.spec.zoneParameter?.subjects ?? [])
            }
            used.formUnion(stream.pages.sizeParameter?.subjects ?? [])
            for template in stream.sideTemplates { used.formUnion(template.subjects) }
        }
        for parameter in spec.parameters where !used.contains(.parameter(parameter.name)) {
            collector.warning(
                "parameter_unused", at: parameter.place, path: join("params", parameter.name),
                found: parameter.name, "the parameter `\(parameter.name)` is never used")
        }
    }

    private func complain(
        _ code: String, _ placeholder: Placeholder, _ message: String, allowed: [String] = [],
        suggestion: String? = nil, hint: String = ""
    ) {
        collector.error(
            code, at: placeholder.place, path: index.path(of: placeholder), message,
            allowed: allowed, suggestion: suggestion, hint: hint)
    }
}
