import PullcordJSON
package import PullcordModel

/// A refusal as it is answered: problem details of RFC 9457 with the field, what is allowed there
/// and what to do next.
package struct APIProblem: Error, Sendable, Equatable {
    package var status: Int
    /// A stable name for scripts, as in `unknown_source`.
    package var code: String
    /// One sentence.
    package var detail: String
    /// The JSON Pointer of a member of the body, or the name of a parameter or header.
    package var field: String?
    package var allowed: [String] = []
    package var hint = ""
    /// Sent with the answer.
    package var headers: [(name: String, value: String)] = []
    /// Whether the rest of the connection cannot be trusted.
    package var closes = false
    /// Every complaint about a definition, as JSON objects.
    package var complaints: [[UInt8]] = []

    package init(
        _ status: Int, _ code: String, _ detail: String, field: String? = nil,
        allowed: [String] = [], hint: String = ""
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        self.allowed = allowed
        self.hint = hint
    }

    /// What an operation refused.
    package init(_ problem: Problem) {
        let status =
            switch problem.code {
            case let code where code.hasPrefix("unknown_") && code != "unknown_request": 404
            case "not_quarantined", "definition_unknown", "purge_unknown": 404
            case "unknown_request": 501
            case "argument_invalid", "argument_missing", "selector_invalid": 400
            case "version_mismatch": 412
            case "definition_invalid", "expression_invalid": 422
            case "definition_too_large": 413
            default: 409
            }
        self.init(
            status, problem.code, problem.message,
            field: problem.place.isEmpty ? nil : problem.place, hint: problem.hint)
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.status == right.status && left.code == right.code
    }

    /// The body; `type` names the kind of problem by its code.
    package var body: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", "urn:pullcord:problem:\(code)")
        writer.member("title", Self.title(status))
        writer.member("status", status)
        writer.member("detail", StrangerText.printable(detail))
        writer.member("code", code)
        if let field { writer.member("field", StrangerText.printable(field)) }
        if !allowed.isEmpty {
            writer.key("allowed")
            writer.beginArray()
            for value in allowed { writer.string(value) }
            writer.endArray()
        }
        if !hint.isEmpty { writer.member("hint", hint) }
        if !complaints.isEmpty {
            writer.key("complaints")
            writer.beginArray()
            for complaint in complaints { writer.raw(complaint) }
            writer.endArray()
        }
        writer.endObject()
        return writer.bytes
    }

    package static func title(_ status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        default: "Internal Server Error"
        }
    }
}
