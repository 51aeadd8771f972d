import PullcordCommit
import PullcordJSON
import PullcordModel

/// Events and their deliveries.
struct EventRoutes: RouteGroup {
    let desk: APIDesk

    var routes: [Route] { [list, one, deliveries, delivery] }

    static let filters: [Route.Parameter] = [
        .init("source", Shapes.name, "Only of this source."),
        .init("stream", Shapes.name, "Only of streams of this name."),
        .init("kind", .choice(EventKind.allCases.map(\.rawValue)), "Only of this kind."),
    ]

    private var list: Route {
        Route(
            .get, "/v1/events", id: "listEvents", tag: "events",
            "List events, the newest first, without their records.", access: .scope(.read),
            query: [PageBounds.limit, PageBounds.cursor] + Self.filters + [
                .init("key", .text(max: Limits.keyBytesMax), "Only of the record with this key."),
                .init("since", .time, "Only at or after this time."),
            ], reply: .json(Shapes.page(of: "Event"))
        ) { request in
            let limit = request.limit()
            var query = Self.query(request)
            query.key = request.query["key"].map { RecordKey($0) }
            query.since = request.query["since"].flatMap { Timestamp(rfc3339: $0) }
            query.before = try PageToken.number("events", request)
            query.limit = limit + 1
            let found = try await desk.store.events(query)
            let next =
                found.count > limit
                ? PageToken.write("events", String(found[limit - 1].sequence)) : nil
            return .page(found.prefix(limit), next: next) {
                $0.event($1.event, $1, isBrief: true)
            }
        }
    }

    static func query(_ request: APIRequest) -> EventQuery {
        EventQuery(
            source: request.query["source"].map { SourceName($0) },
            stream: request.query["stream"].map { StreamName($0) },
            kind: request.query["kind"].flatMap { EventKind(rawValue: $0) }, isBrief: true)
    }

    private var one: Route {
        Route(
            .get, "/v1/events/{id}", id: "getEvent", tag: "events",
            "Show an event: its record, what was before, where it came from, where it went.",
            access: .scope(.read), reply: .json(.named("EventDetail")), refusals: [404]
        ) { request in
            let id = EventID(request.name("id"))
            guard let summary = try await desk.store.events(EventQuery(id: id, limit: 1)).first
            else {
                throw APIProblem(
                    404, "unknown_event", "there is no event `\(id)`", field: "id",
                    hint: "retention may have taken it away")
            }
            let provenance = try await desk.store.provenance(of: id)
            let deliveries = try await desk.store.deliveries(DeliveryQuery(event: id, limit: 1000))
            var writer = JSONWriter()
            writer.event(summary.event, provenance, deliveries)
            return APIAnswer(json: writer.bytes)
        }
    }

    private var deliveries: Route {
        Route(
            .get, "/v1/deliveries", id: "listDeliveries", tag: "deliveries",
            "List deliveries, the newest first, with their attempts.", access: .scope(.read),
            query: [
                PageBounds.limit, PageBounds.cursor,
                .init("event", Shapes.name, "Only of this event."),
                .init("subscription", Shapes.name, "Only to this subscription."),
                .init(
                    "state", .choice(DeliveryState.allCases.map(\.rawValue)),
                    "Only in this state."),
                .init("trace", Shapes.name, "Only of this trace: its id, or a `traceparent`."),
            ], reply: .json(Shapes.page(of: "Delivery"))
        ) { request in
            let limit = request.limit()
            let before = try PageToken.number("deliveries", request)
            var query = DeliveryQuery(
                event: request.query["event"].map { EventID($0) },
                subscription: request.query["subscription"].map { SubscriptionName($0) },
                state: request.query["state"].flatMap { DeliveryState(rawValue: $0) },
                limit: limit + 1, before: before.map { DeliveryID($0) })
            query.trace = try Self.trace(request)
            let found = try await desk.store.deliveries(query)
            let next =
                found.count > limit
                ? PageToken.write("deliveries", String(found[limit - 1].id.number)) : nil
            return .page(found.prefix(limit), next: next) { $0.delivery($1) }
        }
    }

    private static func trace(_ request: APIRequest) throws(APIProblem) -> String? {
        guard let text = request.query["trace"] else { return nil }
        guard let trace = TraceContext.traceID(text) else {
            throw APIProblem(
                400, "trace_invalid", "this is no trace", field: "trace",
                allowed: ["32 hexadecimal digits", "a traceparent"])
        }
        return trace
    }

    private var delivery: Route {
        Route(
            .get, "/v1/deliveries/{id}", id: "getDelivery", tag: "deliveries",
            "Show a delivery with its attempts.", access: .scope(.read),
            reply: .json(.named("Delivery")), refusals: [404]
        ) { request in
            let text = request.name("id")
            var found: DeliverySummary?
            if let number = Int64(text) {
                found = try await desk.store.deliveries(
                    DeliveryQuery(limit: 1, id: DeliveryID(number))
                ).first
            }
            guard let found else {
                throw APIProblem(
                    404, "unknown_delivery", "there is no delivery `\(text)`", field: "id")
            }
            var writer = JSONWriter()
            writer.delivery(found)
            return APIAnswer(json: writer.bytes)
        }
    }
}

extension JSONWriter {
    /// An event with all that is known of it.
    mutating func event(
        _ event: Event, _ provenance: EventProvenance?, _ deliveries: [DeliverySummary]
    ) {
        self.event(event) { writer in
            let difference = event.difference
            let parts = [
                ("previous", difference?.previous), ("changed", difference?.changed),
                ("patch", difference?.patch),
            ]
            for (name, bytes) in parts {
                writer.key(name)
                if let bytes { writer.raw(bytes) } else { writer.null() }
            }
            writer.key("deliveries")
            writer.beginArray()
            for delivery in deliveries { writer.delivery(delivery) }
            writer.endArray()
            writer.member("fingerprint_before", provenance?.before?.description)
            writer.key("page")
            writer.page(provenance?.page)
        }
    }

    private mutating func page(_ page: PageOrigin?) {
        guard let page else { return null() }
        beginObject()
        member("number", page.number)
        member("look", page.look)
        member("url", page.url)
        key("status")
        if let status = page.status { number(status) } else { null() }
        member("records", page.records)
        member("read_at", page.readAt)
        member("poll_started", page.pollStarted)
        endObject()
    }
}
