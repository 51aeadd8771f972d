package import PullcordModel

/// Why a template is not understood, or cannot be rendered.
package struct TemplateError: Error, Sendable, Equatable {
    package enum Code: String, Sendable {
        case unclosed = "placeholder_unclosed"
        case empty = "placeholder_empty"
        case unknownSubject = "placeholder_unknown"
        case unknownFilter = "filter_unknown"
        case filterArgument = "filter_argument"
        case syntax = "placeholder_syntax"
        /// Text over ``TemplateLimits/bytesMax`` or too many placeholders.
        case tooLong = "template_too_long"
        /// A filter was given a value that it cannot work on, such as a date that is none.
        case value = "template_value"
    }

    package let code: Code
    package let place: Place
    /// One sentence without the final stop; never holds a rendered value.
    package let message: String
    /// What was found, as written; empty if that does not help.
    package let found: String
    /// What may stand there; empty if anything may.
    package let allowed: [String]
    package let suggestion: String?
    package let hint: String

    package init(
        code: Code, place: Place, message: String, found: String = "", allowed: [String] = [],
        suggestion: String? = nil, hint: String = ""
    ) {
        self.code = code
        self.place = place
        self.message = message
        self.found = found
        self.allowed = allowed
        self.suggestion = suggestion
        self.hint = hint
    }
}

/// The bounds of one template.
package enum TemplateLimits {
    /// Bytes of a template's text.
    package static let bytesMax = 1 << 20
    /// Placeholders of one template.
    package static let placeholdersMax = 256
    /// Filters of one placeholder.
    package static let filtersMax = 8
}
