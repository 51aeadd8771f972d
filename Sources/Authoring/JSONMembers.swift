import PullcordJSON

extension JSONValue {
    /// The value at a path of members, `a.b`; nil if there is none.
    func member(at path: String) -> JSONValue? {
        path.split(separator: ".").reduce(Optional(self)) { value, step in
            value?[String(step)]
        }
    }

    /// The same with a value at a path of members; what is on the way is made.
    func setting(_ path: String, to value: JSONValue) -> JSONValue {
        let steps = path.split(separator: ".").map { String($0) }
        return setting(steps[...], to: value)
    }

    private func setting(_ steps: ArraySlice<String>, to value: JSONValue) -> JSONValue {
        guard let first = steps.first else { return value }
        let inner = (self[first] ?? .object([])).setting(steps.dropFirst(), to: value)
        var members: [Member] = []
        if case .object(let own) = self { members = own }
        if let place = members.firstIndex(where: { $0.key == first }) {
            members[place] = Member(first, inner)
        } else {
            members.append(Member(first, inner))
        }
        return .object(members)
    }

    /// With the members of another object in the place of its own.
    func merging(_ other: JSONValue) -> JSONValue {
        guard case .object(let members) = other else { return other }
        return members.reduce(self) { $0.setting([$1.key][...], to: $1.value) }
    }

    /// A scalar as a URL would hold it; nil for null and for what has parts.
    var plainText: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .bool(let isTrue): isTrue ? "true" : "false"
        case .null, .array, .object: nil
        }
    }
}
