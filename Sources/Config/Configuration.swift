package import PullcordAdapter
package import PullcordModel

/// A bridge file with everything that it names, ready to be put to work.
package struct Configuration: Sendable {
    package let bridge: BridgeSpec
    /// The database's path as the process must open it: a relative one starts at the folder of
    /// the bridge file.
    package let storePath: String
    /// In the order of the file.
    package let sources: [BoundSource]
    package let subscriptions: [BoundSubscription]
    /// The URL of the proxy for every request; nil for none.
    ///
    /// It may hold credentials.
    package let proxy: Secret?
    /// nil if nothing is to be served.
    package let api: BoundAPI?
    /// Complaints that do not keep the bridge from running.
    package let warnings: DiagnosticReport
    /// Keys that secrets of the store are sealed with, the one in use first; empty for none.
    package let sealingKeys: [Secret]
    /// The archives of adapters that the file names.
    package let packs: PackShelf
    /// The sources and subscriptions of the file, as they may be shown.
    package let described: [DescribedDefinition]

    package init(
        bridge: BridgeSpec, storePath: String, sources: [BoundSource],
        subscriptions: [BoundSubscription], proxy: Secret? = nil, api: BoundAPI? = nil,
        warnings: DiagnosticReport, sealingKeys: [Secret] = [],
        packs: PackShelf = PackShelf(), described: [DescribedDefinition] = []
    ) {
        self.api = api
        self.bridge = bridge
        self.storePath = storePath
        self.sources = sources
        self.subscriptions = subscriptions.map { subscription in
            var subscription = subscription
            subscription.publicURL = api?.spec.publicURL
            return subscription
        }
        self.proxy = proxy
        self.warnings = warnings
        self.sealingKeys = sealingKeys
        self.packs = packs
        self.described = described
    }

    /// Every secret that must never be seen, for a `Redactor`.
    package var secrets: [Secret] {
        sources.flatMap(\.secrets) + subscriptions.flatMap(\.secrets) + (proxy.map { [$0] } ?? [])
            + sources.compactMap(\.pokeSecret) + (api?.tokens.map(\.value) ?? [])
    }
}

/// A source with its adapter and the values of its parameters.
package struct BoundSource: Sendable {
    package let spec: SourceSpec
    package let adapter: AdapterSpec
    /// Defaults included; a parameter without a value is not in it.
    package let parameters: [String: String]
    /// Values of secret parameters, and of those that come from files.
    package let secrets: [Secret]
    /// Certificates for its connections; nil for none.
    package var files: BoundAccess.Files?
    /// What a foreign webhook is signed with; nil if none may make the source poll.
    package var pokeSecret: Secret?

    package init(
        spec: SourceSpec, adapter: AdapterSpec, parameters: [String: String], secrets: [Secret]
    ) {
        self.spec = spec
        self.adapter = adapter
        self.parameters = parameters
        self.secrets = secrets
    }

    /// The streams that events may be of: all of the adapter where one is named that it has not,
    /// for nobody knows which was meant.
    var heardStreams: [StreamSpec] {
        let names = Set(adapter.streams.map(\.name.text))
        let isKnown = spec.streams?.allSatisfy { names.contains($0.text) } ?? true
        return (isKnown ? streams : adapter.streams).filter { !$0.isSilent }
    }

    /// The streams that the source polls, with its own `first` and `max_delete` applied.
    package var streams: [StreamSpec] {
        let wanted = spec.streams.map { Set($0.map(\.text)) }
        return adapter.polled(wanted).map { stream in
            var stream = stream
            stream.first = spec.first ?? stream.first
            stream.deletes.maxShare = spec.maxDeleteShare ?? stream.deletes.maxShare
            stream.belief.maxChangeShare = spec.maxChangeShare ?? stream.belief.maxChangeShare
            stream.belief.emitRate = spec.emitRate ?? stream.belief.emitRate
            return stream
        }
    }
}

/// A subscription with its values.
package struct BoundSubscription: Sendable {
    package let spec: SubscriptionSpec
    package let url: String
    package let wire: BoundWire
    /// In the order of the file; one that needs an absent value is left out.
    package let headers: [BoundHeader]
    package let access: BoundAccess
    /// The secrets, and every value that came from the environment or a file.
    package let secrets: [Secret]

    /// Where receivers reach the API, for links to what is not in a webhook; nil for no links.
    package var publicURL: String?

    package init(
        spec: SubscriptionSpec, url: String, wire: BoundWire, headers: [BoundHeader],
        access: BoundAccess, secrets: [Secret]
    ) {
        self.spec = spec
        self.url = url
        self.wire = wire
        self.headers = headers
        self.access = access
        self.secrets = secrets
    }
}
