package import PullcordModel

/// Why an answer could not be read in its format.
package struct FormatError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        /// The answer names a character set that is not known.
        case charsetUnknown = "charset_unknown"
        /// A byte is wrong in the answer's character set.
        case charsetByte = "charset_byte"
        /// The file itself is packed, apart from any Content-Encoding.
        case packed = "format_packed"
        /// The converted page is larger than a page may be.
        case tooLarge = "format_too_large"
        case ndjsonLine = "ndjson_line"
        case ndjsonTruncated = "ndjson_truncated"
        /// There is not even a header.
        case csvEmpty = "csv_empty"
        /// A column has no name, or two have the same.
        case csvHeader = "csv_header"
        /// A row has more or fewer fields than there are columns.
        case csvRagged = "csv_ragged"
        case csvQuote = "csv_quote"
        case csvTruncated = "csv_truncated"
        case xmlEmpty = "xml_empty"
        /// A document type, which could hold entities that blow up or reach out.
        case xmlDoctype = "xml_doctype"
        case xmlMalformed = "xml_malformed"
        case xmlTruncated = "xml_truncated"
        case xmlTooDeep = "xml_too_deep"
        /// The root is none of a feed.
        case feedRoot = "feed_root"
        /// The root is no envelope, or there is no body in it.
        case soapEnvelope = "soap_envelope"
        /// The service says that it failed.
        case soapFault = "soap_fault"
    }

    package let code: Code
    /// As in `line 12, column 3` or `line 4, byte 711`; lines are counted from 1, bytes from 0.
    package let place: String
    package let message: String
    package let hint: String

    package init(_ code: Code, at place: String = "", _ message: String, hint: String = "") {
        self.code = code
        self.place = place
        self.message = message
        self.hint = hint
    }

    /// The same refusal in the words of the model.
    package var problem: Problem {
        Problem(code: code.rawValue, message: message, place: place, hint: hint)
    }

    package var description: String { problem.description }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
