import PullcordAdapter
import PullcordModel

extension SubscriptionSpec {
    /// Whether it names its sources, so that another one makes no difference to it.
    var namesSources: Bool { sources != nil && sourceLabels == nil }

    /// Whether it listens to a source.
    func hears(_ source: SourceSpec) -> Bool {
        if let sourceLabels { return sourceLabels.matches(source.labels) }
        return sources?.contains { $0.text == source.name.text } ?? true
    }
}

extension BoundSubscription {
    /// With the names of the sources that its labels choose.
    func choosing(among sources: [BoundSource]) -> BoundSubscription {
        choosing(among: LabelIndex(sources))
    }

    func choosing(among index: LabelIndex) -> BoundSubscription {
        guard let selector = spec.sourceLabels else { return self }
        var spec = spec
        spec.sources = index.names(selector)
        return BoundSubscription(
            spec: spec, url: url, wire: wire, headers: headers, access: access, secrets: secrets)
    }
}

/// Sources by their labels, for thousands of subscriptions that choose among thousands.
struct LabelIndex {
    private struct Pair: Hashable {
        let key: String
        let value: String
    }

    private var all: [SourceSpec] = []
    private var places: [Pair: [Int]] = [:]

    init(_ sources: some Sequence<BoundSource>) {
        for source in sources {
            for (key, value) in source.spec.labels {
                places[Pair(key: key, value: value), default: []].append(all.count)
            }
            all.append(source.spec)
        }
    }

    func names(_ selector: LabelSelector) -> [LocatedText] {
        sources(selector).filter { selector.matches($0.labels) }
            .map { LocatedText(text: $0.name.text, place: $0.place) }
    }

    /// Those that the first requirement for a value leaves over.
    private func sources(_ selector: LabelSelector) -> [SourceSpec] {
        for requirement in selector.requirements {
            guard case .isOne(let values) = requirement.test else { continue }
            return Set(values).flatMap { places[Pair(key: requirement.key, value: $0)] ?? [] }
                .sorted().map { all[$0] }
        }
        return all
    }
}

extension Configuration {
    /// The same file with more sources and subscriptions, and with the choices of labels made anew
    /// among all of them.
    package func with(
        sources more: [BoundSource], subscriptions others: [BoundSubscription]
    ) -> Configuration {
        let all = sources + more
        let index = LabelIndex(all)
        return Configuration(
            bridge: bridge, storePath: storePath, sources: all,
            subscriptions: (subscriptions + others).map { $0.choosing(among: index) },
            proxy: proxy, api: api, warnings: warnings, sealingKeys: sealingKeys,
            packs: packs, described: described)
    }
}
