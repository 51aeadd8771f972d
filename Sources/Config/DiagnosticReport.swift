import PullcordModel

/// Every complaint about a set of files, with what is needed to show them.
package struct DiagnosticReport: Error, Sendable {
    /// In the order of files as they were read, then of places.
    package let diagnostics: [Diagnostic]
    /// The lines of each file, for the excerpts; secrets written in them are masked.
    private let lines: [String: [String]]
    private let redactor: Redactor
    private let secrets: [Secret]

    /// A report without complaints.
    package init() { self.init(diagnostics: [], sources: [], secrets: []) }

    init(
        diagnostics: [Diagnostic], sources: [(file: String, text: String)], secrets: [Secret]
    ) {
        redactor = Redactor(secrets)
        self.secrets = secrets
        var order: [String: Int] = [:]
        var lines: [String: [String]] = [:]
        for (index, source) in sources.enumerated() where order[source.file] == nil {
            order[source.file] = index
            lines[source.file] = source.text.split(
                omittingEmptySubsequences: false, whereSeparator: \.isNewline
            ).map { StrangerText.printable(String($0)) }
        }
        self.lines = lines
        self.diagnostics = diagnostics.enumerated().sorted { left, right in
            let first = left.element.place
            let second = right.element.place
            return (order[first.file] ?? .max, first.line, first.column, left.offset)
                < (order[second.file] ?? .max, second.line, second.column, right.offset)
        }.map(\.element.printable)
    }

    /// A text about these files with their secrets masked.
    package func redact(_ text: String) -> String { redactor.redact(text) }

    /// The same without complaints of one code.
    package func without(code: String) -> DiagnosticReport {
        DiagnosticReport(
            diagnostics: diagnostics.filter { $0.code != code }, lines: lines, redactor: redactor,
            secrets: secrets)
    }

    private init(
        diagnostics: [Diagnostic], lines: [String: [String]], redactor: Redactor, secrets: [Secret]
    ) {
        self.secrets = secrets
        self.diagnostics = diagnostics
        self.lines = lines
        self.redactor = redactor
    }

    package var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }
    package var warnings: [Diagnostic] { diagnostics.filter { $0.severity == .warning } }
    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// All complaints for people: each with its line of the file and a caret under the place.
    ///
    /// With `color` it uses ANSI colours.
    package func text(color: Bool = false) -> String {
        diagnostics.map { text(of: $0, color: color) }.joined(separator: "\n")
    }

    /// `2 errors, 1 warning`, or `no mistakes found`.
    package var summary: String {
        let counts = [(errors.count, "error"), (warnings.count, "warning")]
        let parts = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
        return parts.isEmpty ? "no mistakes found" : parts.joined(separator: ", ")
    }

    /// A JSON array of all complaints.
    package var json: String {
        redactor.redact("[" + diagnostics.map(\.json).joined(separator: ",\n ") + "]\n")
    }

    private func text(of diagnostic: Diagnostic, color: Bool) -> String {
        let paint = Paint(isOn: color)
        let label = paint(
            diagnostic.severity.rawValue, diagnostic.severity == .error ? .red : .yellow)
        let path = diagnostic.keyPath.isEmpty ? "" : diagnostic.keyPath + ": "
        var result = paint("\(diagnostic.place):", .bold) + " \(label): \(path)"
        result += diagnostic.message + "\n"
        result += excerpt(diagnostic, paint)
        func add(_ label: String, _ text: String) {
            if !text.isEmpty { result += "  \(paint(label, .blue)) \(text)\n" }
        }
        add("allowed:", diagnostic.allowed.joined(separator: ", "))
        add("did you mean:", diagnostic.suggestion ?? "")
        add("hint:", diagnostic.hint)
        return redactor.redact(result)
    }

    private func excerpt(_ diagnostic: Diagnostic, _ paint: Paint) -> String {
        let place = diagnostic.place
        guard let lines = lines[place.file], lines.indices.contains(place.line - 1) else {
            return ""
        }
        let line = lines[place.line - 1]
        // Nobody knows what is secret in a line that could not be parsed.
        if diagnostic.code.hasPrefix("yaml_"), SecretNames.mayBeIn(line) { return "" }
        var scalars = Array(line.unicodeScalars)
        // A long line is shown around the place only.
        let width = 96
        if scalars.count > width { scalars = Array(masked(line).unicodeScalars) }
        let lead = max(0, min(place.column - 1, scalars.count) - width / 2)
        let first = scalars.count <= width ? 0 : lead
        let shown = scalars.dropFirst(first).prefix(width)
        let number = String(place.line)
        let gutter = String(repeating: " ", count: number.count)
        // Tabs are kept in the margin, so that the caret stands where the eye looks for it.
        let margin = shown.prefix(max(0, place.column - 1 - first)).map { $0 == "\t" ? "\t" : " " }
        let caret = "^" + String(repeating: "~", count: underline(diagnostic, scalars, shown) - 1)
        var text = String.UnicodeScalarView()
        text.append(contentsOf: shown)
        return "  \(number) | \(redactor.redact(String(text)))\n"
            + "  \(gutter) | \(margin.joined())\(paint(caret, .green))\n"
    }

    /// A line of the same length without secrets: a part of one, cut off, would not be known.
    private func masked(_ line: String) -> String {
        secrets.reduce(line) { line, secret in
            let text = StrangerText.printable(secret.expose())
            guard text.unicodeScalars.count > 2 else { return line }
            return line.replacing(
                text, with: String(repeating: "*", count: text.unicodeScalars.count))
        }
    }

    /// As long as what was found, if that is what stands at the place.
    private func underline(
        _ diagnostic: Diagnostic, _ line: [Unicode.Scalar], _ shown: ArraySlice<Unicode.Scalar>
    ) -> Int {
        let found = Array(diagnostic.found.unicodeScalars)
        let start = diagnostic.place.column - 1
        guard !found.isEmpty, start >= 0, start < shown.endIndex else { return 1 }
        let rest = line[start...]
        let quote = rest.first == "\"" || rest.first == "'" ? 1 : 0
        guard rest.dropFirst(quote).starts(with: found) else { return 1 }
        return max(1, min(found.count + quote * 2, shown.endIndex - start))
    }
}

/// Descriptions show what people are shown: nothing of the files that is masked there.
extension DiagnosticReport: CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    package var description: String { text() }
    package var debugDescription: String { text() }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// ANSI colours, or none.
private struct Paint {
    enum Color: String {
        case red = "31;1"
        case yellow = "33;1"
        case green = "32"
        case blue = "36"
        case bold = "1"
    }

    let isOn: Bool

    func callAsFunction(_ text: String, _ color: Color) -> String {
        isOn ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }
}
