import PullcordJSON
import PullcordModel

extension Template {
    /// What is done to the values of placeholders that no filter exempts.
    package enum Encoding: Sendable {
        case none
        /// Nothing either, within a string of JSON: `json` gives no quotes.
        case member
        /// Percent-encoded, `/` too, unless the placeholder has `raw` or `urlencode`.
        case path
    }

    /// The text with every placeholder replaced; nil if a value is absent and has no `default`.
    ///
    /// The caller leaves out the header, query item or member whose template gives nil.
    ///
    /// - Throws: ``TemplateError`` `value` if `date` is given no time or `number` no number; its
    ///   message does not hold the value, which may be secret.
    package func render(
        _ context: TemplateContext, encoding: Encoding = .none
    ) throws(TemplateError) -> String? {
        var result = ""
        var quotes = JSONQuotes()
        for segment in segments {
            switch segment {
            case .literal(let text):
                result += text
                quotes.read(text)
            case .placeholder(let placeholder):
                guard var value = try placeholder.value(context) else { return nil }
                if encoding != .member, placeholder.isJSON, !quotes.areOpen {
                    value = "\"\(value)\""
                }
                result +=
                    encoding == .path && !placeholder.isExemptFromEncoding
                    ? PercentEncoding.encode(value) : value
            }
        }
        return result
    }

    /// The first placeholder that keeps the text from being rendered; nil if none does.
    package func absent(_ context: TemplateContext) -> Placeholder? {
        placeholders.first { ((try? $0.value(context)) ?? nil) == nil }
    }

    /// Whether it stands for several values: one placeholder with `list` at its end.
    package var isList: Bool { solePlaceholder?.filters.contains(.list) ?? false }

    /// The values that it stands for, of a list without blanks around them; empty where ``render``
    /// gives nil, and for a list of nothing.
    ///
    /// - Throws: ``TemplateError`` as ``render(_:encoding:)`` does.
    package func values(_ context: TemplateContext) throws(TemplateError) -> [String] {
        try render(context).map { values(of: $0) } ?? []
    }

    /// The values that stand in a text of this template: of a list, what stands between commas.
    package func values(of text: String) -> [String] {
        guard isList else { return [text] }
        return text.split(separator: ",").compactMap { part in
            let value = part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
            return value.isEmpty ? nil : String(value)
        }
    }

    /// The text, if there is no placeholder in it, whether understood or not.
    package var literalText: String? {
        guard isWhole else { return nil }
        var result = ""
        for segment in segments {
            guard case .literal(let text) = segment else { return nil }
            result += text
        }
        return result
    }

    /// The one placeholder that is the whole text.
    package var solePlaceholder: Placeholder? {
        guard segments.count == 1, case .placeholder(let placeholder)? = segments.first else {
            return nil
        }
        return placeholder
    }

    /// Everything that the template stands for.
    package var subjects: Set<Placeholder.Subject> { Set(placeholders.map(\.subject)) }
}

/// Whether a text that is being read stands within a string of JSON.
private struct JSONQuotes {
    private(set) var areOpen = false

    mutating func read(_ text: String) {
        var isEscaped = false
        for byte in text.utf8 {
            if isEscaped {
                isEscaped = false
            } else if byte == 0x5C {
                isEscaped = areOpen
            } else if byte == 0x22 {
                areOpen.toggle()
            }
        }
    }
}

extension Placeholder {
    /// Whether its value ends as a string of JSON.
    fileprivate var isJSON: Bool {
        filters.last { filter in
            switch filter {
            case .fallback, .raw: false
            case .date, .urlencode, .base64, .json, .number, .list, .xml: true
            }
        } == .json
    }

    fileprivate var isExemptFromEncoding: Bool {
        filters.contains(.raw) || filters.contains(.urlencode)
    }

    fileprivate func value(_ context: TemplateContext) throws(TemplateError) -> String? {
        var value = context.value(of: subject)
        // A time keeps its milliseconds until a format says otherwise.
        var time = context.moment(of: subject)
        for filter in filters {
            guard let text = value else {
                if case .fallback(let text) = filter { value = text }
                continue
            }
            switch filter {
            case .fallback, .raw: continue
            case .list: return text
            case .date(let format):
                guard let moment = time ?? TimeFormat.time(text) else {
                    throw refusal(
                        "what `date` is given is no time", "RFC 3339 or a number since 1970")
                }
                value = TimeFormat.write(moment, format)
            case .urlencode: value = PercentEncoding.encode(text)
            case .base64: value = Base64.encode(Array(text.utf8))
            case .json: value = JSONText.escaped(text)
            case .xml:
                guard let escaped = XMLText.escaped(text) else {
                    throw refusal(
                        "what `xml` is given holds a control character", "what XML 1.0 can write")
                }
                value = escaped
            case .number:
                guard JSONText.isNumber(text) else {
                    throw refusal(
                        "what `number` is given is no number", "a number as JSON writes it")
                }
            }
            time = nil
        }
        return value
    }

    private func refusal(_ message: String, _ allowed: String) -> TemplateError {
        TemplateError(code: .value, place: place, message: message, allowed: [allowed])
    }
}
