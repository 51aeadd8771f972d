import PullcordCommit
import PullcordEngine
import PullcordJSON
import PullcordModel

/// Subscriptions: how their endpoints fare, and how they are stopped and started.
struct SubscriptionRoutes: RouteGroup {
    static let states =
        EndpointHealth.Condition.allCases.map(\.rawValue) + ["disabled", "set_aside"]

    /// Subscriptions that are read in short at a time.
    private static let step = 1000

    let desk: APIDesk

    var routes: [Route] { looking + steering }

    private var looking: [Route] {
        [
            Route(
                .get, "/v1/subscriptions", id: "listSubscriptions", tag: "subscriptions",
                "List subscriptions by name.", access: .scope(.read),
                query: [
                    PageBounds.limit, PageBounds.cursor,
                    .init("search", Shapes.name, "Only names that contain this."),
                    .init("state", .choice(Self.states), "Only those that fare so."),
                    .init("labels", Shapes.labels, "Only with these labels."),
                ], reply: .json(Shapes.page(of: "Subscription")), list),
            Route(
                .get, "/v1/subscriptions/{name}", id: "getSubscription", tag: "subscriptions",
                "Show one subscription.", access: .scope(.read),
                reply: .json(.named("Subscription")), refusals: [404]
            ) { request in
                let name = request.name("name")
                guard
                    let summary = try await desk.store.subscription(SubscriptionName(name))
                else {
                    throw APIProblem(
                        404, "unknown_subscription", "there is no subscription `\(name)`",
                        field: "name")
                }
                var writer = JSONWriter()
                writer.subscription(summary, try await SubscriptionNames(desk))
                return APIAnswer(json: writer.bytes)
            },
        ]
    }

    private func list(_ request: APIRequest) async throws -> APIAnswer {
        let (search, limit) = (request.query["search"], request.limit())
        let (state, selector) = (request.query["state"], try request.selector())
        let names = try await SubscriptionNames(desk)
        var place = try PageToken.read("subscriptions", request).map { SubscriptionName($0) }
        var found: [SubscriptionSummary] = []
        // In short until it is known which of them are shown.
        while found.count <= limit {
            let part = try await desk.store.subscriptions(
                SubscriptionQuery(after: place, search: search, limit: Self.step, isBrief: true))
            found += part.filter { summary in
                state.map { $0 == names.stateWord(of: summary) } ?? true
                    && selector?.matches(names.labels(of: summary.name)) ?? true
            }
            place = part.last?.name
            if part.count < Self.step { break }
        }
        let next =
            found.count > limit
            ? PageToken.write("subscriptions", found[limit - 1].name.text) : nil
        var shown: [SubscriptionSummary] = []
        for summary in found.prefix(limit) {
            shown.append(try await desk.store.subscription(summary.id) ?? summary)
        }
        return .page(shown[...], next: next) { $0.subscription($1, names) }
    }

    private var steering: [Route] {
        let name = "/v1/subscriptions/{name}"
        return [
            Route(
                .post, "\(name)/enable", id: "enableSubscription", tag: "subscriptions",
                "Start a stopped subscription again.", access: .scope(.operate),
                content: .json(
                    .object([
                        .init(
                            "replay_missed", .boolean, required: false,
                            "Send what is dead again as well.")
                    ])), reply: .json(.named("Done")), refusals: [404, 409]
            ) { request in
                var arguments = ["name": request.name("name")]
                if request.json["replay_missed"] == .bool(true) {
                    arguments["replay_missed"] = "yes"
                }
                return try await desk.perform("enable", arguments, for: request)
            },
            Route(
                .post, "\(name)/disable", id: "disableSubscription", tag: "subscriptions",
                "Stop a subscription; its events are kept.", access: .scope(.operate),
                content: .json(
                    .object([.init("reason", .text(max: 1000), required: false)])),
                reply: .json(.named("Done")), refusals: [404, 409]
            ) { request in
                var arguments = ["name": request.name("name")]
                arguments["reason"] = request.texts["reason"]
                return try await desk.perform("disable", arguments, for: request)
            },
            Route(
                .post, "/v1/purge", id: "purge", tag: "system",
                "Delete what a source or subscription left behind that nobody names any more.",
                access: .scope(.admin), content: .json(.object([.init("name", Shapes.name)])),
                reply: .json(.named("Done")), refusals: [404, 409]
            ) { request in
                try await desk.perform("purge", request.texts, for: request)
            },
        ]
    }
}

/// What the configuration and the store's definitions say of subscriptions.
struct SubscriptionNames {
    /// What runs.
    private let known: [String: Catalogue.Subscription]
    /// Those that the API made and that were set aside, because something is wrong with them.
    private let broken: [String: Definition]

    init(_ desk: APIDesk) async throws {
        known = desk.catalogue.snapshot.subscriptions
        broken = try await desk.broken(.subscription)
    }

    func running(_ name: SubscriptionName) -> Catalogue.Subscription? { known[name.text] }

    /// What is wrong with one of the store's; nil if nothing is.
    func complaint(of name: SubscriptionName) -> String? { broken[name.text]?.complaint }

    func labels(of name: SubscriptionName) -> [String: String] {
        known[name.text]?.labels ?? broken[name.text]?.labels ?? [:]
    }

    func isSetAside(_ name: SubscriptionName) -> Bool {
        known[name.text] == nil && broken[name.text] != nil
    }

    func stateWord(of summary: SubscriptionSummary) -> String {
        summary.stateWord(isSetAside: isSetAside(summary.name))
    }
}

extension SubscriptionSummary {
    /// How the endpoint fares, unless it gets nothing because something is wrong with its
    /// definition.
    func stateWord(isSetAside: Bool) -> String {
        guard !isSetAside else { return "set_aside" }
        guard disabledReason == nil else { return "disabled" }
        return (EndpointHealth(of: self) ?? EndpointHealth()).condition.rawValue
    }
}

extension JSONWriter {
    mutating func subscription(_ summary: SubscriptionSummary, _ names: SubscriptionNames) {
        subscription(summary, isSetAside: names.isSetAside(summary.name)) { writer in
            writer.member("set_aside", names.complaint(of: summary.name))
            writer.key("definition")
            guard let known = names.running(summary.name) else { return writer.null() }
            writer.beginObject()
            writer.member("url", known.url)
            writer.texts("events", known.events)
            if let sources = known.sources {
                writer.texts("sources", sources)
            } else {
                writer.key("sources")
                writer.null()
            }
            writer.member("format", known.format)
            writer.member("order", known.order)
            writer.member("origin", known.origin.rawValue)
            writer.labels(known.labels)
            writer.endObject()
        }
    }

    mutating func texts(_ key: String, _ texts: [String]) {
        self.key(key)
        beginArray()
        for text in texts { string(text) }
        endArray()
    }
}
