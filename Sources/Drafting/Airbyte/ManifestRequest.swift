import PullcordModel
import PullcordYAML

/// Requests: base, path, query, headers and body.
extension ManifestReader {
    func readRequest(_ requester: Component, _ parts: inout StreamParts) throws(StreamSkip) {
        let method = (requester.text("http_method") ?? "GET").uppercased()
        guard method == "GET" || method == "POST" else {
            throw StreamSkip(
                place: requester.place, reason: "requests by `\(method)` are never sent")
        }
        if method == "POST" { parts.request.append(DraftEntry("method", text: "POST")) }
        let base = base(requester, parts.scope)
        parts.request.append(DraftEntry("base", text: base))
        let path = try path(requester, parts.scope)
        parts.request.append(DraftEntry("path", text: path.path))
        if !path.query.isEmpty { parts.request.set("query", .map(path.query)) }
        addItems(requester, "request_parameters", "query", &parts)
        addItems(requester, "request_headers", "headers", &parts)
        readBody(requester, method, &parts)
        for index in parts.injections.indices { parts.inject(into: index) }
        endBody(method, requester, &parts)
        endHeaders(&parts)
    }

    private func text(_ scope: JinjaScope, isNeeded: Bool = false) -> JinjaText {
        JinjaText(scope: scope, parameters: parameters, isNeeded: isNeeded)
    }

    /// The base of the URL, without a slash at its end.
    private func base(_ requester: Component, _ scope: JinjaScope) -> String {
        let template = requester.text("url_base") ?? requester.text("url") ?? ""
        do throws(JinjaError) {
            var url = try text(scope, isNeeded: true).text(template).trimmingBlanks
            while url.hasSuffix("/") { url.removeLast() }
            // A host that a person gives may stand with or without its scheme.
            if url.hasPrefix("${params."), let end = url.firstIndex(of: "}"),
                url[url.index(after: end)...].isEmpty || !url.contains("://")
            {
                return url
            }
            return url.contains("://") ? url : "https://" + url
        } catch {
            let name = parameters.own("base_url", summary: "Where the API is, with https://.")
            leave(
                requester["url_base"]?.place ?? requester.place, "url_base", error.reason,
                by: "nothing: the source gives it as the parameter `\(name)`")
            return "${params.\(name)}"
        }
    }

    private func path(
        _ requester: Component, _ scope: JinjaScope
    ) throws(StreamSkip) -> (path: String, query: [DraftEntry]) {
        guard let template = requester.text("path"), requester["url_base"] != nil else {
            return ("", [])
        }
        let place = requester["path"]?.place ?? requester.place
        let text: String
        do throws(JinjaError) {
            text = try self.text(scope, isNeeded: true).text(template).trimmingBlanks
        } catch {
            throw StreamSkip(place: place, reason: "`path`: \(error.reason)")
        }
        guard let mark = text.firstIndex(of: "?") else {
            return (text, [])
        }
        var query: [DraftEntry] = []
        for item in text[text.index(after: mark)...].split(separator: "&") {
            let name = item.prefix { $0 != "=" }
            query.append(
                DraftEntry(String(name), text: String(item.dropFirst(name.count + 1))))
        }
        return (String(text[..<mark]), query)
    }

    /// Items of the query or headers; what is not understood is left out and told of.
    private func addItems(
        _ requester: Component, _ key: String, _ target: String, _ parts: inout StreamParts
    ) {
        guard let node = requester[key] else { return }
        guard let entries = node.mapping else {
            if !node.isFalsy {
                leave(
                    node.place, "stream \(parts.name), \(key)", "it is no mapping of names",
                    by: "\(target): { … }")
            }
            return
        }
        for entry in entries where !entry.value.isFalsy || entry.value.scalar != nil {
            do throws(JinjaError) {
                let name = try text(parts.scope).text(entry.key.text)
                let values = try values(entry.value, parts.scope)
                guard let values, !name.isEmpty else { continue }
                var items: [DraftEntry] = []
                if case .map(let known)? = parts.request[target] { items = known }
                items.set(name, values)
                parts.request.set(target, .map(items))
            } catch {
                leave(
                    entry.key.place, "stream \(parts.name), \(key) `\(entry.key.text)`",
                    error.reason, by: "\(target): { \(entry.key.text): … }")
            }
        }
    }

    /// One text or several; nil for a value that is empty.
    private func values(
        _ node: YAMLNode, _ scope: JinjaScope
    ) throws(JinjaError) -> DraftValue? {
        if let items = node.sequence {
            var texts: [DraftValue] = []
            for item in items {
                guard let scalar = item.scalar else {
                    throw JinjaError(reason: "a list of more than texts")
                }
                texts.append(.text(try text(scope).text(scalar.text)))
            }
            return .list(texts)
        }
        guard let scalar = node.scalar else { throw JinjaError(reason: "it is a mapping") }
        if scalar.kind == .null { return nil }
        let text = try text(scope).text(scalar.text)
        return text.isEmpty ? nil : .text(text)
    }

    private func readBody(
        _ requester: Component, _ method: String, _ parts: inout StreamParts
    ) {
        var json = requester["request_body_json"]
        var data = requester["request_body_data"]
        if let body = requester.component("request_body") {
            switch body.kind {
            case "RequestBodyJsonObject", "RequestBodyGraphQL", "RequestBodyGraphQl":
                json = body["value"]
            case "RequestBodyUrlEncodedForm", "RequestBodyPlainText": data = body["value"]
            default:
                leave(body.place, "stream \(parts.name), request_body", "`\(body.kind)`")
            }
        }
        if let json, !json.isFalsy {
            do throws(JinjaError) {
                parts.request.set("body", try body(json, parts.scope))
            } catch {
                leave(
                    json.place, "stream \(parts.name), request_body_json", error.reason,
                    by: "request: { method: POST, body: … }")
            }
        } else if let data, !data.isFalsy {
            do throws(JinjaError) {
                if data.mapping != nil {
                    parts.request.set("form", try body(data, parts.scope))
                } else if let scalar = data.scalar {
                    parts.request.set("body", .text(try text(parts.scope).text(scalar.text)))
                }
            } catch {
                leave(
                    data.place, "stream \(parts.name), request_body_data", error.reason,
                    by: "request: { method: POST, body: … }")
            }
        }
    }

    /// A body of JSON: YAML as it stands, with placeholders in its texts.
    private func body(_ node: YAMLNode, _ scope: JinjaScope) throws(JinjaError) -> DraftValue {
        switch node.content {
        case .scalar(let scalar):
            switch scalar.kind {
            case .integer, .float, .boolean, .null: return .bare(scalar.text)
            case .string: break
            }
            let resolved = try JinjaConstants(parameters: scope.parameters).resolved(scalar.text)
            if case .number(let number)? = resolved.single { return .bare(number) }
            if case .bool(let value)? = resolved.single { return .bool(value) }
            return .text(try text(scope).text(scalar.text))
        case .sequence(let items):
            var values: [DraftValue] = []
            for item in items { values.append(try body(item, scope)) }
            return .list(values)
        case .mapping(let entries):
            var values: [DraftEntry] = []
            for entry in entries {
                values.append(DraftEntry(entry.key.text, try body(entry.value, scope)))
            }
            return .map(values)
        }
    }

    /// A body that cannot be sent is told of.
    private func endBody(
        _ method: String, _ requester: Component, _ parts: inout StreamParts
    ) {
        let isBody: (DraftEntry) -> Bool = { ["body", "form", "content_type"].contains($0.key) }
        guard method == "GET", parts.request.contains(where: isBody) else { return }
        parts.request.removeAll(where: isBody)
        leave(
            requester.place, "stream \(parts.name), body", "a body goes with POST only",
            by: "request: { method: POST, body: … } if the API takes that")
    }

    /// Headers that are the HTTP client's or follow from the body.
    private func endHeaders(_ parts: inout StreamParts) {
        guard case .map(let headers)? = parts.request["headers"] else { return }
        let hasBody = parts.request["body"] != nil || parts.request["form"] != nil
        let kept = headers.filter { header in
            let name = header.key.lowercased()
            if name == "content-type", hasBody {
                if case .text = parts.request["body"] {
                    parts.request.set("content_type", header.value)
                }
                return false
            }
            return ![
                "accept-encoding", "content-length", "host", "connection", "user-agent",
            ].contains(name)
        }
        parts.request.set("headers", .map(kept))
        if kept.isEmpty { parts.request.removeAll { $0.key == "headers" } }
    }

    // MARK: Options

    /// Where an option puts a value; nil if there is none, or it is the path.
    func injection(
        _ option: Component?, _ value: String, _ scope: JinjaScope
    ) -> Injection? {
        guard let option, option.kind != "RequestPath", option.text("inject_into") != "path" else {
            return nil
        }
        let path =
            option.texts("field_path").isEmpty
            ? [option.text("field_name") ?? ""] : option.texts("field_path")
        var names: [String] = []
        for name in path {
            guard let text = try? text(scope.with(option)).text(name), !text.isEmpty else {
                leave(option.place, "an option", "`field_name` is computed or missing")
                return nil
            }
            names.append(text)
        }
        return Injection(
            into: option.text("inject_into") ?? "request_parameter", path: names, value: value,
            place: option.place)
    }
}
