import PullcordAdapter
import PullcordModel

/// Guesses by names which values must not be shown.
enum SecretNames {
    private static let words = ["token", "secret", "password", "passwd", "key", "credential"]
    private static let headers: Set<String> = [
        "authorization", "proxy-authorization", "cookie", "x-api-key",
    ]

    static func isLikely(_ text: String) -> Bool {
        let lower = text.lowercased()
        return headers.contains(lower) || words.contains { lower.contains($0) }
    }

    /// Keeps a literal value of a header from being shown if its name says that it is secret.
    static func note(_ header: NamedTemplate, _ field: Field) {
        guard let literal = header.value.literalText, isLikely(header.name) else { return }
        field.collector.secrets.append(Secret(literal))
        guard headers.contains(header.name.lowercased()) else { return }
        field.collector.warning(
            "secret_in_file", at: field.place, path: field.path,
            "a credential is written into the file",
            hint: "an adapter takes it from a parameter of type secret, a bridge file from "
                + "\"${env.NAME}\"")
    }

    /// Keeps what is literal of a secret from being shown, and says that it should not stand there.
    ///
    /// With `isHidden`, nothing is said.
    static func warn(
        of template: Template, path: String, _ collector: Collector, isHidden: Bool = false
    ) {
        guard template.isWhole else {
            for case .literal(let text) in template.segments {
                collector.secrets.append(Secret(text))
            }
            return
        }
        guard let literal = template.literalText else { return }
        collector.secrets.append(Secret(literal))
        guard !isHidden else { return }
        collector.warning(
            "secret_in_file", at: template.place, path: path, "a secret is written into the file",
            hint: advice(literal))
    }

    /// How to keep it outside; what other programs would replace is replaced by nobody here.
    private static func advice(_ literal: String) -> String {
        guard let meant = meant(by: literal) else {
            return "keep it outside: \"${env.NAME}\" or \"${file:/run/secrets/NAME}\""
        }
        return "it is taken as it stands; a value from outside is written \"${\(meant)}\""
    }

    /// What `$NAME`, `$(cat PATH)` or `{{ env.NAME }}` would be here; nil for any other text.
    private static func meant(by literal: String) -> String? {
        let isBraced = literal.hasPrefix("{{") && literal.hasSuffix("}}")
        let isRun = literal.hasPrefix("$(") && literal.hasSuffix(")")
        let path = literal.dropLast().split(separator: " ").last
        if isRun, literal.hasPrefix("$(cat "), let path { return "file:\(path)" }
        let words = literal.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) && $0 != "_" }
        if isBraced || isRun { return "env.\(words.last ?? "NAME")" }
        let isVariable =
            literal.hasPrefix("$") && words.count == 1 && words[0].count == literal.count - 1
        return isVariable ? "env.\(words[0])" : nil
    }

    /// The same for the values of a source whose adapter is not known.
    static func note(_ spec: SourceSpec, _ collector: Collector) {
        for (name, template) in spec.with where isLikely(name.text) {
            if let literal = template.literalText { collector.secrets.append(Secret(literal)) }
        }
    }

    /// Whether a line that could not be parsed may hold a secret.
    static func mayBeIn(_ line: String) -> Bool {
        let lower = line.lowercased()
        return words.contains { lower.contains($0) } || headers.contains { lower.contains($0) }
    }
}
