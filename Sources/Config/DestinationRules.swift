import PullcordAdapter
import PullcordModel

/// Judges where URLs lead to, by the policy that every connection is judged by later.
///
/// Only of a URL whose host is an address can that be said now; what a name leads to is judged at
/// the moment of connecting.
struct DestinationRules {
    let collector: Collector
    private let allow: [String]
    private let isProxied: Bool

    /// With a proxy it is the proxy that connects, so nothing can be said.
    init(_ bridge: BridgeSpec, _ collector: Collector) {
        self.collector = collector
        allow = bridge.allowedAddresses.map(\.text)
        isProxied = bridge.proxy != nil
    }

    /// `url` is nil where values are not at hand.
    func check(_ url: String?, at place: Place, path: String) {
        guard !isProxied, let url,
            let complaint = collector.checkers.destinations.check(url, allow)
        else { return }
        collector.error(
            "address_refused", at: place, path: path, complaint.message, hint: complaint.hint)
    }

    func check(_ subscription: SubscriptionSpec, _ bound: BoundSubscription?, path: String) {
        check(
            bound?.url ?? subscription.url.literalText, at: subscription.urlPlace,
            path: join(path, "url"))
        guard case .oauth2(let spec) = subscription.access.auth else { return }
        var url = spec.tokenURL.literalText
        if case .oauth2(let values)? = bound?.access.auth { url = values.tokenURL }
        check(url, at: spec.tokenURL.place, path: join(path, "auth.oauth2.token_url"))
    }

    /// The hosts of a source; each is told of once, at the place that puts the adapter to work.
    func check(_ source: BoundSource, path: String) {
        let context = TemplateContext(parameters: source.parameters)
        let templates =
            [source.adapter.baseURL]
            + source.streams.map { stream in
                if case .url(let template) = stream.request.target { template } else { nil }
            }
        var hosts: Set<String> = []
        for case let template? in templates {
            guard let text = Self.beginning(of: template, context),
                let parts = URLRules.Parts(text), hosts.insert(parts.host).inserted
            else { continue }
            check(text, at: source.spec.adapter.place, path: join(path, "adapter"))
        }
    }

    /// The URL as far as the source's values make it known, which is enough for its host.
    private static func beginning(of template: Template, _ context: TemplateContext) -> String? {
        if let text = (try? template.render(context)) ?? nil { return text }
        guard case .literal(let text)? = template.segments.first,
            let slashes = text.firstRange(of: "://"),
            text[slashes.upperBound...].contains("/")
        else { return nil }
        return text
    }
}
