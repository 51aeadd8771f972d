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
        let binder = WireBinder(installation: installation)
        let wire = binder.bind(spec.wire, path: path)
        var headers: [BoundHeader] = []
        var secrets = spec.wire.secrets.flatMap { installation.values(of: $0.value) }
        if let key = spec.wire.ed25519 { secrets += installation.values(of: key) }
        var isComplete = true
        for header in spec.headers {
            let keyPath = join(join(path, "headers"), header.name)
            switch binder.bind(header, path: keyPath) {
            case .header(let bound):
                if !bound.pieces.allSatisfy(Self.isValue) {
                    collector.error(
                        "header_value", at: header.value.place, path: keyPath,
                        "a header's value holds a line break or another control character")
                    isComplete = false
                }
                headers.append(bound)
                secrets += installation.values(of: header.value)
            case .absent: continue
            case .failed: isComplete = false
            }
        }
        // A URL that comes whole from outside is named in logs; a part of one is a token.
        if spec.url.solePlaceholder == nil { secrets += installation.values(of: spec.url) }
        let access = AccessBinder(installation: installation).bind(spec.access, path: path)
        guard let url, let wire, let access, isComplete else { return nil }
        secrets += wire.secrets.map(\.secret) + (wire.ed25519.map { [$0] } ?? [])
        return BoundSubscription(
            spec: spec, url: url, wire: wire, headers: headers, access: access,
            secrets: secrets + access.secrets)
    }

    private static func isValue(_ piece: BoundHeader.Piece) -> Bool {
        guard case .text(let text) = piece else { return true }
        return HeaderRules.isValue(text)
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

    /// Every pattern must be able to match an event of the sources that it listens to.
    ///
    /// With `mayGrow`, sources of the store may have what these have not. What was kept long ago
    /// is only warned of when it `isLoading`: its sources may have changed since.
    func checkPatterns(
        _ spec: SubscriptionSpec, places: [LocatedText], streams: [StreamSpec], path: String,
        mayGrow: Bool = false, isLoading: Bool = false
    ) {
        let names = Array(Set(streams.map(\.name.text))).sorted()
        for (index, pattern) in places.enumerated() {
            guard let event = EventPattern(pattern.text), !event.isHealth else { continue }
            let keyPath = "\(path).events[\(index)]"
            let matching = streams.filter { stream in
                event.stream.map { $0 == stream.name } ?? true
            }
            if let stream = event.stream, matching.isEmpty {
                guard !mayGrow else { continue }
                guard !isLoading else {
                    collector.warning(
                        "event_never", at: pattern.place, path: keyPath, found: pattern.text,
                        "no source that it listens to has a stream `\(stream)` any more")
                    continue
                }
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
