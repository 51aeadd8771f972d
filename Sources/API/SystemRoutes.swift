import PullcordCommit
import PullcordEngine
import PullcordJSON
import PullcordModel
import PullcordSigning

/// Health, what was done by whom, public keys, and the document.
struct SystemRoutes: RouteGroup {
    let desk: APIDesk

    var routes: [Route] { [live, ready, status, audit, keys] }

    private var live: Route {
        Route(
            .get, "/healthz", id: "live", tag: "system", "Whether the process answers.",
            access: .open, reply: .json(.named("Ready"))
        ) { _ in APIAnswer(json: Array(#"{"status":"ok"}"#.utf8)) }
    }

    private var ready: Route {
        Route(
            .get, "/readyz", id: "ready", tag: "system",
            "Whether the process can do its work: 503 while the store is full.", access: .open,
            reply: .json(.named("Ready")), refusals: [503]
        ) { _ in
            guard case .full(let message, let since) = desk.readiness() else {
                return APIAnswer(json: Array(#"{"status":"ok"}"#.utf8))
            }
            var problem = APIProblem(
                503, "store_full", "nothing is polled since \(since): \(message)",
                hint: "make room on the disk of the store")
            problem.headers = [("retry-after", "5")]
            throw problem
        }
    }

    private var status: Route {
        Route(
            .get, "/v1/status", id: "getStatus", tag: "system", "How everything fares.",
            access: .scope(.read), reply: .json(.named("Status"))
        ) { _ in
            let (sources, streams) = try await SourceList(desk).tally()
            let subscriptions = try await desk.store.subscriptions(SubscriptionQuery(isBrief: true))
            let names = try await SubscriptionNames(desk)
            let kept = try await desk.store.kept()
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("version", desk.version)
            writer.member("now", desk.time.wall())
            writer.key("ready")
            writer.bool(desk.readiness() == .ready)
            writer.tally("sources", sources.map { ($0.key.rawValue, $0.value) })
            writer.member("streams", streams)
            writer.tally("subscriptions", subscriptions.map { (names.stateWord(of: $0), 1) })
            writer.member("backlog", subscriptions.reduce(0) { $0 + $1.backlog })
            writer.member("dead", subscriptions.reduce(0) { $0 + $1.dead })
            let activity = try await desk.activity.read(desk.store, now: desk.time.wall())
            writer.numbers("changes_per_hour", activity.changes)
            writer.key("kept_since")
            writer.beginObject()
            writer.member("events", kept.events)
            writer.member("payloads", kept.payloads)
            writer.endObject()
            writer.endObject()
            return APIAnswer(json: writer.bytes)
        }
    }

    private var audit: Route {
        Route(
            .get, "/v1/audit", id: "listAudit", tag: "system",
            "List what was done by whom, the newest first.", access: .scope(.read),
            query: [PageBounds.limit, PageBounds.cursor], reply: .json(Shapes.page(of: "Audit"))
        ) { request in
            let limit = request.limit()
            let before = try PageToken.number("audit", request)
            let found = try await desk.store.audit(before: before, limit: limit + 1)
            let next =
                found.count > limit
                ? PageToken.write("audit", String(found[limit - 1].id)) : nil
            return .page(found.prefix(limit), next: next) { $0.audit($1) }
        }
    }

    private var keys: Route {
        Route(
            .get, "/.well-known/jwks.json", id: "getKeys", tag: "system",
            "The public Ed25519 keys that webhooks are signed with, as a JWK set (RFC 7517).",
            access: .open, reply: .json(.named("KeySet"))
        ) { _ in
            let all = desk.catalogue.snapshot.subscriptions.sorted { $0.key < $1.key }
            var seen: Set<String> = []
            var writer = JSONWriter()
            writer.beginObject()
            writer.key("keys")
            writer.beginArray()
            for key in all.compactMap(\.value.publicKey)
            where seen.insert(key.identifier).inserted {
                writer.beginObject()
                writer.member("kty", "OKP")
                writer.member("crv", "Ed25519")
                writer.member("x", key.coordinate)
                writer.member("kid", key.identifier)
                writer.member("use", "sig")
                writer.member("alg", "EdDSA")
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
            return APIAnswer(json: writer.bytes)
        }
    }
}

extension JSONWriter {
    /// How often each word comes.
    fileprivate mutating func tally(_ key: String, _ words: [(String, Int)]) {
        let counts = Dictionary(words, uniquingKeysWith: +)
        self.key(key)
        beginObject()
        for (word, count) in counts.sorted(by: { $0.key < $1.key }) { member(word, count) }
        endObject()
    }
}
