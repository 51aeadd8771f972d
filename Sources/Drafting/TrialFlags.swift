/// What `pullcord adapter try` has to be given besides the file of a draft.
package struct TrialFlags: Sendable {
    /// The options, each with a blank before it; empty for none.
    package let text: String

    /// Values that are not `known`, in the form of `--with`, are named after their parameters.
    package init(
        _ draft: AdapterDraft, allow: [String], known: [(name: String, value: String)]
    ) {
        var words = allow.flatMap { ["--allow", Self.word($0)] }
        for name in Self.required(of: draft) {
            let variable = String(
                name.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
            let value = known.first { $0.name == name }?.value ?? "@env:\(variable)"
            words += ["--with", Self.word("\(name)=\(value)")]
        }
        text = words.map { " \($0)" }.joined()
    }

    private static func required(of draft: AdapterDraft) -> [String] {
        guard case .map(let parameters)? = draft.entries["params"] else { return [] }
        return parameters.compactMap { parameter in
            guard case .map(let entries) = parameter.value, entries["required"] == .bool(true)
            else { return nil }
            return parameter.key
        }
    }

    /// One word of a shell.
    private static func word(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "/:.,_-=@".utf8.contains(byte)
            }
        }
        return isPlain ? text : "'" + text.replacing("'", with: #"'\''"#) + "'"
    }
}
