import PullcordAdapter
import PullcordCommit
import PullcordConfig
import PullcordJSON
import PullcordModel

/// Adapters: which there are, and whether a text would be one.
struct AdapterRoutes: RouteGroup {
    static let yamlTypes = ["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"]

    let desk: APIDesk

    var routes: [Route] { [list, one, text, check] }

    private var list: Route {
        Route(
            .get, "/v1/adapters", id: "listAdapters", tag: "adapters",
            "List the adapters that sources can name.", access: .scope(.read),
            query: [PageBounds.limit, PageBounds.cursor],
            reply: .json(Shapes.page(of: "Adapter"))
        ) { request in
            let after = try PageToken.read("adapters", request)
            let limit = request.limit()
            let names = desk.adapters.names().map(\.name)
                .filter { name in after.map { name > $0 } ?? true }
            let next =
                names.count > limit ? PageToken.write("adapters", names[limit - 1]) : nil
            let entries = names.prefix(limit).compactMap { desk.adapters.adapter($0) }
            return .page(entries, next: next) { $0.adapter($1) }
        }
    }

    private var one: Route {
        Route(
            .get, "/v1/adapters/{name}", id: "getAdapter", tag: "adapters", "Show one adapter.",
            access: .scope(.read), reply: .json(.named("Adapter")), refusals: [404]
        ) { request in
            guard let entry = desk.adapters.adapter(request.name("name")) else {
                throw unknown(request.name("name"))
            }
            var writer = JSONWriter()
            writer.adapter(entry)
            return APIAnswer(json: writer.bytes)
        }
    }

    private var text: Route {
        Route(
            .get, "/v1/adapters/{name}/text", id: "getAdapterText", tag: "adapters",
            "Show an adapter's file.", access: .scope(.read), reply: .other("application/yaml"),
            refusals: [404]
        ) { request in
            guard let bytes = desk.adapters.text(request.name("name")) else {
                throw unknown(request.name("name"))
            }
            return APIAnswer(contentType: "application/yaml", .bytes(bytes))
        }
    }

    private var check: Route {
        Route(
            .post, "/v1/adapters/check", id: "checkAdapter", tag: "adapters",
            "Check a YAML text, as pullcord check does, without its environment.",
            access: .scope(.read), content: .text(Self.yamlTypes),
            reply: .json(.named("CheckReport"))
        ) { request in
            let report = desk.adapters.check(request.body)
            var writer = JSONWriter()
            writer.beginObject()
            writer.key("valid")
            writer.bool(!report.hasErrors)
            writer.member("errors", report.errors.count)
            writer.member("warnings", report.warnings.count)
            writer.key("complaints")
            writer.raw(report.json.utf8)
            writer.endObject()
            return APIAnswer(json: writer.bytes)
        }
    }

    private func unknown(_ name: String) -> APIProblem {
        APIProblem(
            404, "unknown_adapter", "there is no adapter `\(name)`", field: "name",
            allowed: Array(desk.adapters.names().map(\.name).prefix(40)))
    }
}

extension JSONWriter {
    mutating func adapter(_ entry: AdapterDesk.Entry) {
        let spec = entry.spec
        beginObject()
        member("name", entry.name)
        member("file", entry.file)
        key("version")
        if let spec { number(spec.version) } else { null() }
        member("summary", spec?.summary)
        member("documentation", spec?.documentation)
        key("parameters")
        beginArray()
        for parameter in spec?.parameters ?? [] {
            beginObject()
            member("name", parameter.name)
            member("kind", parameter.kind.rawValue)
            key("required")
            bool(parameter.isRequired)
            member("default", parameter.kind == .secret ? nil : parameter.defaultValue)
            member("summary", parameter.summary)
            endObject()
        }
        endArray()
        texts("streams", spec?.streams.map(\.name.text) ?? [])
        key("complaints")
        raw((entry.report ?? DiagnosticReport()).json.utf8)
        endObject()
    }
}
