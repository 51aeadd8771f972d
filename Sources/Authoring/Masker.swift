import PullcordJSON
import PullcordModel

/// Puts other values in the place of secrets and of what else nobody should see: the same value
/// becomes the same one everywhere.
struct Masker {
    /// The longest first, so that a secret that holds another is replaced whole.
    private var secrets: [(needle: String, stand: String)] = []
    private var tokens = 0
    let paths: [[String]]
    /// Those of the paths that something stood at.
    private(set) var used: Set<[String]> = []
    /// What stands for the values under the masked paths, by the value.
    private(set) var pseudonyms: [String: String] = [:]
    private var numbers: [String: Int] = [:]

    /// `paths` are the last members of what is masked in bodies: `["user", "email"]`.
    init(paths: [[String]]) { self.paths = paths }

    /// Shorter ones would blot out the text around them.
    static let bytesMin = 4

    mutating func add(secret: String, as stand: String) {
        guard secret.utf8.count >= Self.bytesMin, secret != stand,
            !secrets.contains(where: { $0.needle == secret })
        else { return }
        secrets.append((secret, stand))
        secrets.sort { ($0.needle.utf8.count, $0.needle) > ($1.needle.utf8.count, $1.needle) }
    }

    /// A token that a login has brought.
    mutating func add(token: String) {
        guard token.utf8.count >= Self.bytesMin, !secrets.contains(where: { $0.needle == token })
        else { return }
        tokens += 1
        add(secret: token, as: "masked-token-\(tokens)")
    }

    /// Learns what stands under the masked paths of a body.
    mutating func learn(_ value: JSONValue, below path: [String] = []) {
        let fitting = paths.filter { Self.fits($0, path) }
        if !fitting.isEmpty {
            used.formUnion(fitting)
            learnAll(value, name: path.last ?? "value")
            return
        }
        switch value {
        case .object(let members):
            for member in members { learn(member.value, below: path + [member.key]) }
        case .array(let items): for item in items { learn(item, below: path) }
        case .null, .bool, .number, .string: break
        }
    }

    private mutating func learnAll(_ value: JSONValue, name: String) {
        switch value {
        case .object(let members):
            for member in members { learnAll(member.value, name: member.key) }
        case .array(let items): for item in items { learnAll(item, name: name) }
        case .string(let text), .number(let text):
            guard !text.isEmpty, pseudonyms[text] == nil else { return }
            let number = (numbers[name] ?? 0) + 1
            numbers[name] = number
            if case .number = value {
                pseudonyms[text] = String(1_000_000 + pseudonyms.count)
            } else {
                pseudonyms[text] =
                    Int64(text) != nil
                    ? String(1_000_000 + pseudonyms.count) : Self.pseudonym(of: text, name, number)
            }
        case .null, .bool: break
        }
    }

    /// What the same programs would take for the same kind of value.
    private static func pseudonym(of text: String, _ name: String, _ number: Int) -> String {
        if text.contains("@"), !text.contains(" ") { return "\(name)-\(number)@example.com" }
        if text.hasPrefix("http://") || text.hasPrefix("https://") {
            return "https://example.com/\(name)-\(number)"
        }
        if Timestamp(rfc3339: text) != nil {
            let time = Timestamp(milliseconds: 946_684_800_000) + .seconds(number)
            return time.description.replacing(".000Z", with: "Z")
        }
        return "\(name)-\(number)"
    }

    // MARK: Masking

    /// A text with all secrets replaced; as a whole it may have a pseudonym, if it is long enough
    /// to be the same thing and not an equal one.
    func text(_ text: String) -> String {
        if text.utf8.count >= Self.bytesMin, let pseudonym = pseudonyms[text] { return pseudonym }
        return secrets.reduce(text) { $0.replacing($1.needle, with: $1.stand) }
    }

    func json(_ value: JSONValue) -> JSONValue { json(value, below: [], isMasked: false) }

    /// Numbers have pseudonyms under the masked paths only: elsewhere an equal one is mostly
    /// something else.
    private func json(_ value: JSONValue, below path: [String], isMasked: Bool) -> JSONValue {
        let isMasked = isMasked || isMaskedPath(path)
        switch value {
        case .null, .bool: return value
        case .number(let text):
            guard isMasked, let pseudonym = pseudonyms[text] else { return value }
            return .number(pseudonym)
        case .string(let text):
            if isMasked, let pseudonym = pseudonyms[text] { return .string(pseudonym) }
            return .string(self.text(text))
        case .array(let items):
            return .array(items.map { json($0, below: path, isMasked: isMasked) })
        case .object(let members):
            return .object(
                members.map {
                    .init(
                        text($0.key), json($0.value, below: path + [$0.key], isMasked: isMasked))
                })
        }
    }

    private func isMaskedPath(_ path: [String]) -> Bool {
        paths.contains { Self.fits($0, path) }
    }

    private static func fits(_ masked: [String], _ path: [String]) -> Bool {
        !masked.isEmpty && path.suffix(masked.count).elementsEqual(masked)
    }

    // MARK: Texts of other formats

    /// The texts at masked paths of a body that are not stand-ins themselves.
    func hidden(in value: JSONValue, below path: [String] = [], isMasked: Bool = false) -> [String]
    {
        let isMasked = isMasked || isMaskedPath(path)
        switch value {
        case .null, .bool: return []
        case .string(let text), .number(let text):
            return isMasked && pseudonyms[text] != nil ? [text] : []
        case .array(let items):
            return items.flatMap { hidden(in: $0, below: path, isMasked: isMasked) }
        case .object(let members):
            return members.flatMap {
                hidden(in: $0.value, below: path + [$0.key], isMasked: isMasked)
            }
        }
    }

    /// A text with stand-ins for some values, wherever they stand as words of their own.
    func within(_ text: String, _ values: Set<String>) -> String {
        guard !values.isEmpty else { return text }
        var words = WordReplacer()
        for value in values {
            guard let stand = pseudonyms[value] else { continue }
            for form in Self.forms(of: value) { words.add(form, stand) }
        }
        return words.replaced(text)
    }

    /// How a value may be written in CSV and XML.
    private static func forms(of value: String) -> Set<String> {
        let escaped = value.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
        let quoted = escaped.replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
        return [
            value, value.replacing("\"", with: "\"\""), escaped,
            escaped.replacing(">", with: "&gt;"), quoted,
            quoted.replacing("'", with: "&apos;"), quoted.replacing("'", with: "&#39;"),
        ]
    }

    /// The value of a header; what Basic says is masked within.
    func header(_ value: String) -> String {
        let scheme = value.prefix { $0 != " " }
        if scheme.lowercased() == "basic",
            let bytes = Base64.decode(String(value.dropFirst(scheme.count + 1)))
        {
            let parts = String(decoding: bytes, as: UTF8.self)
                .split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let masked = parts.map { text(String($0)) }.joined(separator: ":")
            return "\(scheme) \(Base64.encode(Array(masked.utf8)))"
        }
        return text(value)
    }

    /// A URL as a person would write it: decoded where that is as clear.
    func url(_ text: String) -> String {
        let shape = URLShape(text)
        let path = shape.path.map { Self.encoded(self.text($0), also: "/?") }
        var result = self.text(shape.origin) + path.map { "/\($0)" }.joined()
        if !shape.query.isEmpty {
            let items = shape.query.map {
                "\(Self.encoded(self.text($0.name), also: "="))=\(Self.encoded(self.text($0.value), also: ""))"
            }
            result += "?" + items.joined(separator: "&")
        }
        return result
    }

    func form(_ text: String) -> String {
        URLShape.items(ofForm: text).map {
            "\(Self.encoded(self.text($0.name), also: "="))=\(Self.encoded(self.text($0.value), also: ""))"
        }.joined(separator: "&")
    }

    private static func encoded(_ text: String, also more: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            let isPlain =
                scalar.value > 0x20 && scalar.value < 0x7F
                && !"%&+#\"*".unicodeScalars.contains(scalar)
                && !more.unicodeScalars.contains(scalar)
            result += isPlain ? String(scalar) : PercentEncoding.encode(String(scalar))
        }
        return result
    }
}
