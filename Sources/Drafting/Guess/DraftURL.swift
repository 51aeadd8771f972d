package import PullcordModel

/// A URL in the parts that an adapter has: `base_url`, `path`, `query`.
package struct DraftURL: Sendable, Equatable {
    /// Scheme, host and port.
    package let origin: String
    /// Without the origin; begins with `/`.
    package let path: String
    /// Decoded, in their order.
    package var query: [Item]

    package struct Item: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(_ text: String) throws(Problem) {
        let lower = text.lowercased()
        guard lower.hasPrefix("http://") || lower.hasPrefix("https://") else {
            throw Problem(
                code: "url_invalid", message: "this is no URL of http or https",
                hint: "for example https://api.example.com/orders")
        }
        let whole = text.prefix { $0 != "#" }
        let afterScheme = whole.dropFirst(lower.hasPrefix("https") ? 8 : 7)
        let authority = afterScheme.prefix { $0 != "/" && $0 != "?" }
        guard !authority.isEmpty, !authority.contains("@"),
            !text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F })
        else {
            throw Problem(
                code: "url_invalid",
                message: authority.contains("@")
                    ? "credentials cannot stand in a URL" : "the URL has no host, or blanks in it",
                hint: authority.contains("@") ? "use --basic, --bearer or --api-key" : "")
        }
        origin = String(whole.prefix(whole.count - afterScheme.count) + authority)
        let rest = afterScheme.dropFirst(authority.count)
        let path = rest.prefix { $0 != "?" }
        self.path = path.isEmpty ? "/" : String(path)
        query = QueryText.items(of: String(rest.dropFirst(path.count + 1))).map {
            Item(name: Self.decoded($0.name), value: Self.decoded($0.value))
        }
    }

    private static func decoded(_ text: Substring) -> String {
        String(
            decoding: PercentEncoding.decode(text.replacing("+", with: " ")[...]), as: UTF8.self)
    }

    /// The URL with another query.
    package func text(query: [Item]) -> String {
        let items = query.map {
            "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))"
        }
        return origin + path + (items.isEmpty ? "" : "?" + items.joined(separator: "&"))
    }

    /// The URL with one item in the place of the one of that name.
    func text(setting name: String, to value: String) -> String {
        var items = query
        if let index = items.firstIndex(where: { $0.name == name }) {
            items[index] = Item(name: name, value: value)
        } else {
            items.append(Item(name: name, value: value))
        }
        return text(query: items)
    }

    func item(_ name: String) -> String? { query.first { $0.name == name }?.value }

    private var segments: [String] { path.split(separator: "/").map(String.init) }

    /// What the last word of the path says that is listed: no id, no `v1`, no file extension.
    package var lastWord: String {
        let words = segments.map { segment in
            segment.hasSuffix(".json") || segment.hasSuffix(".xml") || segment.hasSuffix(".csv")
                ? String(segment.prefix { $0 != "." }) : segment
        }
        return words.last { word in
            word.contains(where: \.isLetter) && !Self.isPlain(word) && !Self.isIdentifier(word)
                && !word.contains("%") && word.count <= 40
        } ?? ""
    }

    /// Whether a word of a path looks like the id of something: `appAAA`, `tblX1b2C3d4e5`, a UUID.
    private static func isIdentifier(_ word: String) -> Bool {
        let tail = word.reversed().prefix { $0.isUppercase || $0.isNumber }
        if tail.count >= 3, tail.count < word.count, tail.contains(where: \.isUppercase) {
            return word.dropLast(tail.count).allSatisfy(\.isLowercase)
        }
        let hasNumber = word.contains(where: \.isNumber)
        let isMixed = word.contains(where: \.isLowercase) && word.contains(where: \.isUppercase)
        let isHex = word.allSatisfy { $0.isHexDigit || $0 == "-" }
        return word.count >= 12 && hasNumber && (isMixed || isHex)
    }

    /// What an adapter is called by: the host, or what is listed where the host has only a number.
    package var adapterWord: String {
        let host = hostWord
        return host.isEmpty || host == "localhost" ? lastWord : host
    }

    /// Words of a path that name no list.
    private static func isPlain(_ word: String) -> Bool {
        let lower = word.lowercased()
        return ["api", "rest", "json", "list", "search", "query", "index", "all"].contains(lower)
            || lower.hasPrefix("v") && lower.dropFirst().allSatisfy { $0.isNumber || $0 == "." }
    }

    /// The host with its port.
    var host: String { origin.split(separator: "/").last.map(String.init) ?? "" }

    /// The host without what all hosts have: `api.example.com` is `example`.
    package var hostWord: String {
        let name = host.prefix { $0 != ":" }
        // An address of IPv6 stands in brackets.
        if name.hasPrefix("[") { return "" }
        if name.allSatisfy({ $0.isNumber || $0 == "." }) { return "" }
        let labels = name.split(separator: ".").map(String.init)
        let useful = labels.dropLast().filter {
            !["api", "www", "rest", "data", "co"].contains($0)
        }
        return useful.last ?? labels.first ?? ""
    }

    /// What all requests share: the origin and the first words of the path up to a version.
    package var base: (url: String, path: String) {
        let segments = segments
        let index = segments.firstIndex { segment in
            let lower = segment.lowercased()
            return lower == "api"
                || lower.hasPrefix("v") && lower.count > 1
                    && lower.dropFirst().allSatisfy { $0.isNumber || $0 == "." }
        }
        guard let index, index < segments.count - 1 else { return (origin, path) }
        var end = index
        if segments[index].lowercased() == "api", index + 2 < segments.count {
            let next = segments[index + 1].lowercased()
            if next.hasPrefix("v"), next.dropFirst().allSatisfy({ $0.isNumber || $0 == "." }) {
                end = index + 1
            }
        }
        let head = "/" + segments[...end].joined(separator: "/")
        guard path.hasPrefix(head) else { return (origin, path) }
        return (origin + head, String(path.dropFirst(head.count)))
    }
}

extension DraftURL {
    /// Puts `***` in the place of what looks like a credential.
    package mutating func hideSecrets() {
        query = query.map { item in
            Vocabulary.isSecret(item.name) ? Item(name: item.name, value: "***") : item
        }
    }

    /// For people: stars stay stars.
    package var shown: String { text(query: query).replacing("%2A%2A%2A", with: "***") }
}
