import PullcordJSON

/// Turns Jinja over an answer or a record into jq over the same.
struct JinjaJQ {
    /// The name that stands for the input: `response` or `record`.
    let root: String
    /// Names that mean the same.
    var others: Set<String> = []

    /// A jq program that gives the expression's value.
    func value(_ expression: Jinja) throws(JinjaError) -> String {
        switch expression {
        case .text(let text): return JSONText.quoted(text)
        case .number(let number): return number
        case .bool(let value): return value ? "true" : "false"
        case .none: return "null"
        case .name(let name):
            guard name == root || others.contains(name) else { throw Self.unknown(name) }
            return "."
        case .member, .index: return try path(expression)
        case .call(let function, let values, _): return try call(function, values)
        case .filter(let inner, let name, let values): return try filter(inner, name, values)
        case .not, .test: return try condition(expression)
        case .negative(let inner): return "-(\(try value(inner)))"
        case .binary(let symbol, let left, let right): return try binary(symbol, left, right)
        case .choice(let test, let first, let second):
            return "(if \(try condition(test)) then \(try value(first)) else "
                + "\(try value(second)) end)"
        case .list(let items):
            var parts: [String] = []
            for item in items { parts.append(try value(item)) }
            return "[\(parts.joined(separator: ", "))]"
        case .map(let entries):
            var parts: [String] = []
            for entry in entries {
                parts.append("(\(try value(entry.key))): (\(try value(entry.value)))")
            }
            return "{\(parts.joined(separator: ", "))}"
        }
    }

    /// A jq program that is true where Python would take the value for true.
    func condition(_ expression: Jinja) throws(JinjaError) -> String {
        switch expression {
        case .bool(let value): return value ? "true" : "false"
        case .not(let inner): return "(\(try condition(inner)) | not)"
        case .binary(let symbol, let left, let right) where symbol == "and" || symbol == "or":
            return "(\(try condition(left)) \(symbol) \(try condition(right)))"
        case .binary(let symbol, let left, let right)
        where ["==", "!=", "<", ">", "<=", ">="].contains(symbol):
            return "(\(try value(left)) \(symbol) \(try value(right)))"
        case .binary("in", let left, let right): return try membership(left, right)
        case .test(let inner, let name, let isDenied): return try test(inner, name, isDenied)
        case .call(.member(_, let name), _, _) where ["startswith", "endswith"].contains(name):
            return try value(expression)
        default:
            return "(\(try value(expression)) | IN(null, false, 0, \"\", [], {}) | not)"
        }
    }

    private static func unknown(_ name: String) -> JinjaError {
        switch name {
        case "config":
            JinjaError(reason: "jq does not see parameters (`config`)")
        case "stream_slice", "stream_partition", "stream_interval", "stream_state":
            JinjaError(reason: "jq does not see the cursor or the parent (`\(name)`)")
        default: JinjaError(reason: "`\(name)` has no counterpart in jq")
        }
    }

    // MARK: Paths

    private func path(_ expression: Jinja) throws(JinjaError) -> String {
        switch expression {
        case .member(let inner, let name): return joined(try value(inner), .key(name))
        case .index(let inner, .text(let name)): return joined(try value(inner), .key(name))
        case .index(let inner, .number(let number)):
            return "\(Self.base(try value(inner)))[\(number)]"
        case .index(let inner, .negative(.number(let number))):
            return "\(Self.base(try value(inner)))[-\(number)]"
        case .index(let inner, let key):
            return "(\(try value(inner)))[\(try value(key))]"
        default: return try value(expression)
        }
    }

    private func joined(_ base: String, _ step: JSONPath.Step) -> String {
        let path = JSONPath(steps: [step]).description
        if base == "." { return path }
        return path.hasPrefix(".[") ? Self.base(base) + path.dropFirst() : Self.base(base) + path
    }

    /// What a path may follow.
    private static func base(_ program: String) -> String {
        let isPath = program.hasPrefix(".") && !program.contains(" ")
        return isPath || program.hasPrefix("(") && program.hasSuffix(")") ? program : "(\(program))"
    }

    // MARK: Calls

    private func call(_ function: Jinja, _ values: [Jinja]) throws(JinjaError) -> String {
        guard case .member(let inner, let name) = function else {
            if case .name(let name) = function {
                throw JinjaError(reason: "`\(name)()` has no counterpart in jq")
            }
            throw JinjaError(reason: "this call has no counterpart in jq")
        }
        switch (name, values.count) {
        case ("get", 1...2):
            let found = try path(.index(inner, values[0]))
            guard values.count == 2, !Self.isNothing(values[1]) else { return found }
            return "(\(found) // \(try value(values[1])))"
        case ("split", 0...1):
            let separator = values.isEmpty ? JSONText.quoted(" ") : try value(values[0])
            return "(\(try value(inner)) | split(\(separator)))"
        case ("startswith", 1), ("endswith", 1):
            return "(\(try value(inner)) | \(name)(\(try value(values[0]))))"
        case ("replace", 2):
            return "(\(try value(inner)) | split(\(try value(values[0]))) | "
                + "join(\(try value(values[1]))))"
        case ("lower", 0): return "(\(try value(inner)) | ascii_downcase)"
        case ("upper", 0): return "(\(try value(inner)) | ascii_upcase)"
        case ("strip", 0):
            return "(\(try value(inner)) | gsub(\"^\\\\s+|\\\\s+$\"; \"\"))"
        case ("keys", 0): return "(\(try value(inner)) | keys)"
        case ("values", 0): return "[\(Self.base(try value(inner)))[]]"
        case ("join", 1): return "(\(try value(values[0])) | join(\(try value(inner))))"
        default: throw JinjaError(reason: "`.\(name)()` has no counterpart in jq")
        }
    }

    /// Whether a default says no more than that nothing is there.
    static func isNothing(_ value: Jinja) -> Bool {
        switch value {
        case .none, .text(""), .list([]): true
        case .map(let entries): entries.isEmpty
        default: false
        }
    }

    private func filter(
        _ inner: Jinja, _ name: String, _ values: [Jinja]
    ) throws(JinjaError) -> String {
        let input = try value(inner)
        switch (name, values.count) {
        case ("string", 0): return "(\(input) | tostring)"
        case ("int", 0): return "(\(input) | tonumber | floor)"
        case ("float", 0): return "(\(input) | tonumber)"
        case ("length", 0), ("count", 0): return "(\(input) | length)"
        case ("lower", 0): return "(\(input) | ascii_downcase)"
        case ("upper", 0): return "(\(input) | ascii_upcase)"
        case ("trim", 0): return "(\(input) | gsub(\"^\\\\s+|\\\\s+$\"; \"\"))"
        case ("first", 0): return "(\(input) | .[0])"
        case ("last", 0): return "(\(input) | .[-1])"
        case ("list", 0): return input
        case ("tojson", 0): return "(\(input) | tojson)"
        case ("abs", 0): return "(\(input) | fabs)"
        case ("default", 1), ("d", 1), ("default", 2):
            return "(\(input) // \(try value(values[0])))"
        case ("join", 1): return "(\(input) | join(\(try value(values[0]))))"
        default: throw JinjaError(reason: "the filter `\(name)` has no counterpart in jq")
        }
    }

    // MARK: Operators

    private func binary(
        _ symbol: String, _ left: Jinja, _ right: Jinja
    ) throws(JinjaError) -> String {
        switch symbol {
        case "or":
            if Self.isNothing(right) { return try value(left) }
            return "(\(try value(left)) // \(try value(right)))"
        case "and":
            return "(if \(try condition(left)) then \(try value(right)) else "
                + "\(try value(left)) end)"
        case "~": return "(\(try text(left)) + \(try text(right)))"
        case "+":
            if isText(left) || isText(right) { return "(\(try text(left)) + \(try text(right)))" }
            return "(\(try value(left)) + \(try value(right)))"
        case "-", "*", "/", "%": return "(\(try value(left)) \(symbol) \(try value(right)))"
        case "//": return "(\(try value(left)) / \(try value(right)) | floor)"
        default: return try condition(.binary(symbol, left, right))
        }
    }

    private func isText(_ expression: Jinja) -> Bool {
        switch expression {
        case .text, .filter(_, "string", _): true
        case .binary(let symbol, let left, let right):
            symbol == "~" || symbol == "+" && (isText(left) || isText(right))
        default: false
        }
    }

    private func text(_ expression: Jinja) throws(JinjaError) -> String {
        if isText(expression) { return try value(expression) }
        return "(\(try value(expression)) | tostring)"
    }

    private func membership(_ left: Jinja, _ right: Jinja) throws(JinjaError) -> String {
        if case .list(let items) = right {
            var parts: [String] = []
            for item in items { parts.append(try value(item)) }
            return "(\(try value(left)) | IN(\(parts.joined(separator: ", "))))"
        }
        // Python's `in` asks for a key, an element or a part of a text.
        return "(\(try value(left)) as $k | \(try value(right)) | if type == \"object\" then "
            + "has($k) elif type == \"array\" then index([$k]) != null else "
            + "(tostring | contains($k)) end)"
    }

    private func test(
        _ inner: Jinja, _ name: String, _ isDenied: Bool
    ) throws(JinjaError) -> String {
        let input = try value(inner)
        let positive: String
        switch name {
        case "defined": positive = "(\(input) != null)"
        case "undefined", "none": positive = "(\(input) == null)"
        case "string", "number", "boolean":
            positive = "(\(input) | type == \"\(name)\")"
        case "mapping": positive = "(\(input) | type == \"object\")"
        case "true", "false": positive = "(\(input) == \(name))"
        default: throw JinjaError(reason: "the test `is \(name)` has no counterpart in jq")
        }
        return isDenied ? "(\(positive) | not)" : positive
    }
}
