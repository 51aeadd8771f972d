import PullcordCommit
import PullcordJSON

/// The OpenAPI 3.1 document, made of the same table that the router works by.
struct OpenAPIDocument {
    let routes: [Route]
    let version: String

    var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("openapi", "3.1.0")
        writer.key("info")
        writer.beginObject()
        writer.member("title", "Pullcord")
        writer.member("version", version)
        writer.member(
            "description",
            "Steers a running Pullcord and looks into it. Refusals are problem details (RFC 9457) "
                + "with `code`, `field`, `allowed` and `hint`.")
        writer.endObject()
        writer.key("paths")
        writer.beginObject()
        let documented = routes.filter(\.isDocumented)
        var paths: [String] = []
        for route in documented where !paths.contains(route.path) { paths.append(route.path) }
        for path in paths {
            writer.key(path)
            writer.beginObject()
            for route in documented where route.path == path {
                writer.key(route.method.rawValue.lowercased())
                write(route, &writer)
            }
            writer.endObject()
        }
        writer.endObject()
        writeComponents(&writer)
        writer.endObject()
        return writer.bytes
    }

    private func write(_ route: Route, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("operationId", route.id)
        writer.member("summary", route.summary)
        writer.texts("tags", [route.tag])
        writer.key("parameters")
        writer.beginArray()
        for segment in route.segments where segment.hasPrefix("{") {
            writer.parameter(
                String(segment.dropFirst().dropLast()), in: "path",
                .pattern("^[A-Za-z0-9_-]{1,64}$"), "", true)
        }
        for parameter in route.query {
            writer.parameter(parameter.name, in: "query", parameter.schema, parameter.summary)
        }
        for (name, summary) in headers(route) {
            writer.parameter(name, in: "header", .pattern("^[!-~]{1,255}$"), summary)
        }
        writer.endArray()
        write(route.content, &writer)
        writer.key("responses")
        writer.beginObject()
        writeSuccess(route, &writer)
        for status in refusals(route) {
            writer.key(String(status))
            writer.beginObject()
            writer.member("description", APIProblem.title(status))
            writer.content("application/problem+json", .named("Problem"))
            writer.endObject()
        }
        writer.endObject()
        writer.key("security")
        writer.beginArray()
        if route.access != .open {
            writer.beginObject()
            writer.texts("token", [])
            writer.endObject()
        }
        // Nobody, on loopback and for what is open; a foreign signature is no scheme of OpenAPI.
        writer.beginObject()
        writer.endObject()
        writer.endArray()
        if case .scope(let scope) = route.access { writer.member("x-scope", scope.rawValue) }
        writer.endObject()
    }

    private func headers(_ route: Route) -> [(String, String)] {
        var headers: [(String, String)] = []
        if route.method == .post, route.keepsAnswers {
            headers.append(
                ("Idempotency-Key", "The same request under the same key is carried out once."))
        }
        if route.isConditional {
            headers.append(("If-Match", "The ETag of what is to be changed."))
            if route.method == .put {
                headers.append(("If-None-Match", "`*` where nothing may be there yet."))
            }
        }
        if case .other("text/event-stream") = route.reply {
            headers.append(("Last-Event-ID", "The id of the last event that came."))
        }
        return headers
    }

    private func write(_ content: Route.Content, _ writer: inout JSONWriter) {
        let types: [(String, Schema)]
        switch content {
        case .none: return
        case .json(let schema): types = [("application/json", schema)]
        case .text(let names): types = names.map { ($0, .any) }
        case .anything: types = [("*/*", .any)]
        }
        writer.key("requestBody")
        writer.beginObject()
        writer.key("content")
        writer.beginObject()
        for (type, schema) in types {
            writer.key(type)
            writer.beginObject()
            writer.key("schema")
            schema.write(to: &writer)
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
    }

    private func writeSuccess(_ route: Route, _ writer: inout JSONWriter) {
        // A definition may be new.
        for status in route.method == .put ? [route.status, 201] : [route.status] {
            writer.key(String(status))
            writer.beginObject()
            writer.member("description", status == 201 ? "It was made." : "As asked.")
            switch route.reply {
            case .none: break
            case .json(let schema): writer.content("application/json", schema)
            case .other(let type): writer.content([type] + route.otherReplies, .any)
            }
            writer.endObject()
        }
    }

    /// Every refusal that the route may answer with, each once.
    private func refusals(_ route: Route) -> [Int] {
        var refusals: Set<Int> = [400, 406, 414, 421, 500]
        refusals.formUnion(route.refusals)
        if route.access != .open { refusals.formUnion([401, 403, 429]) }
        if route.method != .get { refusals.formUnion([403, 413, 415]) }
        if route.method == .post, route.keepsAnswers { refusals.formUnion([409, 422]) }
        if case .json = route.content { refusals.insert(422) }
        return refusals.sorted()
    }

    private func writeComponents(_ writer: inout JSONWriter) {
        writer.key("components")
        writer.beginObject()
        writer.key("schemas")
        writer.beginObject()
        for (name, schema) in Shapes.all.sorted(by: { $0.key < $1.key }) {
            writer.key(name)
            schema.write(to: &writer)
        }
        writer.endObject()
        writer.key("securitySchemes")
        writer.beginObject()
        writer.key("token")
        writer.beginObject()
        writer.member("type", "http")
        writer.member("scheme", "bearer")
        writer.member("description", "A token of `pullcord token create`.")
        writer.endObject()
        writer.endObject()
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func parameter(
        _ name: String, in place: String, _ schema: Schema, _ summary: String,
        _ isRequired: Bool = false
    ) {
        beginObject()
        member("name", name)
        member("in", place)
        key("required")
        bool(isRequired)
        if !summary.isEmpty { member("description", summary) }
        key("schema")
        schema.write(to: &self)
        endObject()
    }

    fileprivate mutating func content(_ type: String, _ schema: Schema) {
        content([type], schema)
    }

    fileprivate mutating func content(_ types: [String], _ schema: Schema) {
        key("content")
        beginObject()
        for type in types {
            key(type)
            beginObject()
            key("schema")
            schema.write(to: &self)
            endObject()
        }
        endObject()
    }
}
