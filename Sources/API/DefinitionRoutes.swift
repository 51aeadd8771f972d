import PullcordCommit
import PullcordEngine
import PullcordJSON
import PullcordModel

/// Sources and subscriptions that are made, changed and deleted through the API.
struct DefinitionRoutes: RouteGroup {
    let desk: APIDesk
    let book: any DefinitionBook

    var routes: [Route] {
        DefinitionKind.allCases.flatMap { kind in
            [read(kind), put(kind), delete(kind), check(kind)]
        } + [rotate, test]
    }

    private func path(_ kind: DefinitionKind) -> String { "/v1/\(kind)s/{name}/definition" }
    private func id(_ verb: String, _ kind: DefinitionKind) -> String {
        "\(verb)\(kind == .source ? "Source" : "Subscription")Definition"
    }

    private func read(_ kind: DefinitionKind) -> Route {
        Route(
            .get, path(kind), id: id("get", kind), tag: "definitions",
            "Show what a \(kind) is made of; secrets are sealed.", access: .scope(.read),
            reply: .json(.named("Definition")), refusals: [404]
        ) { request in
            let name = request.name("name")
            guard let definition = try await book.definition(kind, name) else {
                throw APIProblem(
                    404, "definition_unknown", "there is no \(kind) `\(name)`", field: "name")
            }
            var writer = JSONWriter()
            writer.definition(definition)
            return APIAnswer(json: writer.bytes, headers: Self.tag(definition))
        }
    }

    private func put(_ kind: DefinitionKind) -> Route {
        var route = Route(
            .put, path(kind), id: id("put", kind), tag: "definitions",
            "Make a \(kind) (If-None-Match: *), or change it (If-Match with its ETag).",
            access: .scope(.admin), content: .json(.any),
            reply: .json(.named("DefinitionChange")), refusals: [404, 409, 412, 422, 428]
        ) { request in
            let expectation = try Self.expectation(request)
            return try await Self.refusing {
                let change = try await book.put(
                    kind, request.name("name"), text: request.body, expecting: expectation,
                    by: request.principal.name)
                return Self.answer(change)
            }
        }
        route.isConditional = true
        return route
    }

    private func delete(_ kind: DefinitionKind) -> Route {
        var route = Route(
            .delete, path(kind), id: id("delete", kind), tag: "definitions",
            "Delete a \(kind) that the API made (If-Match with its ETag).",
            access: .scope(.admin), reply: .json(.named("DefinitionChange")),
            refusals: [404, 409, 412, 428]
        ) { request in
            let expectation = try Self.expectation(request)
            return try await Self.refusing {
                Self.answer(
                    try await book.delete(
                        kind, request.name("name"), expecting: expectation,
                        by: request.principal.name))
            }
        }
        route.isConditional = true
        return route
    }

    private func check(_ kind: DefinitionKind) -> Route {
        Route(
            .post, path(kind) + "/check", id: id("check", kind), tag: "definitions",
            "Say what is wrong with a \(kind) without making it.", access: .scope(.read),
            content: .json(.any), reply: .json(.named("CheckReport")), refusals: [422]
        ) { request in
            try await Self.refusing {
                let complaints = try await book.check(
                    kind, request.name("name"), text: request.body)
                let errors = complaints.count(where: \.isError)
                var writer = JSONWriter()
                writer.beginObject()
                writer.key("valid")
                writer.bool(errors == 0)
                writer.member("errors", errors)
                writer.member("warnings", complaints.count - errors)
                writer.complaints(complaints)
                writer.endObject()
                return APIAnswer(json: writer.bytes)
            }
        }
    }

    private var rotate: Route {
        var route = Route(
            .post, "/v1/subscriptions/{name}/rotate-secret", id: "rotateSecret",
            tag: "subscriptions",
            "Sign with a new secret; the old one signs beside it for a while.",
            access: .scope(.admin),
            content: .json(
                .object([
                    .init(
                        "secret", .text(max: 200), required: false,
                        "whsec_…; one is made unless given."),
                    .init(
                        "overlap_seconds", .integer(0...2_592_000), required: false,
                        "How long the old one signs too: a day unless given."),
                ])), reply: .json(.named("NewSecret")), refusals: [404, 409, 422]
        ) { request in
            let overlap = request.integer("overlap_seconds") ?? 86_400
            return try await Self.refusing {
                let (secret, change) = try await book.rotateSecret(
                    of: request.name("name"), to: request.texts["secret"].map { Secret($0) },
                    overlap: .seconds(overlap), by: request.principal.name)
                var writer = JSONWriter()
                writer.beginObject()
                writer.member("secret", secret.expose())
                writer.key("change")
                writer.change(change)
                writer.endObject()
                return APIAnswer(json: writer.bytes)
            }
        }
        // A secret is said once, and kept nowhere.
        route.keepsAnswers = false
        return route
    }

    private var test: Route {
        Route(
            .post, "/v1/subscriptions/{name}/test", id: "testSubscription", tag: "subscriptions",
            "Send a signed pullcord.test to a subscription and wait for the answer.",
            access: .scope(.operate), content: .json(.object([])),
            reply: .json(.named("TestSending")), refusals: [404, 409]
        ) { request in
            try await Self.refusing {
                let sending = try await book.sendTest(to: request.name("name"))
                var writer = JSONWriter()
                writer.beginObject()
                writer.member("event", sending.event.text)
                writer.key("delivered")
                writer.bool(sending.isDelivered)
                writer.member("outcome", sending.outcome)
                writer.member("reason", sending.reason)
                writer.key("status")
                if let status = sending.status { writer.number(status) } else { writer.null() }
                writer.member("duration_ms", Int(sending.duration.wholeMilliseconds))
                writer.member("reply", sending.reply)
                writer.endObject()
                return APIAnswer(json: writer.bytes)
            }
        }
    }

    // MARK: Conditions (RFC 9110, section 13)

    private static func tag(_ definition: Definition) -> [(name: String, value: String)] {
        definition.version.map { [("etag", "\"v\($0)\"")] } ?? []
    }

    /// A change has to say what it changes: 428 without a condition.
    private static func expectation(
        _ request: APIRequest
    ) throws(APIProblem) -> DefinitionExpectation {
        let match = request.headers["if-match"]
        if let none = request.headers["if-none-match"] {
            guard none == "*", match == nil else {
                throw APIProblem(
                    400, "condition_invalid", "only `If-None-Match: *` means something here",
                    field: "If-None-Match")
            }
            return .absent
        }
        guard let match else {
            throw APIProblem(
                428, "condition_missing", "a change needs a condition", field: "If-Match",
                allowed: ["If-None-Match: *", "If-Match: \"v7\"", "If-Match: *"],
                hint: "GET the definition first: its ETag belongs into If-Match")
        }
        if match == "*" { return .present }
        guard match.hasPrefix("\"v"), match.hasSuffix("\""), match.count > 3,
            let version = Int64(match.dropFirst(2).dropLast())
        else {
            throw APIProblem(
                412, "version_mismatch", "`\(match)` is the tag of no definition",
                field: "If-Match")
        }
        return .version(version)
    }

    private static func answer(_ change: DefinitionChange) -> APIAnswer {
        var writer = JSONWriter()
        writer.change(change)
        var answer = APIAnswer(
            json: writer.bytes,
            headers: change.outcome == .deleted ? [] : tag(change.definition))
        answer.status = change.outcome == .created ? 201 : 200
        return answer
    }

    private static func refusing(
        _ work: () async throws -> APIAnswer
    ) async throws -> APIAnswer {
        do {
            return try await work()
        } catch let refusal as DefinitionRefusal {
            var problem = APIProblem(refusal.problem)
            switch refusal.problem.code {
            case "definition_unknown", "unknown_subscription": problem.status = 404
            default: break
            }
            problem.complaints = refusal.complaints.map { complaint in
                var writer = JSONWriter()
                writer.complaint(complaint)
                return writer.bytes
            }
            if let first = refusal.complaints.first(where: \.isError) {
                problem.field = first.pointer
                problem.allowed = first.allowed
                if problem.hint.isEmpty { problem.hint = first.hint }
            }
            if let version = refusal.version { problem.headers = [("etag", "\"v\(version)\"")] }
            throw problem
        } catch let problem as Problem {
            throw APIProblem(problem)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func change(_ change: DefinitionChange) {
        beginObject()
        member("outcome", change.outcome.rawValue)
        key("definition")
        definition(change.definition)
        member("problem", change.problem?.description)
        endObject()
    }

    fileprivate mutating func definition(_ definition: Definition) {
        beginObject()
        member("kind", definition.kind.rawValue)
        member("name", definition.name)
        member("origin", definition.origin.rawValue)
        key("definition")
        raw(definition.text.utf8)
        labels(definition.labels)
        key("version")
        if let version = definition.version { number(version) } else { null() }
        member("made", definition.made)
        member("changed", definition.changed)
        complaints(definition.complaints)
        endObject()
    }

    fileprivate mutating func complaints(_ complaints: [DefinitionComplaint]) {
        key("complaints")
        beginArray()
        for complaint in complaints { self.complaint(complaint) }
        endArray()
    }

    fileprivate mutating func complaint(_ complaint: DefinitionComplaint) {
        beginObject()
        member("severity", complaint.isError ? "error" : "warning")
        member("code", complaint.code)
        member("pointer", complaint.pointer)
        member("message", complaint.message)
        if !complaint.allowed.isEmpty { texts("allowed", complaint.allowed) }
        if let suggestion = complaint.suggestion { member("suggestion", suggestion) }
        if !complaint.hint.isEmpty { member("hint", complaint.hint) }
        endObject()
    }
}
