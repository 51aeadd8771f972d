/// The words of a Jinja expression.
enum JinjaToken: Equatable {
    case name(String)
    case text(String)
    case number(String)
    case symbol(String)
}

/// Why a template is not understood.
struct JinjaError: Error, Equatable {
    let reason: String
}

/// Cuts a template into text and expressions, and expressions into words.
enum JinjaLexer {
    enum Piece: Equatable {
        case text(String)
        case expression(String)
        case statement(String)
    }

    /// The template's pieces; `{#…#}` is none.
    static func pieces(of template: String) throws(JinjaError) -> [Piece] {
        var pieces: [Piece] = []
        var rest = template[...]
        while let open = opening(in: rest) {
            if open.index > rest.startIndex { pieces.append(.text(String(rest[..<open.index]))) }
            rest = rest[rest.index(open.index, offsetBy: 2)...]
            guard let close = closing(open.end, in: rest) else {
                throw JinjaError(reason: "`\(open.start)` is never closed")
            }
            var inner = rest[..<close].trimmingJinja
            rest = rest[rest.index(close, offsetBy: 2)...]
            if inner.hasPrefix("-") { inner = inner.dropFirst().trimmingJinja }
            if inner.hasSuffix("-") { inner = inner.dropLast().trimmingJinja }
            switch open.start {
            case "{{": pieces.append(.expression(String(inner)))
            case "{%": pieces.append(.statement(String(inner)))
            default: break
            }
        }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
        return pieces
    }

    private static func opening(
        in text: Substring
    ) -> (index: Substring.Index, start: String, end: String)? {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == "{" {
                let next = text.index(after: index)
                if next < text.endIndex {
                    switch text[next] {
                    case "{": return (index, "{{", "}}")
                    case "%": return (index, "{%", "%}")
                    case "#": return (index, "{#", "#}")
                    default: break
                    }
                }
            }
            index = text.index(after: index)
        }
        return nil
    }

    /// Where the end mark stands that is in no quotes, and closes no mapping of the expression.
    private static func closing(_ mark: String, in text: Substring) -> Substring.Index? {
        var quote: Character?
        var depth = 0
        var index = text.startIndex
        while index < text.endIndex {
            let character = text[index]
            if let open = quote {
                if character == "\\" {
                    index = text.index(after: index)
                    if index >= text.endIndex { return nil }
                } else if character == open {
                    quote = nil
                }
            } else if mark != "#}", character == "'" || character == "\"" {
                quote = character
            } else if depth == 0, text[index...].hasPrefix(mark) {
                return index
            } else if mark == "}}", character == "{" {
                depth += 1
            } else if mark == "}}", character == "}" {
                depth -= 1
            }
            index = text.index(after: index)
        }
        return nil
    }

    static func tokens(of expression: String) throws(JinjaError) -> [JinjaToken] {
        var tokens: [JinjaToken] = []
        let characters = Array(expression)
        var index = 0
        while index < characters.count {
            let character = characters[index]
            if character.isWhitespace {
                index += 1
            } else if character == "\"" || character == "'" {
                let (text, end) = try quoted(characters, index)
                tokens.append(.text(text))
                index = end
            } else if character.isASCII, character.isNumber {
                let start = index
                while index < characters.count,
                    characters[index].isASCII && characters[index].isNumber
                        || characters[index] == "."
                            && index + 1 < characters.count && characters[index + 1].isNumber
                {
                    index += 1
                }
                tokens.append(.number(String(characters[start..<index])))
            } else if character.isLetter || character == "_" {
                let start = index
                while index < characters.count,
                    characters[index].isLetter || characters[index].isNumber
                        || characters[index] == "_"
                {
                    index += 1
                }
                tokens.append(.name(String(characters[start..<index])))
            } else {
                let pair = String(characters[index..<min(index + 2, characters.count)])
                let isPair = ["==", "!=", ">=", "<=", "//", "**"].contains(pair)
                let symbol = isPair ? pair : String(character)
                guard isPair || "+-*/%~<>()[]{}.,:|=".contains(character) else {
                    throw JinjaError(reason: "`\(character)` is not understood")
                }
                tokens.append(.symbol(symbol))
                index += symbol.count
            }
            guard tokens.count <= 2000 else { throw JinjaError(reason: "it is too long") }
        }
        return tokens
    }

    private static func quoted(
        _ characters: [Character], _ start: Int
    ) throws(JinjaError) -> (String, Int) {
        var text = ""
        var index = start + 1
        while index < characters.count {
            let character = characters[index]
            if character == characters[start] { return (text, index + 1) }
            if character == "\\", index + 1 < characters.count {
                index += 1
                switch characters[index] {
                case "n": text.append("\n")
                case "t": text.append("\t")
                case "r": text.append("\r")
                case "\\", "'", "\"": text.append(characters[index])
                default: text += "\\\(characters[index])"
                }
            } else {
                text.append(character)
            }
            index += 1
        }
        throw JinjaError(reason: "a quote is never closed")
    }
}

extension Substring {
    fileprivate var trimmingJinja: Substring {
        var text = self
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
