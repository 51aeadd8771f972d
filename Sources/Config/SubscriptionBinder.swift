import PullcordAdapter
import PullcordModel

/// Renders a subscription's values and compares its patterns with the streams there are.
struct SubscriptionBinder {
    let installation: Installation
    private var collector: Collector { installation.collector }

    init(installation: Installation) { self.installation = installation }

    /// nil if a value is missing or wrong, or the environment is not at hand.
    func bind(_ spec: SubscriptionSpec, path: String) -> BoundSubscription? {
        let url = resolveURL(spec, path)
        let secret = resolveSecret(spec, path)
        var headers: [(name: String, value: String)] = []
        var secrets = installation.values(of: spec.secret)
        var isComplete = true
        for header in spec.headers {
            let keyPath = join(join(path, "headers"), header.name)
            switch installation.resolve(header.value, path: keyPath) {
            case .text(let value):
                if !HeaderRules.isValue(value) {
                    collector.error(
                        "header_value", at: header.value.place, path: keyPath,
                        "a header's value holds a line break or another control character")
                    isComplete = false
                }
                headers.append((header.name, value))
                secrets += installation.values(of: header.value)
            case .absent: continue
            case .unknown, .failed: isComplete = false
            }
        }
        // A URL that comes whole from outside is named in logs; a part of one is a token.
        if spec.url.solePlaceholder == nil { secrets += installation.values(of: spec.url) }
        let access = AccessBinder(installation: installation).bind(spec.access, path: path)
        guard let url, let secret, let access, isComplete else { return nil }
        return BoundSubscription(
            spec: spec, url: url, secret: secret, headers: headers, access: access,
            secrets: secrets + [secret] + access.secrets)
    }

    private func resolveURL(_ spec: SubscriptionSpec, _ path: String) -> String? {
        guard !spec.url.segments.isEmpty,
            case .text(let url) = installation.resolve(spec.url, path: join(path, "url"))
        else { return nil }
        guard spec.url.literalText == nil else { return url }
        guard let parts = URLRules.Parts(url), !parts.host.isEmpty, !parts.hasUserInfo,
            !url.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F })
        else {
            collector.error(
                "url_invalid", at: spec.urlPlace, path: join(path, "url"),
                "its value is no URL of http or https", allowed: ["https://host/path"])
            return nil
        }
        return url
    }

    private func resolveSecret(_ spec: SubscriptionSpec, _ path: String) -> Secret? {
        let path = join(path, "secret")
        guard spec.secretPlace != spec.place,
            case .text(let text) = installation.resolve(spec.secret, path: path)
        else { return nil }
        if let complaint = WebhookSecret.complaint(text) {
            collector.error(
                "secret_invalid", at: spec.secretPlace, path: path, complaint,
                allowed: ["whsec_ and base64 of 24 to 64 bytes"],
                hint: "`pullcord secret` makes one")
            return nil
        }
        return Secret(text)
    }

    /// Every pattern must be able to match an event of the sources that it listens to.
    func checkPatterns(
        _ spec: SubscriptionSpec, places: [LocatedText], streams: [StreamSpec], path: String
    ) {
        let names = Array(Set(streams.map(\.name.text))).sorted()
        for (index, pattern) in places.enumerated() {
            guard let event = EventPattern(pattern.text) else { continue }
            let keyPath = "\(path).events[\(index)]"
            let matching = streams.filter { stream in
                event.stream.map { $0 == stream.name } ?? true
            }
            if let stream = event.stream, matching.isEmpty {
                let kind = event.kind?.rawValue ?? "*"
                collector.error(
                    "event_never", at: pattern.place, path: keyPath, found: pattern.text,
                    "no source that it listens to has a stream `\(stream)`",
                    allowed: names.map { "\($0).*" },
                    suggestion: Suggestion.nearest(to: stream.text, among: names)
                        .map { "\($0).\(kind)" })
            } else if event.kind == .deleted, matching.allSatisfy({ $0.detect == .incremental }) {
                collector.warning(
                    "event_never", at: pattern.place, path: keyPath, found: pattern.text,
                    "`\(pattern.text)` never comes: an incremental stream sees no deletes",
                    hint: "use a stream with `detect: snapshot`")
            }
        }
    }
}
