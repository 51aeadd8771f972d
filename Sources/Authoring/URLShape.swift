import PullcordModel

/// A URL as its parts mean something: how it is written makes no difference.
///
/// In a shape that is expected, `*` as a segment of the path or as a value stands for anything.
package struct URLShape: Sendable, Equatable, CustomStringConvertible {
    package struct Item: Sendable, Equatable {
        package let name: String
        package let value: String
    }

    /// Scheme, host and port in lower case, without the scheme's own port.
    package let origin: String
    /// The segments of the path, decoded.
    package let path: [String]
    /// Decoded, in the order of the query.
    package let query: [Item]
    private let text: String

    package init(_ text: String) {
        self.text = text
        let whole = text.prefix { $0 != "#" }
        let address = whole.prefix { $0 != "?" }
        let question = whole.dropFirst(address.count + 1)
        var rest = address
        var origin = ""
        if let scheme = address.firstRange(of: "://") {
            let authority = address[scheme.upperBound...].prefix { $0 != "/" }
            origin = "\(address[..<scheme.upperBound])\(authority)".lowercased()
            for (name, port) in [("http://", ":80"), ("https://", ":443")]
            where origin.hasPrefix(name) && origin.hasSuffix(port) {
                origin = String(origin.dropLast(port.count))
            }
            rest = address[authority.endIndex...]
        }
        self.origin = origin
        path = rest.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            .map { Self.decoded($0) }
        query = QueryText.items(of: String(question)).map {
            Item(name: Self.formDecoded($0.name), value: Self.formDecoded($0.value))
        }
    }

    /// As it was written.
    package var description: String { text }

    /// The items of a form, which is written like a query.
    static func items(ofForm text: String) -> [Item] {
        QueryText.items(of: text).map {
            Item(name: formDecoded($0.name), value: formDecoded($0.value))
        }
    }

    private static func decoded(_ text: Substring) -> String {
        String(decoding: PercentEncoding.decode(text), as: UTF8.self)
    }

    private static func formDecoded(_ text: Substring) -> String {
        decoded(Substring(text.replacing("+", with: " ")))
    }

    /// What of a request's URL differs from what is expected of it; empty if it fits.
    func differences(from found: URLShape) -> [Difference] {
        var result: [Difference] = []
        if origin != found.origin {
            result.append(Difference("host", expected: origin, found: found.origin, weight: 8))
        }
        let fits =
            path.count == found.path.count
            && zip(path, found.path).allSatisfy { $0 == "*" || $0 == $1 }
        // `/a` and `/a/` are two, `/` and nothing are one.
        if !fits, path != [""] || !found.path.isEmpty, !path.isEmpty || found.path != [""] {
            result.append(
                Difference(
                    "path", expected: "/" + path.joined(separator: "/"),
                    found: "/" + found.path.joined(separator: "/"), weight: 4))
        }
        return result + Self.differences(query, from: found.query, in: "query")
    }

    /// Items are compared as a set: each expected one needs one that was found.
    static func differences(
        _ expected: [Item], from found: [Item], in part: String
    ) -> [Difference] {
        var rest = found
        var missing: [Item] = []
        // Those that name a value first, so that a `*` does not take what another one needs.
        for item in expected.filter({ $0.value != "*" }) + expected.filter({ $0.value == "*" }) {
            if let place = rest.firstIndex(where: { item.fits($0) }) {
                rest.remove(at: place)
            } else {
                missing.append(item)
            }
        }
        var result: [Difference] = []
        for item in missing {
            let name = "\(part) \(item.name)"
            if let place = rest.firstIndex(where: { $0.name == item.name }) {
                let other = rest.remove(at: place)
                result.append(Difference(name, expected: item.value, found: other.value))
            } else {
                result.append(Difference(name, expected: item.value, found: nil))
            }
        }
        return result
            + rest.map { Difference("\(part) \($0.name)", expected: nil, found: $0.value) }
    }
}

extension URLShape.Item {
    /// A plus in a URL means a space, or itself where the author forgot that.
    fileprivate func fits(_ found: Self) -> Bool {
        guard name == found.name else { return false }
        return value == "*" || value == found.value
            || value.replacing("+", with: " ") == found.value.replacing("+", with: " ")
    }
}

/// One thing that is not as it should be.
package struct Difference: Sendable, Equatable, CustomStringConvertible {
    /// What differs: `query since`, `header authorization`, `.filter.state`.
    package let part: String
    /// nil if it should not be there.
    package let expected: String?
    /// nil if it is not there.
    package let found: String?
    /// How much it speaks against the two being meant for each other.
    let weight: Int

    init(_ part: String, expected: String?, found: String?, weight: Int = 1) {
        self.part = part
        self.expected = expected
        self.found = found
        self.weight = weight
    }

    package var description: String {
        switch (expected, found) {
        case (let expected?, let found?): "\(part): expected \(expected), found \(found)"
        case (let expected?, nil): "\(part): expected \(expected), not there"
        case (nil, let found?): "\(part): not expected, found \(found)"
        case (nil, nil): part
        }
    }
}
