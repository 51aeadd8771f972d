import PullcordModel

/// Writes texts as words of a shell, with variables in the place of secrets.
struct ShellMasks: Sendable {
    private struct Needle {
        let text: String
        /// As it stands in the command line, in double quotes.
        let word: String
    }

    private let needles: [Needle]
    private let redactor: Redactor

    /// `secrets` are values and the names of the variables that stand for them; what else
    /// `redactor` knows becomes `***`.
    init(_ secrets: [(value: String, variable: String)], redactor: Redactor) {
        self.redactor = redactor
        var needles: [Needle] = []
        // A short text is found everywhere, and masking it would tell more than it hides.
        for (value, variable) in secrets where value.utf8.count >= 4 {
            needles.append(Needle(text: value, word: "\"$\(variable)\""))
            let encoded = PercentEncoding.encode(value)
            if encoded != value {
                needles.append(
                    Needle(text: encoded, word: Self.jq("@uri", variable)))
            }
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            if escaped != value {
                needles.append(
                    Needle(text: escaped, word: Self.jq("tojson[1:-1]", variable)))
            }
        }
        self.needles = needles.sorted { $0.text.utf8.count > $1.text.utf8.count }
    }

    private static func jq(_ program: String, _ variable: String) -> String {
        #""$(jq -rn --arg v "$\#(variable)" '$v|\#(program)')""#
    }

    /// One word of a shell.
    func word(_ text: String) -> String {
        let (word, _) = quoted(text)
        return word.isEmpty ? "''" : word
    }

    /// Whether a text holds one of the secrets.
    func hides(_ text: String) -> Bool { quoted(text).hides }

    private func quoted(_ text: String) -> (word: String, hides: Bool) {
        var word = ""
        var rest = text[...]
        var hides = false
        while !rest.isEmpty {
            var first: (range: Range<String.Index>, word: String)?
            for needle in needles {
                guard let range = rest.firstRange(of: needle.text) else { continue }
                if first.map({ range.lowerBound < $0.range.lowerBound }) ?? true {
                    first = (range, needle.word)
                }
            }
            guard let (range, variable) = first else { break }
            word += literal(rest[..<range.lowerBound]) + variable
            rest = rest[range.upperBound...]
            hides = true
        }
        return (word + literal(rest), hides)
    }

    private static let plain = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/:.,_-=+@%")

    private func literal(_ text: Substring) -> String {
        let shown = redactor.redact(StrangerText.printable(String(text)))
        guard !shown.allSatisfy(Self.plain.contains) else { return shown }
        return "'" + shown.replacing("'", with: #"'\''"#) + "'"
    }
}
