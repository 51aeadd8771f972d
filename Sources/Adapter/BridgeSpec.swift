package import PullcordModel

/// What a bridge file says: which adapters are put to work, and who wants to hear of changes.
package struct BridgeSpec: Sendable, Equatable {
    /// The path of the SQLite file, absolute or relative to the bridge file.
    package var storePath: String
    /// Folders to look for adapters in, and archives, absolute or relative to the bridge file.
    package var adapterFolders: [String]
    /// Which of them are archives, and what they must be.
    package var packs: [PackSpec] = []
    /// Addresses that may be connected to although they are private: see the README.
    package var allowedAddresses: [LocatedText]
    /// The URL of a proxy for sources and subscriptions alike; nil for none.
    package var proxy: Template?
    package var sources: [SourceSpec]
    package var subscriptions: [SubscriptionSpec]
    package var retention = RetentionSpec()
    /// nil if nothing is to be served.
    package var api: APISpec?
    /// Keys that definitions of the store are sealed with, the one in use first; nil where nothing is
    /// kept in the store beside what the file names.
    package var secrets: SecretsSpec?
    package var programs = ProgramsSpec()
    package var file: String

    package init(
        storePath: String, adapterFolders: [String] = [], allowedAddresses: [LocatedText] = [],
        proxy: Template? = nil, sources: [SourceSpec], subscriptions: [SubscriptionSpec],
        file: String
    ) {
        self.storePath = storePath
        self.adapterFolders = adapterFolders
        self.allowedAddresses = allowedAddresses
        self.proxy = proxy
        self.sources = sources
        self.subscriptions = subscriptions
        self.file = file
    }
}

/// Which adapters may run programs on this machine.
package struct ProgramsSpec: Sendable, Equatable {
    /// As sources name them.
    package var allowed: [LocatedText]
    /// Whether sources of the store may use them too.
    package var allowsStore: Bool

    package init(allowed: [LocatedText] = [], allowsStore: Bool = false) {
        self.allowed = allowed
        self.allowsStore = allowsStore
    }
}

/// An archive of adapters.
package struct PackSpec: Sendable, Equatable {
    /// Absolute or relative to the bridge file.
    package var archive: LocatedText
    /// SHA-256 of its bytes, in lower-case hexadecimal digits.
    package var checksum: LocatedText

    package init(archive: LocatedText, checksum: LocatedText) {
        self.archive = archive
        self.checksum = checksum
    }
}

/// Where the keys come from that secrets in the store are sealed with.
package struct SecretsSpec: Sendable, Equatable {
    /// The one in use first.
    package var keys: [Template]
    /// The path of a file with one key a line, the one in use first.
    package var keyFile: LocatedText?

    package init(keys: [Template] = [], keyFile: LocatedText? = nil) {
        self.keys = keys
        self.keyFile = keyFile
    }
}

/// A text with its place in the file.
package struct LocatedText: Sendable, Equatable {
    package var text: String
    package var place: Place

    package init(text: String, place: Place) {
        self.text = text
        self.place = place
    }
}

/// An adapter put to work: parameters and schedule.
package struct SourceSpec: Sendable, Equatable {
    package var name: SourceName
    /// An adapter's name, or the path of its file (ends in `.yaml` or `.yml`).
    package var adapter: LocatedText
    /// Values for the adapter's parameters, in the order of the file.
    package var with: [(name: LocatedText, value: Template)]
    package var schedule: ScheduleSpec
    /// Which of the adapter's streams; nil means all.
    package var streams: [LocatedText]?
    /// Overrides the adapter's `first`.
    package var first: FirstPoll?
    /// Overrides the adapter's `max_delete`: a share, 0…1.
    package var maxDeleteShare: Double?
    /// Overrides the adapter's `max_change`: a share, 0…1.
    package var maxChangeShare: Double?
    /// Overrides the adapter's `emit_rate`.
    package var emitRate: BudgetSpec.Rate?
    /// Instead of the adapter's `tls`.
    package var tls: TLSSpec?
    /// nil if only those who may steer can make it poll at once.
    package var poke: PokeSpec?
    package var labels: [String: String] = [:]
    /// How long no poll may end well until that is told; nil for the default.
    package var stalledAfter: Duration?
    package var place: Place

    package init(
        name: SourceName, adapter: LocatedText, with: [(name: LocatedText, value: Template)] = [],
        schedule: ScheduleSpec, streams: [LocatedText]? = nil, first: FirstPoll? = nil,
        maxDeleteShare: Double? = nil, place: Place
    ) {
        self.name = name
        self.adapter = adapter
        self.with = with
        self.schedule = schedule
        self.streams = streams
        self.first = first
        self.maxDeleteShare = maxDeleteShare
        self.place = place
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.name == right.name && left.adapter == right.adapter && left.schedule == right.schedule
            && left.streams == right.streams && left.first == right.first
            && left.maxDeleteShare == right.maxDeleteShare && left.place == right.place
            && left.labels == right.labels && left.tls == right.tls
            && left.maxChangeShare == right.maxChangeShare && left.emitRate == right.emitRate
            && left.poke == right.poke && left.stalledAfter == right.stalledAfter
            && left.with.elementsEqual(right.with) { $0.name == $1.name && $0.value == $1.value }
    }
}

/// Who wants which events, where and how.
package struct SubscriptionSpec: Sendable, Equatable {
    package var name: SubscriptionName
    package var url: Template
    package var urlPlace: Place
    /// Patterns of event types: `orders.created`, `orders.*`, `*.deleted`, `*`.
    package var events: [EventPattern]
    /// Only events of these sources; nil means all.
    package var sources: [LocatedText]?
    /// Chooses the sources by their labels instead of by their names.
    package var sourceLabels: LabelSelector?
    package var labels: [String: String] = [:]
    /// A jq predicate over the webhook's body; nil means all.
    package var filter: ExpressionText?
    /// What deliveries look like and what signs them.
    package var wire: WireSpec
    /// Sent with each POST besides the webhook's own.
    package var headers: [NamedTemplate]
    /// Of one attempt, from its start to the last byte of the reply.
    package var timeout: Duration
    /// The waits before the second attempt and those after it; nil for the standard ones.
    package var retries: [Duration]?
    package var queue = QueueSpec()
    /// Whether each POST carries the trace of its event.
    package var isTraced = true
    package var access: AccessSpec
    package var place: Place

    package init(
        name: SubscriptionName, url: Template, urlPlace: Place, events: [EventPattern],
        sources: [LocatedText]? = nil, filter: ExpressionText? = nil, wire: WireSpec,
        headers: [NamedTemplate] = [], timeout: Duration = .seconds(20),
        retries: [Duration]? = nil, access: AccessSpec = AccessSpec(), place: Place
    ) {
        self.name = name
        self.url = url
        self.urlPlace = urlPlace
        self.events = events
        self.sources = sources
        self.filter = filter
        self.wire = wire
        self.headers = headers
        self.timeout = timeout
        self.retries = retries
        self.access = access
        self.place = place
    }
}
