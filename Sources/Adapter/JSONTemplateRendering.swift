import PullcordJSON

extension JSONTemplate {
    /// The body as JSON text; nil if the whole of it needs a value that is absent.
    ///
    /// Members and items that need an absent value are left out. A string that is one placeholder
    /// with `| number` at its end becomes a bare number.
    ///
    /// - Throws: ``TemplateError`` `value` as ``Template/render(_:encoding:)`` does.
    package func render(_ context: TemplateContext) throws(TemplateError) -> [UInt8]? {
        var result: [UInt8] = []
        return try append(to: &result, context) ? result : nil
    }

    /// Every template in it, in order.
    package var templates: [Template] {
        switch self {
        case .literal: []
        case .text(let template): [template]
        case .array(let items): items.flatMap(\.templates)
        case .object(let members): members.flatMap(\.value.templates)
        }
    }

    /// False if the value is left out; then nothing was appended.
    private func append(
        to result: inout [UInt8], _ context: TemplateContext
    ) throws(TemplateError) -> Bool {
        switch self {
        case .literal(let text):
            result += Array(text.utf8)
        case .text(let template) where template.isList:
            return try append(listOf: template, to: &result, context)
        case .text(let template):
            guard let text = try template.render(context, encoding: .member) else { return false }
            if template.solePlaceholder?.filters.last == .number {
                // A default may have come in after the filter's own check.
                try Self.append(number: text, of: template, to: &result)
                return true
            }
            JSONText.append(Array(text.utf8), to: &result)
        case .array(let items):
            result.append(0x5B)
            var isFirst = true
            for item in items {
                let mark = result.count
                if !isFirst { result.append(0x2C) }
                if try item.append(to: &result, context) {
                    isFirst = false
                } else {
                    result.removeSubrange(mark...)
                }
            }
            result.append(0x5D)
        case .object(let members):
            try appendObject(members, to: &result, context)
        }
        return true
    }

    private static func append(
        number text: String, of template: Template, to result: inout [UInt8]
    ) throws(TemplateError) {
        guard JSONText.isNumber(text) else {
            throw TemplateError(
                code: .value, place: template.place,
                message: "what `number` is given is no number",
                allowed: ["a number as JSON writes it"])
        }
        result += Array(text.utf8)
    }

    /// False for a list of nothing.
    private func append(
        listOf template: Template, to result: inout [UInt8], _ context: TemplateContext
    ) throws(TemplateError) -> Bool {
        let values = try template.values(context)
        guard !values.isEmpty else { return false }
        let isNumber = template.solePlaceholder?.filters.last == .number
        result.append(0x5B)
        for (index, value) in values.enumerated() {
            if index > 0 { result.append(0x2C) }
            if isNumber {
                try Self.append(number: value, of: template, to: &result)
            } else {
                JSONText.append(Array(value.utf8), to: &result)
            }
        }
        result.append(0x5D)
        return true
    }

    private func appendObject(
        _ members: [(name: String, value: JSONTemplate)], to result: inout [UInt8],
        _ context: TemplateContext
    ) throws(TemplateError) {
        result.append(0x7B)
        var isFirst = true
        for member in members {
            let mark = result.count
            if !isFirst { result.append(0x2C) }
            result.append(0x22)
            JSONText.appendEscaped(member.name.utf8, to: &result)
            result += [0x22, 0x3A]
            if try member.value.append(to: &result, context) {
                isFirst = false
            } else {
                result.removeSubrange(mark...)
            }
        }
        result.append(0x7D)
    }
}
