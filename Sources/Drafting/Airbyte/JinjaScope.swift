import PullcordYAML

/// What names in a template stand for, where it stands.
struct JinjaScope {
    /// `$parameters`: constants of the manifest.
    var parameters: [String: YAMLNode] = [:]
    /// What partition fields stand for: `${parent.id}`, `${params.repo}` or a constant.
    var partition: [String: String] = [:]
    /// What `next_page_token` stands for: `${page.token}`; nil without paging.
    var pageToken: String?
    /// Names of the beginning and the end of what is asked for, where there is a cursor.
    var startFields: Set<String> = []
    var endFields: Set<String> = []
    var hasCursor: Bool { !startFields.isEmpty }
}

/// Puts constants in the place of `parameters`.
struct JinjaConstants {
    let parameters: [String: YAMLNode]

    func resolved(_ text: String, depth: Int = 0) throws(JinjaError) -> JinjaTemplate.Resolved {
        let template = try JinjaTemplate(text)
        var parts: [JinjaTemplate.Part] = []
        for part in template.parts {
            switch part {
            case .text: parts.append(part)
            case .value(let value): parts.append(.value(try resolved(value, depth: depth)))
            }
        }
        return JinjaTemplate.Resolved(parts: parts)
    }

    func resolved(_ value: Jinja, depth: Int = 0) throws(JinjaError) -> Jinja {
        guard depth < 80 else { throw JinjaError(reason: "it nests too deep") }
        if let (name, fallback) = parameter(value) {
            guard let node = parameters[name] else { return fallback ?? .none }
            return try constant(node, depth: depth)
        }
        let next = depth + 1
        switch value {
        case .text, .number, .bool, .none, .name: return value
        case .member(let inner, let name): return .member(try resolved(inner, depth: next), name)
        case .index(let inner, let key):
            return .index(try resolved(inner, depth: next), try resolved(key, depth: next))
        case .call(let function, let values, let named):
            var all: [String: Jinja] = [:]
            for (name, value) in named { all[name] = try resolved(value, depth: next) }
            return .call(
                try resolved(function, depth: next), try resolved(values, depth: next), all)
        case .filter(let inner, let name, let values):
            return .filter(
                try resolved(inner, depth: next), name, try resolved(values, depth: next))
        case .not(let inner): return .not(try resolved(inner, depth: next))
        case .negative(let inner): return .negative(try resolved(inner, depth: next))
        case .binary(let symbol, let left, let right):
            let left = try resolved(left, depth: next)
            let right = try resolved(right, depth: next)
            if symbol == "+" || symbol == "~", case .text(let one) = left,
                case .text(let two) = right
            {
                return .text(one + two)
            }
            return .binary(symbol, left, right)
        case .test(let inner, let name, let isDenied):
            return .test(try resolved(inner, depth: next), name, isDenied: isDenied)
        case .choice(let test, let first, let second):
            return .choice(
                try resolved(test, depth: next), try resolved(first, depth: next),
                try resolved(second, depth: next))
        case .list(let items): return .list(try resolved(items, depth: next))
        case .map(let entries):
            var all: [(key: Jinja, value: Jinja)] = []
            for entry in entries {
                all.append(
                    (try resolved(entry.key, depth: next), try resolved(entry.value, depth: next)))
            }
            return .map(all)
        }
    }

    private func resolved(_ values: [Jinja], depth: Int) throws(JinjaError) -> [Jinja] {
        var all: [Jinja] = []
        for value in values { all.append(try resolved(value, depth: depth)) }
        return all
    }

    /// `parameters.x`, `parameters['x']` or `parameters.get('x', …)`.
    private func parameter(_ value: Jinja) -> (String, Jinja?)? {
        switch value {
        case .member(.name(let root), let name) where Self.roots.contains(root): (name, nil)
        case .index(.name(let root), .text(let name)) where Self.roots.contains(root): (name, nil)
        case .call(.member(.name(let root), "get"), let values, _) where Self.roots.contains(root):
            if case .text(let name)? = values.first {
                (name, values.count > 1 ? values[1] : nil)
            } else {
                nil
            }
        default: nil
        }
    }

    private static let roots: Set<String> = ["parameters", "options"]

    private func constant(_ node: YAMLNode, depth: Int) throws(JinjaError) -> Jinja {
        switch node.content {
        case .scalar(let scalar):
            if scalar.kind == .null { return .none }
            if scalar.kind == .boolean { return .bool(scalar.text.lowercased() == "true") }
            if scalar.kind == .integer { return .number(scalar.text) }
            guard JinjaTemplate.isTemplate(scalar.text) else { return .text(scalar.text) }
            let inner = try resolved(scalar.text, depth: depth + 1)
            if let single = inner.single { return single }
            var sum: Jinja?
            for part in inner.parts {
                let next: Jinja
                switch part {
                case .text(let text): next = .text(text)
                case .value(let value): next = value
                }
                sum = sum.map { .binary("~", $0, next) } ?? next
            }
            return sum ?? .text("")
        case .sequence(let items):
            var all: [Jinja] = []
            for item in items { all.append(try constant(item, depth: depth + 1)) }
            return .list(all)
        case .mapping: throw JinjaError(reason: "a mapping among `$parameters` is no text")
        }
    }
}

extension JinjaTemplate {
    /// A template without `parameters`.
    struct Resolved {
        let parts: [Part]

        var single: Jinja? {
            let parts = parts.filter { part in
                if case .text(let text) = part { return !text.allSatisfy(\.isWhitespace) }
                return true
            }
            if parts.count == 1, case .value(let value) = parts[0] { return value }
            return nil
        }

        /// The text, if there is nothing but constants in it.
        var literal: String? {
            var text = ""
            for part in parts {
                switch part {
                case .text(let more): text += more
                case .value(.text(let more)), .value(.number(let more)): text += more
                case .value: return nil
                }
            }
            return text
        }
    }
}
