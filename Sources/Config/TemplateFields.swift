import PullcordAdapter
import PullcordJSON
import PullcordModel
import PullcordYAML

extension Field {
    /// A text with placeholders; what is wrong with them is complained about.
    func template(in room: TemplateRoom = .adapter) -> Template? {
        guard let scalar = node.scalar, scalar.kind != .null else { return mismatch() }
        let (template, complaints) = Template.parse(
            scalar.text, at: node.place(ofCharacter: 0), in: room, locate: node.place(ofCharacter:))
        for complaint in complaints { collector.add(complaint, path: path) }
        return template
    }

    /// A template outside a JSON body, where `| number` means nothing; `isItem` lets it stand for
    /// a list.
    func textTemplate(in room: TemplateRoom = .adapter, isItem: Bool = false) -> Template? {
        guard let template = template(in: room) else { return nil }
        checkLists(template, isItem: isItem)
        for placeholder in template.placeholders where placeholder.filters.contains(.number) {
            collector.error(
                "filter_misplaced", at: placeholder.place, path: path,
                "`number` belongs to the members of a JSON body",
                hint: "elsewhere a number is sent as it is")
        }
        return template
    }

    /// `| list` ends what is a whole item.
    private func checkLists(_ template: Template, isItem: Bool) {
        for placeholder in template.placeholders where placeholder.filters.contains(.list) {
            let end = placeholder.filters.drop { $0 != .list }.dropFirst()
            let isWhole = template.solePlaceholder != nil && (end.isEmpty || end == [.number])
            guard !isItem || !isWhole else { continue }
            collector.error(
                "filter_misplaced", at: placeholder.place, path: path,
                "`list` ends a value that is one placeholder, of a query item or in a JSON body",
                hint: #"for example: query: { type: "${params.types | list}" }"#)
        }
    }

    /// A template of a bridge file, whose values come from the environment and from files.
    func bridgeTemplate() -> Template? {
        guard let template = textTemplate(in: .bridge) else { return nil }
        InstallationRules.check(template, path: path, collector)
        return template
    }

    /// A mapping of names to templates; `isList` lets a list stand for a repeated name.
    func namedTemplates(
        in room: TemplateRoom = .adapter, allowsLists isList: Bool = false
    ) -> [(NamedTemplate, Field)]? {
        guard let entries = node.mapping else { return mismatch() }
        var result: [(NamedTemplate, Field)] = []
        for entry in entries {
            let field = Field(
                node: entry.value, path: join(path, entry.key.text), type: .template,
                collector: collector)
            let items = isList ? field.node.sequence : nil
            let fields =
                items.map { _ in field.items(of: .template) ?? [] } ?? [field]
            for field in fields {
                guard let template = field.textTemplate(in: room, isItem: isList) else {
                    continue
                }
                result.append((NamedTemplate(name: entry.key.text, value: template), field))
            }
        }
        return result
    }

    /// Headers: names of RFC 9110, section 5.1, none of them twice or reserved.
    func headers(
        reserved: [String: String], in room: TemplateRoom = .adapter
    ) -> [NamedTemplate]? {
        guard let entries = node.mapping, let named = namedTemplates(in: room) else {
            return node.mapping == nil ? mismatch() : nil
        }
        var seen: [String: String] = [:]
        for entry in entries {
            let name = entry.key.text
            let place = entry.key.place
            let path = join(path, name)
            if let first = seen[name.lowercased()] {
                collector.error(
                    "header_repeated", at: place, path: path, found: name,
                    "the header `\(name)` is given twice: see `\(first)`",
                    hint: "names of headers are alike in any case")
            }
            seen[name.lowercased()] = name
            HeaderRules.check(name, at: place, path: path, reserved: reserved, collector)
        }
        for (header, field) in named {
            HeaderRules.check(value: header.value, field)
            SecretNames.note(header, field)
        }
        return named.map(\.0)
    }

    /// The name of a header that is read or sent.
    func headerName(reserved: [String: String] = [:]) -> String? {
        guard let text = text() else { return nil }
        let errors = collector.errorCount
        HeaderRules.check(text.text, at: place, path: path, reserved: reserved, collector)
        return collector.errorCount == errors ? text.text : nil
    }

    /// A jq program that the checker accepts.
    func expression() -> ExpressionText? {
        guard let text = filledText() else { return nil }
        if let complaint = collector.checkers.expressions.check(text.text) {
            let place = complaint.column.map { node.place(ofCharacter: max(0, $0 - 1)) }
            collector.error(
                "expression_invalid", at: place ?? text.place, path: path,
                "this is no jq program: \(complaint.message)", allowed: [type.words],
                suggestion: meantPath(text.text))
            return nil
        }
        if text.text.contains("${") {
            collector.warning(
                "expression_placeholder", at: text.place, path: path,
                "placeholders are not replaced in expressions")
        }
        return ExpressionText(text: text.text, place: text.place)
    }

    func plainPath() -> ExpressionText? {
        guard let text = filledText() else { return nil }
        guard collector.checkers.expressions.isPlainPath(text.text) else {
            collector.error(
                "path_not_plain", at: text.place, path: path, found: text.text,
                "`\(text.text)` is no plain path", allowed: [KeyType.plainPath.words],
                suggestion: meantPath(text.text))
            return nil
        }
        return ExpressionText(text: text.text, place: text.place)
    }

    /// The path that was meant by a name alone, or by `$.a` as other languages write it.
    private func meantPath(_ text: String) -> String? {
        let rest = text.hasPrefix("$") ? text.dropFirst() : text[...]
        let path = rest.hasPrefix(".") ? String(rest) : "." + rest
        guard path != text, collector.checkers.expressions.isPlainPath(path) else { return nil }
        return path
    }

    func plainPaths() -> [ExpressionText]? {
        items(of: .plainPath)?.compactMap { $0.plainPath() }
    }

    /// A JSON body; the bound on YAML's depth bounds the recursion.
    func json() -> JSONTemplate? {
        switch node.content {
        case .sequence(let items):
            return .array(
                items.enumerated().compactMap { index, item in
                    child(item, path: "\(path)[\(index)]").json()
                })
        case .mapping(let entries):
            return .object(
                entries.compactMap { entry in
                    child(entry.value, path: join(path, entry.key.text)).json()
                        .map { (name: entry.key.text, value: $0) }
                })
        case .scalar(let scalar):
            return jsonScalar(scalar)
        }
    }

    private func child(_ node: YAMLNode, path: String) -> Field {
        Field(node: node, path: path, type: .json, collector: collector)
    }

    private func jsonScalar(_ scalar: YAMLScalar) -> JSONTemplate? {
        switch scalar.kind {
        case .null: return .literal("null")
        case .boolean: return .literal(scalar.text.lowercased())
        case .integer, .float:
            if JSONText.isNumber(scalar.text) { return .literal(scalar.text) }
            if scalar.kind == .integer, let number = CoreInteger.read(scalar.text) {
                return .literal(String(number))
            }
            return refuse(
                "json_number", "`\(scalar.text)` cannot be written as a number of JSON",
                hint: "write it as JSON does, or quote it")
        case .string:
            guard let template = template() else { return nil }
            checkLists(template, isItem: true)
            for placeholder in template.placeholders where placeholder.filters.contains(.json) {
                collector.warning(
                    "filter_needless", at: placeholder.place, path: path,
                    "strings of a JSON body are escaped already, so `json` does it twice")
            }
            for placeholder in template.placeholders where placeholder.filters.contains(.number) {
                guard template.solePlaceholder == nil || placeholder.filters.last != .number
                else { continue }
                collector.error(
                    "filter_misplaced", at: placeholder.place, path: path,
                    "`number` must be the last filter of a value that is one placeholder",
                    hint: #"for example: "${page.size | number}""#)
            }
            return .text(template)
        }
    }
}

/// What names and values of headers may be.
enum HeaderRules {
    /// Headers of a request that a file may not give, each with the reason.
    static let reserved: [String: String] = [
        "host": "it follows from the URL",
        "content-length": "it follows from the body",
        "transfer-encoding": "the HTTP client chooses it",
        "accept-encoding": "the HTTP client asks for what it can decode",
        "connection": "connections are the HTTP client's",
        "keep-alive": "connections are the HTTP client's",
        "proxy-connection": "connections are the HTTP client's",
        "upgrade": "connections are the HTTP client's",
        "te": "the HTTP client chooses it",
        "trailer": "the HTTP client chooses it",
        "expect": "the HTTP client chooses it",
        "if-none-match": "validators are sent by `conditional`",
        "if-modified-since": "validators are sent by `conditional`",
    ]

    /// Besides them, of a webhook's POST.
    static let reservedForWebhooks: [String: String] = reserved.merging([
        "content-type": "a webhook is application/json",
        "webhook-id": "it is part of the signature",
        "webhook-timestamp": "it is part of the signature",
        "webhook-signature": "it is the signature",
        "content-digest": "it is part of the signature",
        "content-encoding": "a webhook is not encoded",
        "signature": "it is the signature",
        "signature-input": "it is the signature",
        "webhook-request-origin": "`origin` says it",
    ]) { first, _ in first }

    static func check(
        _ name: String, at place: Place, path: String, reserved: [String: String],
        _ collector: Collector
    ) {
        let isToken =
            !name.isEmpty && name.utf8.count <= 256
            && name.unicodeScalars.allSatisfy { isTokenCharacter($0) }
        if !isToken {
            collector.error(
                "header_name", at: place, path: path, found: name,
                "`\(name)` is no name of a header",
                allowed: ["letters, digits and !#$%&'*+-.^_`|~ (RFC 9110)"])
        } else if let reason = reserved[name.lowercased()] ?? reason(name, reserved) {
            collector.error(
                "header_reserved", at: place, path: path, found: name,
                "the header `\(name)` cannot be given here: \(reason)")
        }
    }

    /// Webhooks keep whole families of names to themselves.
    private static func reason(_ name: String, _ reserved: [String: String]) -> String? {
        guard reserved["webhook-id"] != nil else { return nil }
        let families = ["webhook-", "pullcord-", "ce-", "content-"]
        let family = families.first { name.lowercased().hasPrefix($0) }
        return family.map { "names that begin with `\($0)` are the webhook's own" }
    }

    /// No control characters: they could end the header (RFC 9110, section 5.5).
    static func check(value: Template, _ field: Field) {
        for case .literal(let text) in value.segments where !isValue(text) {
            field.collector.error(
                "header_value", at: field.place, path: field.path,
                "a header's value holds a line break or another control character",
                hint: "a block text (`|`) ends with a line break: use `>-` or quotes")
            return
        }
    }

    static func isValue(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0 == "\t" || ($0.value >= 0x20 && $0.value != 0x7F) }
    }

    private static func isTokenCharacter(_ character: Unicode.Scalar) -> Bool {
        switch character {
        case "a"..."z", "A"..."Z", "0"..."9": true
        default: "!#$%&'*+-.^_`|~".unicodeScalars.contains(character)
        }
    }
}
