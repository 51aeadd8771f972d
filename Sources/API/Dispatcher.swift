import HTTPTypes
import Hummingbird
import NIOCore
import PullcordConfig
import PullcordJSON
import PullcordModel

/// From a request to its answer: who may come in, which route it is, whether what was sent has its
/// shape, and what went wrong.
struct Dispatcher: Sendable {
    /// Query items of one request.
    private static let queryItemsMax = 64

    let table: RouteTable
    let gate: Gatekeeper
    let keeper: AnswerKeeper
    let bodyMax: Int
    let onFailure: @Sendable (any Error) -> Void
    /// Hears of each answer: the id of the route, empty where there is none, and the status.
    var onAnswer: @Sendable (_ operation: String, _ status: Int) -> Void = { _, _ in }

    func respond(to request: Request) async -> Response {
        let isHead = request.method == .head
        var answer: APIAnswer
        var closes = false
        var operation = ""
        do {
            answer = try await self.answer(request, &operation)
        } catch let problem as APIProblem {
            answer = APIAnswer(problem)
            closes = problem.closes
        } catch {
            onFailure(error)
            let isStore = "\(type(of: error))" == "StoreError"
            answer = APIAnswer(
                APIProblem(
                    500, isStore ? "store_failed" : "internal",
                    isStore ? "the store could not do it" : "something went wrong here",
                    hint: "the log says more"))
        }
        onAnswer(operation, answer.status)
        return Self.response(answer, isHead: isHead, closes: closes)
    }

    private func answer(
        _ request: Request, _ operation: inout String
    ) async throws -> APIAnswer {
        let headers = try Self.headers(request)
        let target = request.uri.string
        guard target.utf8.count <= Target.bytesMax else {
            throw APIProblem(
                414, "target_too_long", "a path and its query have at most \(Target.bytesMax) bytes"
            )
        }
        try gate.checkHost(headers)
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, let segments = Target.segments(path) else {
            throw APIProblem(400, "path_invalid", "the path is not valid")
        }
        let route: Route
        let values: [String: String]
        switch table.match(request.method.rawValue, segments) {
        case .route(let found, let path):
            (route, values) = (found, path)
            operation = found.id
        case .otherMethods(let methods):
            var problem = APIProblem(
                405, "method_not_allowed", "`\(request.method.rawValue)` is not allowed here",
                allowed: methods)
            // What a source or a subscription is made of is a document of its own.
            if case .route = table.match(request.method.rawValue, segments + ["definition"]) {
                problem.hint = "\(request.method.rawValue) \(path)/definition"
            }
            problem.headers = [("allow", methods.joined(separator: ", "))]
            throw problem
        case .nothing:
            throw APIProblem(
                404, "unknown_path", "there is nothing here", hint: "/v1/openapi.json lists all")
        }
        try gate.checkOrigin(request.method.rawValue, headers)
        if let value = values.values.first(where: { $0.utf8.count > 256 }) {
            throw APIProblem(
                400, "path_invalid", "`\(value.prefix(20))…` is too long for a name")
        }
        let principal: Principal
        // Others' webhooks come with a signature, which only the route can look at.
        var countsRefusals = false
        if route.access == .open {
            principal = Principal(name: "anonymous", scope: nil)
        } else {
            principal = try await known(headers)
            countsRefusals = route.countsRefusals && principal.scope == nil
            if !countsRefusals { try gate.count(principal.name) }
            try gate.check(principal, request.method.rawValue, headers)
            try gate.check(route.access, principal)
        }
        try Self.checkAccept(route, headers)
        let query = try query(parts.count == 2 ? parts[1] : "", route)
        let body = try await body(of: request, route, headers)
        var asked = APIRequest(
            method: request.method.rawValue, path: values, query: query, headers: headers,
            body: body, principal: principal)
        asked.isStillAllowed = { [gate] in try await gate.admits(headers, to: route.access) }
        guard route.method == .post, route.keepsAnswers, let key = headers["idempotency-key"] else {
            do {
                return try await route.work(asked)
            } catch let problem as APIProblem where countsRefusals && problem.status == 401 {
                try gate.count("unknown")
                throw problem
            }
        }
        return try await keeper.answer(key, asked, route, target: target, work: route.work)
    }

    /// Guessing has a bound of its own, which those with a token do not feel.
    private func known(_ headers: [String: String]) async throws -> Principal {
        do {
            return try await gate.principal(headers)
        } catch let problem as APIProblem {
            try gate.count("unknown")
            throw problem
        }
    }

    // MARK: Reading

    private static let single: Set<String> = [
        "host", "authorization", "content-type", "content-length", "idempotency-key", "origin",
        "last-event-id",
    ]

    /// By lower-case name; one that may come once only is refused when it comes twice.
    private static func headers(_ request: Request) throws(APIProblem) -> [String: String] {
        var headers: [String: String] = [:]
        for field in request.headers {
            let name = field.name.canonicalName
            guard let other = headers[name] else {
                headers[name] = field.value
                continue
            }
            guard !single.contains(name) else {
                throw APIProblem(
                    400, "header_repeated", "the header comes twice", field: field.name.rawName)
            }
            headers[name] = "\(other), \(field.value)"
        }
        if let authority = request.head.authority {
            // The first one is the authority; a proxy may have gone by another.
            guard headers["host"] == nil else {
                throw APIProblem(
                    400, "header_repeated", "the header comes twice", field: "Host")
            }
            headers["host"] = authority
        }
        return headers
    }

    private func query(
        _ text: Substring, _ route: Route
    ) throws(APIProblem) -> [String: String] {
        guard let pairs = Target.query(text) else {
            throw APIProblem(400, "query_invalid", "the query is not valid")
        }
        guard pairs.count <= Self.queryItemsMax else {
            throw APIProblem(
                400, "query_invalid", "a query has at most \(Self.queryItemsMax) items")
        }
        var query: [String: String] = [:]
        for (name, value) in pairs {
            guard let parameter = route.query.first(where: { $0.name == name }) else {
                throw APIProblem(
                    400, "parameter_unknown", "there is no parameter `\(name.prefix(64))`",
                    field: String(name.prefix(64)), allowed: route.query.map(\.name))
            }
            guard query[name] == nil else {
                throw APIProblem(400, "parameter_repeated", "it comes twice", field: name)
            }
            if let complaint = parameter.schema.complaint(about: Self.value(value, parameter)) {
                throw APIProblem(
                    400, complaint.code, complaint.message, field: name,
                    allowed: complaint.allowed)
            }
            query[name] = value
        }
        return query
    }

    /// A parameter's text as the value that its schema speaks of.
    private static func value(_ text: String, _ parameter: Route.Parameter) -> JSONValue {
        switch parameter.schema {
        case .integer: Int(text).map { .number(String($0)) } ?? .string(text)
        default: .string(text)
        }
    }

    private static func checkAccept(
        _ route: Route, _ headers: [String: String]
    ) throws(APIProblem) {
        guard let accept = headers["accept"] else { return }
        let types: [String]
        switch route.reply {
        case .json, .none: types = ["application/json"]
        case .other(let other): types = [other] + route.otherReplies
        }
        let families = types.map { "\($0.prefix { $0 != "/" })/*" }
        let isAccepted = accept.lowercased().split(separator: ",").contains { range in
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard let name = parts.first,
                name == "*/*" || families.contains(name) || types.contains(name)
            else { return false }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }
            return weight.flatMap { Double($0.dropFirst(2)) } ?? 1 > 0
        }
        guard isAccepted else {
            throw APIProblem(
                406, "not_acceptable", "this is answered as \(types.joined(separator: " or "))",
                field: "Accept", allowed: types)
        }
    }

    private func body(
        of request: Request, _ route: Route, _ headers: [String: String]
    ) async throws(APIProblem) -> [UInt8] {
        if let text = headers["content-length"], let length = Int(text), length > bodyMax {
            throw tooLarge
        }
        var bytes: [UInt8] = []
        do {
            for try await buffer in request.body {
                guard bytes.count + buffer.readableBytes <= bodyMax else { throw tooLarge }
                bytes.append(contentsOf: buffer.readableBytesView)
            }
        } catch let problem as APIProblem {
            throw problem
        } catch {
            var problem = APIProblem(400, "body_incomplete", "the body ended early")
            problem.closes = true
            throw problem
        }
        try check(bytes, route, headers["content-type"])
        return bytes
    }

    private var tooLarge: APIProblem {
        var problem = APIProblem(
            413, "body_too_large", "a body has at most \(bodyMax) bytes",
            hint: "`max_body` under `api` in the bridge file is the bound")
        problem.closes = true
        return problem
    }

    private func check(
        _ bytes: [UInt8], _ route: Route, _ contentType: String?
    ) throws(APIProblem) {
        let type = contentType?.prefix { $0 != ";" }.lowercased()
            .filter { $0 != " " && $0 != "\t" }
        switch route.content {
        case .anything: return
        case .none:
            guard bytes.isEmpty else {
                throw APIProblem(400, "body_unexpected", "this takes no body")
            }
        case .text(let types):
            guard let type, types.contains(type) else { throw Self.unsupported(types) }
            guard String(validating: bytes, as: UTF8.self) != nil else {
                throw APIProblem(400, "body_invalid", "the text is not UTF-8")
            }
        case .json(let schema):
            guard !bytes.isEmpty || type != nil else { return try check(.object([]), schema) }
            guard type == "application/json" else { throw Self.unsupported(["application/json"]) }
            try check(bytes.isEmpty ? .object([]) : try Self.read(bytes), schema)
        }
    }

    private static func read(_ bytes: [UInt8]) throws(APIProblem) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: bytes)
        } catch {
            throw APIProblem(
                400, "json_invalid", "the body is no JSON: \(error.message)",
                field: "byte \(error.offset)", hint: error.hint)
        }
    }

    private func check(_ value: JSONValue, _ schema: Schema) throws(APIProblem) {
        guard let complaint = schema.complaint(about: value) else { return }
        throw APIProblem(
            422, complaint.code, complaint.message, field: complaint.pointer,
            allowed: complaint.allowed)
    }

    private static func unsupported(_ types: [String]) -> APIProblem {
        var problem = APIProblem(
            415, "media_type_unsupported", "the body has another type", field: "Content-Type",
            allowed: types)
        problem.headers = [("accept", types.joined(separator: ", "))]
        return problem
    }
}
