import PullcordAdapter
import PullcordCommit
import PullcordEngine
import PullcordJSON
import PullcordModel

/// Sources: what they are, how they fare, and how they are steered.
struct SourceRoutes: RouteGroup {
    let desk: APIDesk
    let poker: Poker

    var routes: [Route] { looking + steering + quarantine + [poke] }

    private var looking: [Route] {
        [
            Route(
                .get, "/v1/sources", id: "listSources", tag: "sources",
                "List sources by name, with their streams.", access: .scope(.read),
                query: [
                    PageBounds.limit, PageBounds.cursor,
                    .init("search", Shapes.name, "Only names that contain this."),
                    .init(
                        "labels", Shapes.labels,
                        "Only with these labels: customer=acme,tier!=free."),
                    .init(
                        "state", .choice(SourceState.allCases.map(\.rawValue)),
                        "Only those that fare so."),
                ], reply: .json(Shapes.page(of: "Source")), list),
            Route(
                .get, "/v1/sources/{name}", id: "getSource", tag: "sources",
                "Show one source.", access: .scope(.read), reply: .json(.named("Source")),
                refusals: [404]
            ) { request in
                guard let source = try await one(request.name("name")) else {
                    throw unknown(request.name("name"))
                }
                var writer = JSONWriter()
                writer.source(source)
                return APIAnswer(json: writer.bytes)
            },
        ]
    }

    private func list(_ request: APIRequest) async throws -> APIAnswer {
        let choice = SourceList.Choice(
            after: try PageToken.read("sources", request).map { SourceName($0) },
            search: request.query["search"], labels: try request.selector(),
            state: request.query["state"].flatMap { SourceState(rawValue: $0) },
            limit: request.limit())
        let (items, hasMore) = try await SourceList(desk).page(choice)
        let next = hasMore ? items.last.map { PageToken.write("sources", $0.name) } : nil
        return .page(items[...], next: next) { $0.source($1) }
    }

    // MARK: Steering

    private var steering: [Route] {
        let stream = Schema.object([
            .init("stream", Shapes.name, required: false, "Only this stream of it.")
        ])
        return [
            operation("pause", "Stop polling a source; what it knows is kept."),
            operation("resume", "Poll a paused source again."),
            operation("poll", "Poll a source now.", stream, status: 202),
            operation(
                "reset", "Read a source anew from its beginning; only what differs comes out.",
                .object([
                    .init("stream", Shapes.name, required: false, "Only this stream of it."),
                    .init(
                        "forget", .boolean, required: false,
                        "What is found is the new baseline, and nothing comes out."),
                ])),
            operation(
                "rewind", "Move the cursor back, so that changes since then are read again.",
                .object([
                    .init("stream", Shapes.name, required: false, "Only this stream of it."),
                    .init("to", Shapes.text, "A cursor, or a time such as 2026-01-31T09:30:00Z."),
                ])),
        ]
    }

    private func operation(
        _ kind: String, _ summary: String, _ body: Schema = .object([]), status: Int = 200
    ) -> Route {
        Route(
            .post, "/v1/sources/{name}/\(kind)", id: "\(kind)Source", tag: "sources", summary,
            access: .scope(.operate), content: .json(body), status: status,
            reply: .json(.named("Done")), refusals: [404, 409, 501]
        ) { request in
            let name = request.name("name")
            guard try await one(name) != nil else { throw unknown(name) }
            var arguments = ["name": name, "source": name]
            arguments.merge(request.texts) { own, _ in own }
            if request.json["forget"] == .bool(true) { arguments["forget"] = "yes" }
            return try await desk.perform(kind, arguments, for: request, status: status)
        }
    }

    // MARK: Quarantine

    private var quarantine: [Route] {
        let stream = Route.Parameter("stream", Shapes.name, "Which of its streams.")
        let decide = { (word: String, decision: QuarantineDecision, summary: String) in
            Route(
                .post, "/v1/sources/{name}/quarantine/{stream}/\(word)",
                id: "\(word)Quarantine", tag: "quarantine", summary, access: .scope(.operate),
                content: .json(.object([])), reply: .json(.named("Done")), refusals: [404, 409]
            ) { request in
                try await desk.perform(
                    "quarantine",
                    [
                        "source": request.name("name"), "stream": request.name("stream"),
                        "decision": decision.rawValue,
                    ], for: request)
            }
        }
        return [
            Route(
                .get, "/v1/quarantine", id: "listQuarantine", tag: "quarantine",
                "List what polls found and nobody believed yet.", access: .scope(.read),
                query: [PageBounds.limit, PageBounds.cursor],
                reply: .json(Shapes.page(of: "Quarantine"))
            ) { request in
                let after = try PageToken.read("quarantine", request)
                let limit = request.limit()
                let found = try await desk.store.quarantines().filter { quarantine in
                    after.map { quarantine.address.description > $0 } ?? true
                }.sorted { $0.address.description < $1.address.description }
                let next =
                    found.count > limit
                    ? PageToken.write("quarantine", found[limit - 1].address.description) : nil
                return .page(found.prefix(limit), next: next) { $0.quarantine($1, isBrief: true) }
            },
            Route(
                .get, "/v1/sources/{name}/quarantine", id: "getQuarantine", tag: "quarantine",
                "Show a finding with its sample.", access: .scope(.read), query: [stream],
                reply: .json(
                    .object([.init("items", .list(.named("QuarantineDetail"), max: 1000))])),
                refusals: [404], show),
            decide("accept", .accepted, "The finding is true: the next poll believes it."),
            decide("reject", .rejected, "The finding is false: what is stored stays right."),
        ]
    }

    private func show(_ request: APIRequest) async throws -> APIAnswer {
        let name = request.name("name")
        guard let source = try await one(name) else { throw unknown(name) }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("items")
        writer.beginArray()
        for state in source.streams where state.isQuarantined {
            let isWanted = request.query["stream"].map { $0 == state.address.stream.text } ?? true
            guard isWanted, let found = try await quarantine(of: state.id) else { continue }
            writer.quarantine(found)
        }
        writer.endArray()
        writer.endObject()
        return APIAnswer(json: writer.bytes)
    }

    /// Both sides of a store know it; this is the one that only looks.
    private func quarantine(of stream: StreamID) async throws -> Quarantine? {
        let reader: any StoreReader = desk.store
        return try await reader.quarantine(of: stream)
    }

    // MARK: Poke

    private var poke: Route {
        var route = Route(
            .post, "/v1/sources/{name}/poke", id: "pokeSource", tag: "sources",
            "Poll at once because something changed: for webhooks of others, or with a token.",
            access: .own, content: .anything, status: 202, reply: .json(.named("Poked")),
            refusals: [401, 403, 404, 409, 501]
        ) { request in
            let name = request.name("name")
            let source = desk.catalogue.snapshot.sources[name]
            try check(request, source?.poke)
            guard source != nil else { throw unknown(name) }
            let outcome = try await poker.poke(name)
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("source", name)
            writer.member("outcome", outcome.rawValue)
            writer.endObject()
            return APIAnswer(status: 202, json: writer.bytes)
        }
        route.keepsAnswers = false
        route.countsRefusals = true
        return route
    }

    /// A token with the scope, or the signature that the source's `poke` asks for.
    private func check(_ request: APIRequest, _ poke: Catalogue.Poke?) throws {
        if let scope = request.principal.scope, scope >= .operate { return }
        if let poke,
            PokeSignature(spec: poke.spec, secret: poke.secret)
                .isValid(request.headers, body: request.body, now: desk.time.wall())
        {
            return
        }
        throw APIProblem(
            401, "signature_invalid", "neither a token nor a valid signature came along",
            field: poke?.spec.header,
            hint: "say under `poke` of the source how its webhooks are signed")
    }

    // MARK: What there is

    private func one(_ name: String) async throws -> SourceView? {
        try await SourceList(desk).one(name)
    }

    private func unknown(_ name: String) -> APIProblem {
        APIProblem(404, "unknown_source", "there is no source `\(name)`", field: "name")
    }
}
