import PullcordModel

package enum LinkHeader {
    /// The target of the first link with the relation, from all Link header lines of an answer.
    package static func target(relation: String, in values: [String]) -> String? {
        for value in values {
            for link in links(in: value) where link.relations.contains(relation.lowercased()) {
                return link.target
            }
        }
        return nil
    }

    private struct Link {
        var target: String
        var relations: [String]
    }

    private static func links(in value: String) -> [Link] {
        var links: [Link] = []
        var rest = Substring(value)
        while let open = rest.firstIndex(of: "<") {
            rest = rest[rest.index(after: open)...]
            guard let close = rest.firstIndex(of: ">") else { break }
            var link = Link(target: String(rest[..<close]).trimmingSpaces(), relations: [])
            rest = rest[rest.index(after: close)...]
            let parameters = takeParameters(&rest)
            for parameter in parameters {
                guard let equals = parameter.firstIndex(of: "=") else { continue }
                let name = parameter[..<equals].trimmingSpaces().lowercased()
                let text = parameter[parameter.index(after: equals)...].trimmingSpaces()
                guard name == "rel" else { continue }
                let unquoted = text.hasPrefix("\"") ? String(text.dropFirst().dropLast()) : text
                link.relations = unquoted.lowercased().split(separator: " ").map(String.init)
            }
            links.append(link)
        }
        return links
    }

    /// Takes `; name=value` up to the comma that ends the link; a comma or semicolon within
    /// quotes is part of the value.
    private static func takeParameters(_ rest: inout Substring) -> [String] {
        var parameters: [String] = []
        var current = ""
        var isQuoted = false
        while let character = rest.popFirst() {
            if character == "\"" { isQuoted.toggle() }
            if !isQuoted, character == "," { break }
            if !isQuoted, character == ";" {
                parameters.append(current)
                current = ""
            } else {
                current.append(character)
            }
        }
        parameters.append(current)
        return parameters
    }
}
