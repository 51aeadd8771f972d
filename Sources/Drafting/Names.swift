/// Makes names of the language from what others call things.
package enum Names {
    private static let lengthMax = 64

    /// `^[a-z0-9][a-z0-9-]*$`, at most 64.
    package static func adapter(_ text: String) -> String {
        let name = joined(text.lowercased(), keeping: { $0.isASCIILetter || $0.isASCIIDigit }, "-")
        return name.isEmpty ? "api" : name
    }

    /// `^[A-Za-z0-9_]+$`, at most 64.
    package static func stream(_ text: String) -> String {
        let name = joined(
            text, keeping: { $0.isASCIILetter || $0.isASCIIDigit || $0 == "_" }, "_")
        return name.isEmpty ? "records" : name
    }

    /// `^[A-Za-z0-9_-]+$`, at most 64.
    package static func parameter(_ text: String) -> String {
        let name = joined(
            text, keeping: { $0.isASCIILetter || $0.isASCIIDigit || $0 == "_" || $0 == "-" }, "_")
        return name.isEmpty ? "value" : name
    }

    /// The name with a number behind it if it is taken.
    package static func free(_ name: String, among taken: some Collection<String>) -> String {
        guard taken.contains(name) else { return name }
        for number in 2...(taken.count + 2) {
            let tail = "_\(number)"
            let candidate = name.prefix(lengthMax - tail.count) + tail
            if !taken.contains(String(candidate)) { return String(candidate) }
        }
        return name
    }

    private static func joined(
        _ text: String, keeping isKept: (Unicode.Scalar) -> Bool, _ link: String
    ) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if isKept(scalar) {
                result.unicodeScalars.append(scalar)
            } else if !result.isEmpty, !result.hasSuffix(link) {
                result += link
            }
        }
        while result.hasSuffix(link) { result.removeLast() }
        return String(result.prefix(lengthMax))
    }

    /// `updatedAt`, `Updated-At` and `updated_at` in words.
    static func words(_ name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var wasLower = false
        for character in name {
            if !character.isLetter && !character.isNumber {
                if !word.isEmpty { words.append(word) }
                word = ""
                wasLower = false
                continue
            }
            if character.isUppercase, wasLower {
                words.append(word)
                word = ""
            }
            wasLower = character.isLowercase || character.isNumber
            word += character.lowercased()
        }
        return word.isEmpty ? words : words + [word]
    }

    /// The singular of an English plural, near enough to compare names by.
    static func singular(_ word: String) -> String {
        if word.hasSuffix("ies"), word.count > 4 { return word.dropLast(3) + "y" }
        for tail in ["sses", "ches", "shes", "xes"] where word.hasSuffix(tail) {
            return String(word.dropLast(2))
        }
        if word.hasSuffix("s"), !word.hasSuffix("ss"), word.count > 2 {
            return String(word.dropLast())
        }
        return word
    }
}

extension Unicode.Scalar {
    var isASCIILetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
    var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
