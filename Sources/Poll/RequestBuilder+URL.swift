import PullcordModel

/// Query items of URLs.
extension RequestBuilder {
    static func appending(_ items: [(String, String)], to url: String) -> String {
        guard !items.isEmpty else { return url }
        let text = PercentEncoding.items(items)
        let (address, _) = url.split(atFirst: "#")
        guard address.contains("?") else { return "\(address)?\(text)" }
        return address.hasSuffix("?") || address.hasSuffix("&")
            ? address + text : "\(address)&\(text)"
    }

    static func hasItem(_ name: String, in url: String) -> Bool {
        let (_, query) = url.split(atFirst: "?")
        let encoded = PercentEncoding.encode(name)
        return query.split(separator: "&").contains {
            $0 == encoded || $0.hasPrefix("\(encoded)=")
        }
    }
}

extension String {
    /// What stands before and after the first `mark`; the second part is empty without one.
    fileprivate func split(atFirst mark: Character) -> (String, String) {
        guard let index = firstIndex(of: mark) else { return (self, "") }
        return (String(self[..<index]), String(self[self.index(after: index)...]))
    }
}
