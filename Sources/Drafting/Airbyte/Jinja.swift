/// A Jinja expression, as far as manifests use the language.
indirect enum Jinja: Equatable {
    case text(String)
    case number(String)
    case bool(Bool)
    case none
    case name(String)
    case member(Jinja, String)
    case index(Jinja, Jinja)
    case call(Jinja, [Jinja], [String: Jinja])
    case filter(Jinja, String, [Jinja])
    case not(Jinja)
    case negative(Jinja)
    case binary(String, Jinja, Jinja)
    /// `x is defined`, `x is not none`: the name of the test, and whether it is denied.
    case test(Jinja, String, isDenied: Bool)
    case choice(Jinja, Jinja, Jinja)
    case list([Jinja])
    case map([(key: Jinja, value: Jinja)])

    static func == (left: Jinja, right: Jinja) -> Bool {
        switch (left, right) {
        case (.text(let one), .text(let two)): one == two
        case (.number(let one), .number(let two)): one == two
        case (.bool(let one), .bool(let two)): one == two
        case (.none, .none): true
        case (.name(let one), .name(let two)): one == two
        case (.member(let one, let first), .member(let two, let second)):
            one == two && first == second
        case (.index(let one, let first), .index(let two, let second)):
            one == two && first == second
        case (.call(let one, let first, let a), .call(let two, let second, let b)):
            one == two && first == second && a == b
        case (.filter(let one, let first, let a), .filter(let two, let second, let b)):
            one == two && first == second && a == b
        case (.not(let one), .not(let two)): one == two
        case (.negative(let one), .negative(let two)): one == two
        case (.binary(let one, let a, let b), .binary(let two, let c, let d)):
            one == two && a == c && b == d
        case (.test(let one, let a, let b), .test(let two, let c, let d)):
            one == two && a == c && b == d
        case (.choice(let a, let b, let c), .choice(let d, let e, let f)):
            a == d && b == e && c == f
        case (.list(let one), .list(let two)): one == two
        case (.map(let one), .map(let two)):
            one.count == two.count
                && zip(one, two).allSatisfy { $0.key == $1.key && $0.value == $1.value }
        default: false
        }
    }
}

/// A template: text with expressions in it.
struct JinjaTemplate {
    enum Part: Equatable {
        case text(String)
        case value(Jinja)
    }

    let parts: [Part]

    /// Reads a template.
    ///
    /// - Throws: ``JinjaError`` for statements (`{% … %}`) and for what is not understood.
    init(_ text: String) throws(JinjaError) {
        guard text.utf8.count <= 64 << 10 else { throw JinjaError(reason: "it is too long") }
        var parts: [Part] = []
        for piece in try JinjaLexer.pieces(of: text) {
            switch piece {
            case .text(let text): parts.append(.text(text))
            case .statement: throw JinjaError(reason: "statements (`{% … %}`) have no counterpart")
            case .expression(let expression):
                parts.append(.value(try JinjaParser.parse(expression)))
            }
        }
        self.parts = parts
    }

    /// The one expression that is all of it.
    var single: Jinja? {
        let parts = parts.filter { part in
            if case .text(let text) = part { return !text.allSatisfy(\.isWhitespace) }
            return true
        }
        if parts.count == 1, case .value(let value) = parts[0] { return value }
        return nil
    }

    static func isTemplate(_ text: String) -> Bool { text.contains("{{") || text.contains("{%") }
}
