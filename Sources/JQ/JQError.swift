package import PullcordModel

/// Why a jq program was refused, or failed on an input.
package struct JQError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        /// The text is no jq program.
        case compile = "jq_compile"
        /// The program failed on this input, or called `error`.
        case run = "jq_error"
        /// The input is not JSON.
        case input = "jq_input"
        /// The program gave more outputs than allowed.
        case outputs = "jq_outputs"
        /// The outputs are larger than allowed.
        case bytes = "jq_bytes"
        /// jq would have changed a number, and which one cannot be told.
        case numbers = "jq_numbers"
        /// One value was asked for, and the program gave something else.
        case value = "jq_value"
    }

    package let code: Code
    /// The program, and for `compile` the line and the column where they are known.
    package let place: String
    package let message: String
    package let hint: String
    /// Where in the program the mistake is, from 1 in Unicode scalars; nil if libjq did not say.
    package let position: Int?

    package init(
        code: Code, place: String, message: String, hint: String = "", position: Int? = nil
    ) {
        self.position = position
        self.code = code
        self.place = place
        self.message = message
        self.hint = hint
    }

    /// The same refusal in the words of the model.
    package var problem: Problem {
        Problem(code: code.rawValue, message: message, place: place, hint: hint)
    }

    package var description: String { problem.description }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}

/// What libjq said about a program that it did not compile.
struct CompileMessage {
    /// The first complaint, without the words around it.
    private(set) var text = "the program does not compile"
    /// From 1, in the author's text.
    private(set) var line: Int?
    /// From 1, in characters; known for a name that is not defined and for a text that ends early.
    private(set) var column: Int?

    /// Reads `jq: error: MESSAGE at <top-level>, line 2:` and what follows.
    init(_ complaints: [String], program: String, linesBefore: Int) {
        guard let complaint = complaints.first else { return }
        var rest = Substring(complaint)
        if rest.hasPrefix("jq: error: ") { rest = rest.dropFirst(11) }
        let parts = Self.split(rest, at: " at <top-level>, line ")
        text = Self.split(parts.before[...], at: " (Unix shell quoting issues?)").before
        guard let after = parts.after, let number = Int(after.prefix(while: \.isNumber)) else {
            return
        }
        let lines = program.split(separator: "\n", omittingEmptySubsequences: false)
        let found = min(max(number - linesBefore, 1), max(lines.count, 1))
        line = found
        guard found <= lines.count else { return }
        if let slash = text.firstIndex(of: "/"), text.hasSuffix("is not defined") {
            column = Self.column(of: text[..<slash], in: lines[found - 1])
        } else if text.hasPrefix("$"), let space = text.firstIndex(of: " ") {
            column = Self.column(of: text[..<space], in: lines[found - 1])
        } else if text.contains("unexpected $end") {
            column = lines[found - 1].count + 1
        }
    }

    private static func split(
        _ text: Substring, at mark: String
    ) -> (before: String, after: Substring?) {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index...].hasPrefix(mark) {
                return (String(text[..<index]), text[index...].dropFirst(mark.count))
            }
            index = text.index(after: index)
        }
        return (String(text), nil)
    }

    private static func column(of name: Substring, in line: Substring) -> Int? {
        var index = line.startIndex
        while index < line.endIndex {
            if line[index...].hasPrefix(name) {
                return line.distance(from: line.startIndex, to: index) + 1
            }
            index = line.index(after: index)
        }
        return nil
    }
}
