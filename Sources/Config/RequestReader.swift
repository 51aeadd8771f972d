import PullcordAdapter
import PullcordModel
import PullcordYAML

/// Reads the request of a stream.
struct RequestReader {
    var table = StreamKeys.request
    /// Whether keys that are wrong have been complained about already.
    var isQuiet = false

    func read(_ field: Field) -> RequestSpec? {
        if let scalar = field.node.scalar, scalar.kind != .null {
            guard let template = field.textTemplate() else { return nil }
            if Self.isURL(template) {
                URLRules.check(template, field)
                return RequestSpec(target: .url(template))
            }
            checkPath(template, field)
            return RequestSpec(target: .path(template))
        }
        guard let keys = MappingReader(field, table, isQuiet: isQuiet) else { return nil }
        let form = keys["form"].flatMap { $0.namedTemplates(allowsLists: true)?.map(\.0) }
        if form != nil { _ = keys.exclusive(["form", "body"], hint: "a request has one body") }
        let isForm = keys.has("form")
        let method = keys["method"]?.choice(RequestSpec.Method.self) ?? (isForm ? .post : .get)
        let type = readContentType(keys)
        let body =
            form.map { .form($0, contentType: type ?? RequestSpec.Body.formType) }
            ?? keys["body"].flatMap { readBody($0, type) }
        for name in ["body", "form"]
        where keys.has(name) && method != .post && (keys["method"] != nil || !keys.has("method")) {
            field.collector.error(
                "body_without_post", at: keys.keyPlace(name), path: join(field.path, name),
                found: name, "a \(name) needs `method: POST`")
        }
        if keys.has("content_type"), !keys.has("body"), !isForm {
            field.collector.error(
                "content_type_without_body", at: keys.keyPlace("content_type"),
                path: join(field.path, "content_type"), found: "content_type",
                "`content_type` needs a `body`")
        }
        return RequestSpec(
            method: method,
            target: readTarget(keys, field)
                ?? .url(Template(segments: [], place: field.place)),
            query: keys["query"]?.namedTemplates(allowsLists: true)?.map(\.0) ?? [],
            headers: keys["headers"]?.headers(reserved: reservedHeaders(keys)) ?? [],
            body: body, cost: keys["cost"].flatMap(LimitsReader.cost))
    }

    private func readTarget(_ keys: MappingReader, _ field: Field) -> RequestSpec.Target? {
        let hint = "`path` is appended to base_url, `url` is whole"
        guard let kind = keys.exclusive(["path", "url"], hint: hint) else {
            if keys.hasUnknownKeys { return nil }
            return field.refuse(
                "request_target", "nothing says where the request goes",
                allowed: ["path", "url"], hint: hint)
        }
        guard let value = keys[kind], let template = value.textTemplate() else { return nil }
        if kind == "url" {
            URLRules.check(template, value)
            return .url(template)
        }
        if Self.isURL(template) {
            return value.refuse("path_is_url", "this is a whole URL", hint: "write it as `url`")
        }
        checkPath(template, value)
        return .path(template)
    }

    private func reservedHeaders(_ keys: MappingReader) -> [String: String] {
        guard keys.has("body") || keys.has("form") else { return HeaderRules.reserved }
        return HeaderRules.reserved.merging([
            "content-type": "write `content_type` beside `\(keys.has("form") ? "form" : "body")`"
        ]) { first, _ in first }
    }

    private func readContentType(_ keys: MappingReader) -> String? {
        guard let field = keys["content_type"], let type = field.filledText()?.text else {
            return nil
        }
        if !HeaderRules.isValue(type) || !type.contains("/") {
            field.complain(
                "header_value", "this is no media type", hint: "for example: application/json")
        }
        return type
    }

    private func readBody(_ field: Field, _ type: String?) -> RequestSpec.Body? {
        guard let scalar = field.node.scalar else {
            return field.json().map {
                .json($0, contentType: type ?? RequestSpec.Body.jsonType)
            }
        }
        guard scalar.kind != .null, let template = field.textTemplate() else { return nil }
        return .text(template, contentType: type ?? "text/plain; charset=utf-8")
    }

    private func checkPath(_ template: Template, _ field: Field) {
        guard case .literal(let text)? = template.segments.first else {
            if template.segments.isEmpty, field.node.scalar?.text.isEmpty == true {
                field.complain("path_invalid", "the path is empty", hint: "write `/`")
            }
            return
        }
        if !text.hasPrefix("/") {
            field.collector.error(
                "path_invalid", at: field.place, path: field.path,
                found: field.node.scalar?.text ?? "", "a path begins with `/`",
                suggestion: "/" + (field.node.scalar?.text ?? ""))
        }
        for case .literal(let text) in template.segments {
            if text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F }) {
                field.complain("path_invalid", "a path holds no blanks: write %20")
                return
            }
            if text.contains("#") {
                field.complain("path_invalid", "a fragment (`#…`) is never sent")
                return
            }
        }
    }

    private static func isURL(_ template: Template) -> Bool {
        guard case .literal(let text)? = template.segments.first else { return false }
        return text.contains("://")
    }
}
