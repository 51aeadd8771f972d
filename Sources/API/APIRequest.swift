package import PullcordCommit
import PullcordJSON
import PullcordModel

/// One request that was let in, as routes see it.
package struct APIRequest: Sendable {
    package let method: String
    /// Values of the path's placeholders, decoded.
    package let path: [String: String]
    /// Decoded; each name at most once.
    package let query: [String: String]
    /// By lower-case name; a name that comes twice is joined by commas.
    package let headers: [String: String]
    package let body: [UInt8]
    package let principal: Principal
    /// By which an operation is known that a crash has cut off; nil without an `Idempotency-Key`.
    ///
    /// The same, below zero, whenever the request comes again under its key.
    package var number: Int64?
    /// Whether whoever asked may still do this; what goes on for long asks now and then.
    package var isStillAllowed: @Sendable () async throws -> Bool = { true }

    package init(
        method: String, path: [String: String], query: [String: String],
        headers: [String: String], body: [UInt8], principal: Principal
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.principal = principal
    }

    /// A placeholder of the path; the table makes sure that it is there.
    package func name(_ placeholder: String) -> String { path[placeholder] ?? "" }

    /// How many items a page may have.
    package func limit(default number: Int = 50) -> Int {
        query["limit"].flatMap { Int($0) } ?? number
    }

    /// The body as JSON; the table has held it against the route's shape.
    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .object([]) }

    /// The members of the body that are texts.
    var texts: [String: String] {
        guard case .object(let members) = json else { return [:] }
        var texts: [String: String] = [:]
        for member in members {
            if case .string(let text) = member.value { texts[member.key] = text }
        }
        return texts
    }

    /// What `labels` chooses; nil if it was not given.
    func selector() throws(APIProblem) -> LabelSelector? {
        guard let text = query["labels"] else { return nil }
        do throws(Problem) {
            return try LabelSelector(parsing: text)
        } catch {
            var problem = APIProblem(error)
            problem.field = "labels"
            throw problem
        }
    }

    func integer(_ member: String) -> Int? {
        guard case .number(let text)? = json[member] else { return nil }
        return Int(text)
    }

    package func flag(_ name: String) -> Bool { query[name] == "true" }
}

/// Who asks, and what they may do.
package struct Principal: Sendable, Equatable {
    /// As the audit names it: `token deploy`, or `anonymous`.
    package let name: String
    /// nil for somebody who may do nothing but what is open to all.
    package let scope: AccessScope?
    /// Whether a cookie said so, which a browser sends along unasked.
    package var isSession = false

    package init(name: String, scope: AccessScope?) {
        self.name = name
        self.scope = scope
    }
}

/// The decoding of a request's target, strictly.
enum Target {
    /// Bytes of a path with its query.
    static let bytesMax = 12 << 10

    /// The segments of a path; nil if one of them is not valid percent-encoded UTF-8, holds a
    /// control character, or is a dot segment.
    static func segments(_ path: Substring) -> [String]? {
        guard path.hasPrefix("/") else { return nil }
        var segments: [String] = []
        for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let text = decode(part, plusIsBlank: false), text != ".", text != "..",
                !text.contains("/")
            else { return nil }
            segments.append(text)
        }
        return segments
    }

    /// Names and values of a query, in order; nil if they are not valid.
    static func query(_ text: Substring) -> [(name: String, value: String)]? {
        var pairs: [(name: String, value: String)] = []
        for part in text.split(separator: "&") {
            let halves = part.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decode(halves[0], plusIsBlank: true),
                let value = decode(halves.count == 2 ? halves[1] : "", plusIsBlank: true)
            else { return nil }
            pairs.append((name, value))
        }
        return pairs
    }

    static func decode(_ text: Substring, plusIsBlank: Bool) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case 0x25:
                guard let high = rest.popFirst().flatMap(digit),
                    let low = rest.popFirst().flatMap(digit)
                else { return nil }
                bytes.append(high << 4 | low)
            case 0x2B where plusIsBlank: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        guard let result = String(validating: bytes, as: UTF8.self),
            result.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { return nil }
        return result
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
