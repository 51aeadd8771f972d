/// Turns Jinja templates of requests into texts with `${…}`.
struct JinjaText {
    let scope: JinjaScope
    let parameters: ManifestParameters
    /// Whether a value that may be absent would leave no URL.
    var isNeeded = false

    /// The text of a template.
    func text(_ template: String) throws(JinjaError) -> String {
        guard JinjaTemplate.isTemplate(template) else { return Self.literal(template) }
        var result = ""
        let resolved = try JinjaConstants(parameters: scope.parameters).resolved(template)
        for part in resolved.parts {
            switch part {
            case .text(let text): result += Self.literal(text)
            case .value(let value): result += try self.text(of: value)
            }
        }
        return result
    }

    /// A text that means no placeholder by chance.
    static func literal(_ text: String) -> String { text.replacing("${", with: "$${") }

    private func text(of value: Jinja) throws(JinjaError) -> String {
        switch value {
        case .text(let text): return Self.literal(text)
        case .number(let number): return number
        case .bool(let value): return value ? "true" : "false"
        case .none: return ""
        case .filter(let inner, let name, let values): return try filter(inner, name, values)
        case .binary("+", let left, let right), .binary("~", let left, let right):
            return try text(of: left) + text(of: right)
        case .binary("or", let left, let right): return try alternative(left, right)
        case .binary("*", .call(.name("timestamp"), let values, _), .number("1000")):
            return try time(values, "%Q")
        case .choice(let test, let first, let second): return try choice(test, first, second)
        case .call(.member(let inner, "strftime"), let values, _):
            return try dated(inner, values.first)
        case .call(.member(let inner, let name), _, _)
        where ["strip", "rstrip", "lstrip", "isoformat"].contains(name):
            return try text(of: inner)
        case .call(.member(.text(let link), "join"), let values, _):
            // A list of the configuration is given as one text here.
            guard let list = values.first, let path = Self.configPath(list) else {
                throw JinjaError(reason: "a list that is joined has no counterpart in `${…}`")
            }
            parameters.noteList(path, joinedBy: link)
            return parameter(path, default: "")
        case .call(.name(let name), let values, let named):
            return try function(name, values, named)
        case .call, .member, .index, .name:
            return "${\(try subject(value))}"
        case .not, .negative, .binary, .test, .list, .map:
            throw JinjaError(reason: "this computation has no counterpart in `${…}`")
        }
    }

    private func filter(
        _ inner: Jinja, _ name: String, _ values: [Jinja]
    ) throws(JinjaError) -> String {
        switch name {
        case "string", "int", "trim", "urlencode", "float": return try text(of: inner)
        case "default", "d":
            guard let fallback = values.first else { return try text(of: inner) }
            return try alternative(inner, fallback)
        case "base64encode", "b64encode":
            return "${\(try subject(inner)) | base64}"
        case "tojson": return "${\(try subject(inner)) | json}"
        default: throw JinjaError(reason: "the filter `\(name)` has no counterpart in `${…}`")
        }
    }

    /// `a or b`: the first, and a constant as its default.
    private func alternative(_ left: Jinja, _ right: Jinja) throws(JinjaError) -> String {
        if isState(left) { return "${cursor}" }
        if let path = Self.configPath(left), let constant = Self.constant(right) {
            return parameter(path, default: constant)
        }
        if let constant = Self.constant(right) {
            if constant.isEmpty { return try text(of: left) }
            return "${\(try subject(left)) | default \(Self.quoted(constant))}"
        }
        throw JinjaError(reason: "one value or another has no counterpart in `${…}`")
    }

    /// `a if a else b`, `a if 'a' in config else b`, `x if stream_state else y`.
    private func choice(
        _ test: Jinja, _ first: Jinja, _ second: Jinja
    ) throws(JinjaError) -> String {
        if isState(first), mentionsState(test) { return "${cursor}" }
        if let path = Self.configPath(first), let constant = Self.constant(second),
            Self.configPath(test) == path || Self.isPresence(test, of: path)
        {
            return parameter(path, default: constant)
        }
        if isPaging(test) {
            // `x if next_page_token else y`: what is sent on later pages, with its beginning.
            if let constant = Self.constant(second), constant.isEmpty { return try text(of: first) }
        }
        throw JinjaError(reason: "a condition has no counterpart in `${…}`")
    }

    private func isPaging(_ test: Jinja) -> Bool {
        switch test {
        case .name("next_page_token"), .member(.name("next_page_token"), _),
            .index(.name("next_page_token"), _):
            scope.pageToken != nil
        default: false
        }
    }

    // MARK: Times

    private func function(
        _ name: String, _ values: [Jinja], _ named: [String: Jinja]
    ) throws(JinjaError) -> String {
        switch name {
        case "now_utc": return "${poll.started}"
        case "today_utc": return #"${poll.started | date "%Y-%m-%d"}"#
        case "timestamp": return try time(values, "%s")
        case "str":
            guard let value = values.first else { return "" }
            return try text(of: value)
        case "format_datetime":
            guard let value = values.first else { throw JinjaError(reason: "it formats nothing") }
            return try dated(value, values.count > 1 ? values[1] : named["format"])
        default: throw JinjaError(reason: "`\(name)()` has no counterpart in `${…}`")
        }
    }

    private func time(_ values: [Jinja], _ format: String) throws(JinjaError) -> String {
        guard let value = values.first else { throw JinjaError(reason: "it tells no time") }
        return "${\(try subject(value)) | date \"\(format)\"}"
    }

    private func dated(_ value: Jinja, _ format: Jinja?) throws(JinjaError) -> String {
        guard case .text(let python)? = format, let format = AirbyteTime.directives(python) else {
            throw JinjaError(reason: "this format of times has no counterpart")
        }
        return "${\(try subject(value)) | date \(Self.quoted(format))}"
    }

    // MARK: Subjects

    /// What stands between `${` and `}`.
    private func subject(_ value: Jinja) throws(JinjaError) -> String {
        if let path = Self.configPath(value) {
            return "params.\(parameters.name(for: path, isNeeded: isNeeded))"
        }
        switch value {
        case .call(.name("now_utc"), _, _), .call(.name("today_utc"), _, _): return "poll.started"
        case .call(.member(let inner, "get"), let values, _) where values.count == 2:
            if let path = Self.configPath(inner), case .text(let name) = values[0],
                let constant = Self.constant(values[1])
            {
                let all = path + [name]
                return "params.\(parameters.name(for: all, default: constant, isNeeded: isNeeded))"
            }
        case .filter(let inner, "string", _), .filter(let inner, "int", _):
            return try subject(inner)
        default: break
        }
        if isState(value) { return "cursor" }
        let path = try Self.path(value)
        guard let root = path.first else { throw JinjaError(reason: "it names nothing") }
        switch root {
        case "next_page_token":
            guard let token = scope.pageToken else {
                throw JinjaError(reason: "`next_page_token` has no value without paging")
            }
            return token
        case "stream_interval", "stream_slice", "stream_partition":
            return try slice(Array(path.dropFirst()), root)
        default: throw JinjaError(reason: "`\(root)` has no counterpart in `${…}`")
        }
    }

    private func slice(_ path: [String], _ root: String) throws(JinjaError) -> String {
        let names = path.filter { $0 != "extra_fields" }
        let name = names.joined(separator: ".")
        if let known = scope.partition[name] {
            guard known.hasPrefix("${"), known.hasSuffix("}") else {
                throw JinjaError(reason: "a constant cannot be formatted")
            }
            return String(known.dropFirst(2).dropLast())
        }
        if scope.startFields.contains(name) { return "cursor" }
        if scope.endFields.contains(name) { return "cursor.until" }
        throw JinjaError(reason: "`\(root).\(name)` stands for nothing that is known")
    }

    /// A dotted path of names; `.get('x')` is a step as well.
    static func path(_ value: Jinja) throws(JinjaError) -> [String] {
        switch value {
        case .name(let name): return [name]
        case .member(let inner, let name): return try path(inner) + [name]
        case .index(let inner, .text(let name)): return try path(inner) + [name]
        case .index(let inner, .number(let number)): return try path(inner) + [number]
        case .call(.member(let inner, "get"), let values, _):
            if case .text(let name)? = values.first { return try path(inner) + [name] }
        default: break
        }
        throw JinjaError(reason: "this computation has no counterpart in `${…}`")
    }

    /// The path of a value of the connection's configuration.
    static func configPath(_ value: Jinja) -> [String]? {
        switch value {
        case .name("config"): return []
        case .member(let inner, let name): return configPath(inner).map { $0 + [name] }
        case .index(let inner, .text(let name)): return configPath(inner).map { $0 + [name] }
        case .index(let inner, .number(let number)): return configPath(inner).map { $0 + [number] }
        case .call(.member(let inner, "get"), let values, _):
            guard case .text(let name)? = values.first,
                values.count == 1 || values.count == 2 && JinjaJQ.isNothing(values[1])
            else { return nil }
            return configPath(inner).map { $0 + [name] }
        case .filter(let inner, "string", _), .filter(let inner, "int", _),
            .filter(let inner, "trim", _), .filter(let inner, "urlencode", _):
            return configPath(inner)
        default: return nil
        }
    }

    private static func isPresence(_ test: Jinja, of path: [String]) -> Bool {
        switch test {
        case .binary("in", .text(let name), let inner):
            configPath(inner).map { $0 + [name] == path } ?? false
        case .test(let inner, "defined", isDenied: false), .test(let inner, "none", isDenied: true):
            configPath(inner) == path
        case .binary("and", let left, let right):
            isPresence(left, of: path) || isPresence(right, of: path)
                || configPath(left) == path || configPath(right) == path
        default: false
        }
    }

    private func parameter(_ path: [String], default constant: String) -> String {
        "${params.\(parameters.name(for: path, default: constant, isNeeded: isNeeded))}"
    }

    static func constant(_ value: Jinja) -> String? {
        switch value {
        case .text(let text): text
        case .number(let number): number
        case .bool(let value): value ? "true" : "false"
        case .none: ""
        case .negative(.number(let number)): "-\(number)"
        default: nil
        }
    }

    /// Whether a value is the state that the last sync has left: the cursor.
    private func isState(_ value: Jinja) -> Bool {
        guard scope.hasCursor else { return false }
        switch value {
        case .binary("or", let left, _): return isState(left)
        case .call(.member(let inner, "get"), _, _): return mentionsState(inner)
        case .member(let inner, _), .index(let inner, _): return mentionsState(inner)
        default: return false
        }
    }

    private func mentionsState(_ value: Jinja) -> Bool {
        switch value {
        case .name("stream_state"): true
        case .member(let inner, _), .index(let inner, _), .not(let inner): mentionsState(inner)
        case .call(.member(let inner, "get"), _, _): mentionsState(inner)
        case .test(let inner, _, _): mentionsState(inner)
        case .binary(_, let left, let right): mentionsState(left) || mentionsState(right)
        default: false
        }
    }

    static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
