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
