import PullcordCommit
import PullcordEngine
import PullcordJQ
import PullcordJSON
import PullcordModel

/// Events sent again.
struct ReplayRoutes: RouteGroup {
    /// Places of the log that a dry run reads; a longer log is counted up to there.
    private static let countedMax: Int64 = 200_000

    let desk: APIDesk

    var routes: [Route] { [list, start, cancel] }

    private var list: Route {
        Route(
            .get, "/v1/replays", id: "listReplays", tag: "replays",
            "List replays, the newest first.", access: .scope(.read),
            query: [PageBounds.limit, PageBounds.cursor],
            reply: .json(Shapes.page(of: "Replay"))
        ) { request in
            let before = try PageToken.number("replays", request)
            let limit = request.limit()
            let found = try await desk.store.replays(
                before: before.map { ReplayID($0) }, limit: limit + 1)
            let next =
                found.count > limit
                ? PageToken.write("replays", String(found[limit - 1].id.number)) : nil
            return .page(found.prefix(limit), next: next) { $0.replay($1) }
        }
    }

    private static let body = Schema.object([
        .init("to", Shapes.name, "The subscription that gets them."),
        .init("events", .list(Shapes.name, max: 1000), required: false, "Only these events."),
        .init(
            "subscription", Shapes.name, required: false,
            "Only what this subscription was sent, or was to be sent."),
        .init("source", Shapes.name, required: false),
        .init("stream", Shapes.name, required: false),
        .init("key", .text(max: Limits.keyBytesMax), required: false),
        .init("kind", .choice(EventKind.allCases.map(\.rawValue)), required: false),
        .init("since", .time, required: false, "The earliest time of an event."),
        .init("until", .time, required: false, "The time before which an event must be."),
        .init("dead", .boolean, required: false, "Only what is dead; needs `subscription`."),
        .init("filter", Shapes.text, required: false, "A jq predicate over the webhook's body."),
        .init(
            "rate", .integer(1...Limits.replayRateMax), required: false,
            "Events a second, 50 unless given."),
        .init("all", .boolean, required: false, "The whole log is meant."),
        .init("dry_run", .boolean, required: false, "Count only."),
    ])

    private var start: Route {
        Route(
            .post, "/v1/replays", id: "startReplay", tag: "replays",
            "Send events again, or count with `dry_run` which would be.",
            access: .scope(.operate), content: .json(Self.body),
            reply: .json(.either([.named("Done"), .named("ReplayCount")])), refusals: [404, 409]
        ) { request in
            let body = request.json
            let arguments = try arguments(body, request)
            try await checkNames(arguments)
            guard body["dry_run"] == .bool(true) else {
                return try await desk.perform("replay", arguments.texts, for: request)
            }
            return try await count(arguments)
        }
    }

    private func arguments(
        _ body: JSONValue, _ request: APIRequest
    ) throws(APIProblem) -> ReplayArguments {
        var texts = request.texts
        if case .array(let events)? = body["events"] {
            texts["events"] = events.compactMap { value in
                if case .string(let text) = value { text } else { nil }
            }.joined(separator: " ")
        }
        if case .number(let rate)? = body["rate"] { texts["rate"] = rate }
        if body["dead"] == .bool(true) { texts["dead"] = "yes" }
        let isNarrowed = texts.keys.contains { !["to", "rate"].contains($0) }
        guard isNarrowed || body["all"] == .bool(true) else {
            throw APIProblem(
                422, "replay_all", "that would send the whole log again", field: "/all",
                hint: "say which events are meant, or `\"all\": true`")
        }
        if texts["dead"] != nil, texts["subscription"] == nil {
            throw APIProblem(
                422, "replay_whose", "whose dead letters?", field: "/subscription",
                hint: "name the subscription that did not get them")
        }
        do throws(Problem) {
            return try ReplayArguments(texts)
        } catch {
            throw APIProblem(error)
        }
    }

    private func checkNames(_ arguments: ReplayArguments) async throws {
        let named = [("/to", arguments.target), ("/subscription", arguments.query.subscription)]
        for case (let field, let name?) in named {
            guard try await desk.store.subscription(name) == nil else { continue }
            let known = try await desk.store.subscriptions(
                SubscriptionQuery(limit: 40, isBrief: true))
            throw APIProblem(
                422, "unknown_subscription", "there is no subscription `\(name)`", field: field,
                allowed: known.map(\.name.text))
        }
        for id in arguments.query.events {
            let found = try await desk.store.events(EventQuery(id: id, limit: 1, isBrief: true))
            guard found.isEmpty else { continue }
            throw APIProblem(
                422, "unknown_event", "there is no event `\(id)`", field: "/events")
        }
        _ = try choice(arguments, SubscriptionID(0))
    }

    private func choice(
        _ arguments: ReplayArguments, _ target: SubscriptionID
    ) throws(APIProblem) -> ReplayChoice {
        do throws(JQError) {
            return try ReplayChoice(arguments.query, target: target, matcher: desk.matcher())
        } catch {
            throw APIProblem(
                422, "expression_invalid", error.message, field: "/filter", hint: error.hint)
        }
    }

    private func count(_ arguments: ReplayArguments) async throws -> APIAnswer {
        let target =
            try await desk.store.subscription(arguments.target)?.id ?? SubscriptionID(0)
        let choice = try choice(arguments, target)
        let end = try await desk.store.logEnd()
        var position: Int64 = 0
        var (send, missing) = (0, 0)
        while position < end, position < Self.countedMax {
            let page = try await desk.store.candidates(
                for: arguments.query, after: position, upTo: end, limit: 100)
            for candidate in page.candidates {
                switch choice.verdict(candidate) {
                case .send: send += 1
                case .withoutPayload: missing += 1
                case .leave: continue
                }
            }
            position = page.position
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("dry_run")
        writer.bool(true)
        writer.member("to", arguments.target.text)
        writer.member("events", send)
        writer.member("without_payload", missing)
        writer.key("is_complete")
        writer.bool(position >= end)
        writer.endObject()
        return APIAnswer(json: writer.bytes)
    }

    private var cancel: Route {
        Route(
            .post, "/v1/replays/{id}/cancel", id: "cancelReplay", tag: "replays",
            "Stop a replay: what waits of it is not sent.", access: .scope(.operate),
            content: .json(.object([])), reply: .json(.named("Done")), refusals: [404, 409]
        ) { request in
            try await desk.perform("replay_cancel", ["id": request.name("id")], for: request)
        }
    }
}
