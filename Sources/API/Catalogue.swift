import PullcordAdapter
package import PullcordConfig
import PullcordModel
import PullcordSigning
import Synchronization

/// What runs, as far as the API tells of it: the configuration without its secrets.
package final class Catalogue: Sendable {
    struct Source: Sendable {
        let adapter: String
        let adapterVersion: Int
        let schedule: String
        let poke: Poke?
        let labels: [String: String]
        let origin: DefinitionOrigin
    }

    struct Poke: Sendable {
        let spec: PokeSpec
        let secret: Secret
    }

    struct Subscription: Sendable {
        let url: String
        let events: [String]
        let sources: [String]?
        let format: String
        let order: String
        let publicKey: Ed25519PublicKey?
        let labels: [String: String]
        let origin: DefinitionOrigin
    }

    struct Snapshot: Sendable {
        var sources: [String: Source] = [:]
        var subscriptions: [String: Subscription] = [:]
        var adapterFolders: [String] = []
        var file = ""
        /// nil where the configuration says nothing of the API.
        var gate: GateRules?
    }

    private struct Current {
        var edition: Int?
        var snapshot = Snapshot()
    }

    private let current = Mutex(Current())
    private let edition: @Sendable () -> Int
    private let configuration: @Sendable () -> Configuration

    /// `edition` changes whenever the `configuration` does.
    package init(
        edition: @escaping @Sendable () -> Int,
        configuration: @escaping @Sendable () -> Configuration
    ) {
        self.edition = edition
        self.configuration = configuration
    }

    /// A configuration that does not change.
    package convenience init(_ configuration: Configuration) {
        self.init(edition: { 0 }, configuration: { configuration })
    }

    var snapshot: Snapshot {
        // Read first: should it change meanwhile, the next look makes it anew.
        let edition = edition()
        if let known = current.withLock({ $0.edition == edition ? $0.snapshot : nil }) {
            return known
        }
        let made = Self.read(configuration())
        current.withLock { $0 = Current(edition: edition, snapshot: made) }
        return made
    }

    private static func read(_ configuration: Configuration) -> Snapshot {
        var snapshot = Snapshot()
        func origin(_ kind: DefinitionKind) -> (String) -> DefinitionOrigin {
            let inFile = Set(configuration.described.filter { $0.kind == kind }.map(\.name))
            return { inFile.contains($0) ? .file : .api }
        }
        let (ofSource, ofSubscription) = (origin(.source), origin(.subscription))
        for source in configuration.sources {
            let name = source.spec.name.text
            snapshot.sources[name] = Source(source, ofSource(name))
        }
        for subscription in configuration.subscriptions {
            let name = subscription.spec.name.text
            snapshot.subscriptions[name] = Subscription(subscription, ofSubscription(name))
        }
        snapshot.adapterFolders = configuration.bridge.adapterFolders
        snapshot.file = configuration.bridge.file
        snapshot.gate = configuration.api.map(GateRules.init)
        return snapshot
    }
}

extension Catalogue.Source {
    init(_ source: BoundSource, _ origin: DefinitionOrigin) {
        self.origin = origin
        adapter = source.adapter.name
        adapterVersion = source.adapter.version
        schedule =
            switch source.spec.schedule.rhythm {
            case .every(let interval): "every \(interval.inOneUnit)"
            case .cron(let expression): "cron \(expression)"
            case .auto(let auto):
                "auto, every \(auto.least.inOneUnit) to \(auto.most.inOneUnit)"
            }
        labels = source.spec.labels
        poke = source.spec.poke.flatMap { spec in
            source.pokeSecret.map { Catalogue.Poke(spec: spec, secret: $0) }
        }
    }
}

extension Catalogue.Subscription {
    init(_ subscription: BoundSubscription, _ origin: DefinitionOrigin) {
        self.origin = origin
        labels = subscription.spec.labels
        let spec = subscription.spec
        // A query may hold what nobody else should see.
        let shown = subscription.url.prefix { $0 != "?" }
        url = Redactor(subscription.secrets).redact(String(shown))
        events = spec.events.map(\.description)
        sources = spec.sources.map { $0.map(\.text) }
        format = spec.wire.format.rawValue
        order = spec.queue.order.rawValue
        publicKey = subscription.wire.ed25519.flatMap { try? Ed25519Key(parsing: $0) }?.publicKey
    }
}

extension Duration {
    /// As a bridge file has it, in the largest unit that it is a whole number of: `90s`, `6h`.
    fileprivate var inOneUnit: String {
        let seconds = wholeMilliseconds / 1000
        let units: [(size: Int64, name: String)] = [(86_400, "d"), (3600, "h"), (60, "m")]
        let unit = units.first { seconds > 0 && seconds % $0.size == 0 }
        return unit.map { "\(seconds / $0.size)\($0.name)" } ?? "\(seconds)s"
    }
}
