import PullcordAdapter
import PullcordCommit
import PullcordEngine
import PullcordMetrics
import PullcordModel

/// What is measured, for Prometheus and whatever else reads its format.
struct MetricsRoute: RouteGroup {
    let desk: APIDesk

    var routes: [Route] {
        var route = Route(
            .get, "/metrics", id: "getMetrics", tag: "system",
            "What is measured, as Prometheus reads it; with the scope read, or `metrics: { "
                + "anonymous: true }` under `api`.",
            access: .own, reply: .other(Self.plain), refusals: [401, 403]
        ) { request in
            let settings = desk.catalogue.snapshot.gate?.spec.metrics
            guard settings?.isAnonymous == true || request.principal.scope != nil else {
                throw Gatekeeper.unauthorized("token_missing", "this needs a token")
            }
            let format = Self.format(request.headers["accept"])
            let page = try await page(hasOwnSeries: settings?.hasOwnSeries ?? true)
            return APIAnswer(contentType: format.contentType, .bytes(page.text(format)))
        }
        route.otherReplies = [Self.openMetrics]
        return [route]
    }

    private static let plain = "text/plain"
    private static let openMetrics = "application/openmetrics-text"

    /// Whoever names OpenMetrics gets it.
    private static func format(_ accept: String?) -> Exposition.Format {
        let isNamed = accept?.lowercased().split(separator: ",").contains { range in
            range.drop { $0 == " " }.hasPrefix(openMetrics) && !range.hasSuffix(";q=0")
        }
        return isNamed == true ? .openMetrics : .text
    }

    private func page(hasOwnSeries: Bool) async throws -> MetricsPage {
        let paused = try await desk.paused()
        let setAside = try await desk.definitions?.broken().count ?? 0
        return MetricsPage(
            version: desk.version, now: desk.time.wall(), isReady: desk.readiness() == .ready,
            figures: desk.meters.snapshot, sights: desk.sights(), paused: Set(paused.keys),
            quarantined: try await desk.store.quarantines().count, setAside: setAside,
            endpoints: try await desk.store.subscriptions(), host: desk.host(),
            hasOwnSeries: hasOwnSeries)
    }
}
