/// Text that must not be seen: every description of it is `***`.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    private let text: String

    package init(_ text: String) { self.text = text }

    /// The text itself.
    ///
    /// Each caller is a place where a secret can leak: keep them few.
    package func expose() -> String { text }

    package var description: String { "***" }
    package var debugDescription: String { "***" }
}

extension Secret: CustomReflectable {
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Replaces every known secret in a text by `***`, also where it stands percent-encoded
/// or in a form.
package struct Redactor: Sendable {
    let needles: [String]
    /// Secrets that come on top of them; nil for none.
    private let book: SecretBook?

    /// Secrets shorter than four characters are left out: masking them would blot out the text
    /// around them and tell more than it hides.
    package init(_ secrets: some Sequence<Secret>, book: SecretBook? = nil) {
        var needles: Set<String> = []
        for secret in secrets {
            let text = secret.expose()
            guard text.utf8.count >= 4 else { continue }
            needles.insert(text)
            needles.insert(PercentEncoding.encode(text))
            needles.insert(PercentEncoding.form(text))
            // As it stands in JSON, where some escape the slash too.
            let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            needles.insert(escaped)
            needles.insert(escaped.replacing("/", with: "\\/"))
            for alignment in 0..<3 { needles.insert(Base64.core(of: text, after: alignment)) }
        }
        self.init(needles: needles, book: book)
    }

    /// A redactor that knows one secret more.
    package func adding(_ secret: Secret) -> Redactor {
        Redactor(needles: Set(needles).union(Redactor([secret]).needles), book: book)
    }

    private init(needles: Set<String>, book: SecretBook?) {
        self.book = book
        // The longest first, so that a secret that contains another is masked whole.
        self.needles = needles.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }

    package func redact(_ text: String) -> String {
        var bytes = Array(text.utf8)
        for needle in needles { Self.mask(Array(needle.utf8), in: &bytes) }
        let masked = String(decoding: bytes, as: UTF8.self)
        return book?.redact(masked) ?? masked
    }

    private static func mask(_ needle: [UInt8], in bytes: inout [UInt8]) {
        guard bytes.count >= needle.count else { return }
        var result: [UInt8] = []
        var found = false
        var index = 0
        while index < bytes.count {
            if bytes[index...].starts(with: needle) {
                result.append(contentsOf: "***".utf8)
                index += needle.count
                found = true
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        if found { bytes = result }
    }
}
