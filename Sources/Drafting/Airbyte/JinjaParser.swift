/// Reads expressions by recursive descent, with a bound on how deep.
struct JinjaParser {
    private var tokens: [JinjaToken]
    private var index = 0
    private var depth = 0
    private static let depthMax = 60

    static func parse(_ text: String) throws(JinjaError) -> Jinja {
        var parser = JinjaParser(tokens: try JinjaLexer.tokens(of: text))
        let value = try parser.choice()
        guard parser.index == parser.tokens.count else {
            throw JinjaError(reason: "`\(text)` is not understood to its end")
        }
        return value
    }

    private init(tokens: [JinjaToken]) { self.tokens = tokens }

    private var current: JinjaToken? { tokens.indices.contains(index) ? tokens[index] : nil }

    private mutating func take(_ symbol: String) -> Bool {
        guard current == .symbol(symbol) else { return false }
        index += 1
        return true
    }

    private mutating func take(word: String) -> Bool {
        guard current == .name(word) else { return false }
        index += 1
        return true
    }

    private mutating func need(_ symbol: String) throws(JinjaError) {
        guard take(symbol) else { throw JinjaError(reason: "`\(symbol)` was expected") }
    }

    private mutating func choice() throws(JinjaError) -> Jinja {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthMax else { throw JinjaError(reason: "it nests too deep") }
        let value = try disjunction()
        guard take(word: "if") else { return value }
        let condition = try disjunction()
        guard take(word: "else") else { return .choice(condition, value, .text("")) }
        return .choice(condition, value, try choice())
    }

    private mutating func disjunction() throws(JinjaError) -> Jinja {
        var value = try conjunction()
        while take(word: "or") { value = .binary("or", value, try conjunction()) }
        return value
    }

    private mutating func conjunction() throws(JinjaError) -> Jinja {
        var value = try negation()
        while take(word: "and") { value = .binary("and", value, try negation()) }
        return value
    }

    private mutating func negation() throws(JinjaError) -> Jinja {
        var count = 0
        while take(word: "not") { count += 1 }
        let value = try comparison()
        return count % 2 == 0 ? (count == 0 ? value : .not(.not(value))) : .not(value)
    }

    private mutating func comparison() throws(JinjaError) -> Jinja {
        var value = try sum()
        while true {
            if case .symbol(let symbol)? = current,
                ["==", "!=", "<", ">", "<=", ">="].contains(symbol)
            {
                index += 1
                value = .binary(symbol, value, try sum())
            } else if take(word: "in") {
                value = .binary("in", value, try sum())
            } else if current == .name("not"), tokens.indices.contains(index + 1),
                tokens[index + 1] == .name("in")
            {
                index += 2
                value = .not(.binary("in", value, try sum()))
            } else {
                return value
            }
        }
    }

    private mutating func sum() throws(JinjaError) -> Jinja {
        var value = try product()
        while case .symbol(let symbol)? = current, ["+", "-", "~"].contains(symbol) {
            index += 1
            value = .binary(symbol, value, try product())
        }
        return value
    }

    private mutating func product() throws(JinjaError) -> Jinja {
        var value = try unary()
        while case .symbol(let symbol)? = current, ["*", "/", "//", "%"].contains(symbol) {
            index += 1
            value = .binary(symbol, value, try unary())
        }
        return value
    }

    private mutating func unary() throws(JinjaError) -> Jinja {
        if take("-") { return .negative(try postfix()) }
        return try postfix()
    }

    private mutating func postfix() throws(JinjaError) -> Jinja {
        var value = try primary()
        while true {
            if take(".") {
                guard case .name(let name)? = current else {
                    throw JinjaError(reason: "a name was expected after `.`")
                }
                index += 1
                value = .member(value, name)
            } else if take("[") {
                value = .index(value, try subscriptValue())
                try need("]")
            } else if take("(") {
                let (values, named) = try arguments()
                value = .call(value, values, named)
            } else if take("|") {
                guard case .name(let name)? = current else {
                    throw JinjaError(reason: "a filter was expected after `|`")
                }
                index += 1
                let values = take("(") ? try arguments().0 : []
                value = .filter(value, name, values)
            } else if take(word: "is") {
                let isDenied = take(word: "not")
                guard case .name(let name)? = current else {
                    throw JinjaError(reason: "a test was expected after `is`")
                }
                index += 1
                value = .test(value, name.lowercased(), isDenied: isDenied)
            } else {
                return value
            }
        }
    }

    /// A slice is not understood; it is read to be told of.
    private mutating func subscriptValue() throws(JinjaError) -> Jinja {
        guard current != .symbol(":") else {
            throw JinjaError(reason: "slices (`[a:b]`) have no counterpart")
        }
        let value = try choice()
        guard current != .symbol(":") else {
            throw JinjaError(reason: "slices (`[a:b]`) have no counterpart")
        }
        return value
    }

    private mutating func arguments() throws(JinjaError) -> ([Jinja], [String: Jinja]) {
        var values: [Jinja] = []
        var named: [String: Jinja] = [:]
        while !take(")") {
            if case .name(let name)? = current, tokens.indices.contains(index + 1),
                tokens[index + 1] == .symbol("=")
            {
                index += 2
                named[name] = try choice()
            } else {
                values.append(try choice())
            }
            guard take(",") else {
                try need(")")
                break
            }
        }
        return (values, named)
    }

    private mutating func primary() throws(JinjaError) -> Jinja {
        guard let token = current else { throw JinjaError(reason: "it ends too early") }
        index += 1
        switch token {
        case .text(let text):
            var all = text
            while case .text(let more)? = current {
                all += more
                index += 1
            }
            return .text(all)
        case .number(let number): return .number(number)
        case .name(let name):
            switch name {
            case "true", "True": return .bool(true)
            case "false", "False": return .bool(false)
            case "none", "None", "null": return .none
            default: return .name(name)
            }
        case .symbol("("):
            let value = try choice()
            try need(")")
            return value
        case .symbol("["):
            var items: [Jinja] = []
            while !take("]") {
                items.append(try choice())
                guard take(",") else {
                    try need("]")
                    break
                }
            }
            return .list(items)
        case .symbol("{"): return try map()
        case .symbol(let symbol): throw JinjaError(reason: "`\(symbol)` was not expected")
        }
    }

    private mutating func map() throws(JinjaError) -> Jinja {
        var entries: [(key: Jinja, value: Jinja)] = []
        while !take("}") {
            let key = try choice()
            try need(":")
            entries.append((key, try choice()))
            guard take(",") else {
                try need("}")
                break
            }
        }
        return .map(entries)
    }
}
