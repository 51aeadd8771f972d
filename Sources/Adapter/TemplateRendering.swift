import PullcordJSON
import PullcordModel

extension Template {
    /// What is done to the values of placeholders that no filter exempts.
    package enum Encoding: Sendable {
        case none
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
        for segment in segments {
            switch segment {
            case .literal(let text): result += text
            case .placeholder(let placeholder):
                guard let value = try placeholder.value(context) else { return nil }
                result +=
                    encoding == .path && !placeholder.isExemptFromEncoding
                    ? PercentEncoding.encode(value) : value
            }
        }
        return result
    }

    /// The text, if there is no placeholder in it.
    package var literalText: String? {
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

extension Placeholder {
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
            case .date(let format):
                guard let moment = time ?? TimeFormat.time(text) else {
                    throw refusal(
                        "what `date` is given is no time", "RFC 3339 or a number since 1970")
                }
                value = TimeFormat.write(moment, format)
            case .urlencode: value = PercentEncoding.encode(text)
            case .base64: value = Base64.encode(Array(text.utf8))
            case .json: value = JSONText.escaped(text)
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
