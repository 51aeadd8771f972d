import PullcordJSON

/// A JSON value that another one is held against: `"*"` stands for any value.
struct JSONPattern {
    let value: JSONValue
    /// Whether objects may have further members.
    let isSubset: Bool
    /// What a test shows of one mismatch; the rest is as good.
    private static let differencesMax = 8

    /// What of a value differs; empty if it fits.
    ///
    /// `path` is where it stands.
    func differences(from found: JSONValue, at path: String) -> [Difference] {
        var result: [Difference] = []
        compare(value, found, path, &result)
        return Array(result.prefix(Self.differencesMax))
    }

    private func compare(
        _ expected: JSONValue, _ found: JSONValue, _ path: String, _ result: inout [Difference]
    ) {
        guard result.count < Self.differencesMax, expected != .string("*") else { return }
        switch (expected, found) {
        case (.object(let members), .object(let others)):
            let known = Dictionary(others.map { ($0.key, $0.value) }) { $1 }
            for member in members {
                let path = Self.path(path, member.key)
                if let other = known[member.key] {
                    compare(member.value, other, path, &result)
                } else {
                    result.append(
                        Difference(path, expected: Self.shown(member.value), found: nil))
                }
            }
            guard !isSubset else { return }
            let wanted = Set(members.map(\.key))
            for other in others where !wanted.contains(other.key) {
                result.append(
                    Difference(
                        Self.path(path, other.key), expected: nil, found: Self.shown(other.value)))
            }
        case (.array(let items), .array(let others)) where items.count == others.count:
            for (index, (item, other)) in zip(items, others).enumerated() {
                compare(item, other, "\(path)[\(index)]", &result)
            }
        case (.number(let left), .number(let right)):
            let texts = [left, right].map { JSONText.canonicalNumber(Array($0.utf8)) ?? $0 }
            if texts[0] != texts[1] {
                result.append(Difference(path, expected: left, found: right))
            }
        default:
            guard expected != found else { return }
            result.append(
                Difference(path, expected: Self.shown(expected), found: Self.shown(found)))
        }
    }

    private static func path(_ path: String, _ key: String) -> String {
        let isPlain =
            !key.isEmpty
            && key.utf8.allSatisfy {
                $0 == 0x5F || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
                    || (0x61...0x7A).contains($0)
            }
        return isPlain ? "\(path).\(key)" : "\(path)[\(JSONText.quoted(key))]"
    }

    static func shown(_ value: JSONValue) -> String {
        let text = String(decoding: value.serialized, as: UTF8.self)
        return text.count > 200 ? text.prefix(200) + "…" : text
    }
}
