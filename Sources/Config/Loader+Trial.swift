import PullcordAdapter
package import PullcordModel

/// A value for a parameter, given at the command line.
package enum TrialValue: Sendable, Equatable {
    case literal(String)
    /// The value of a variable of the environment.
    case environment(String)
    /// The text of a file.
    case file(String)

    /// `@env:NAME`, `@file:PATH`, or the text itself; `@@` begins a text with one `@`.
    package init(_ text: String) {
        if text.hasPrefix("@env:") {
            self = .environment(String(text.dropFirst(5)))
        } else if text.hasPrefix("@file:") {
            self = .file(String(text.dropFirst(6)))
        } else {
            self = .literal(text.hasPrefix("@@") ? String(text.dropFirst()) : text)
        }
    }

    fileprivate func template(at place: Place) -> Template {
        switch self {
        case .literal(let text): Template(literal: text, place: place)
        case .environment(let name):
            Template(
                segments: [.placeholder(Placeholder(subject: .environment(name), place: place))],
                place: place)
        case .file(let path):
            Template(
                segments: [.placeholder(Placeholder(subject: .file(path), place: place))],
                place: place)
        }
    }
}

/// What an adapter is tried with.
package struct TrialWish: Sendable {
    /// In the order in which they were given.
    package var values: [(name: String, value: TrialValue)]
    /// nil for all.
    package var streams: [String]?
    /// Entries as in `network.allow`.
    package var allow: [String]

    package init(
        values: [(name: String, value: TrialValue)] = [], streams: [String]? = nil,
        allow: [String] = []
    ) {
        self.values = values
        self.streams = streams
        self.allow = allow
    }
}

extension Loader {
    /// The name of the source that an adapter is tried as.
    package static let trialName = SourceName("try")

    /// An adapter put to work by itself, with values from the command line and without a store.
    ///
    /// Complaints about values stand at `--with NAME`.
    package func trial(
        _ path: String, _ wish: TrialWish, environment: [String: String]
    ) -> Result<Configuration, DiagnosticReport> {
        let collector = Collector(checkers: checkers)
        let adapter = parse(path, collector)
            .flatMap { Inheritance(files: files, collector: collector).resolve($0, path: path) }
            .flatMap { AdapterReader(collector: collector).read($0) }
        guard let adapter, collector.errorCount == 0 else { return .failure(collector.report()) }
        let place = { (option: String) in Place(file: option, line: 1, column: 1) }
        let source = SourceSpec(
            name: Self.trialName, adapter: LocatedText(text: path, place: adapter.place),
            with: wish.values.map { name, value in
                let place = place("--with \(name)")
                return (LocatedText(text: name, place: place), value.template(at: place))
            },
            schedule: ScheduleSpec(.every(.seconds(3600))),
            streams: wish.streams?.map { LocatedText(text: $0, place: place("--stream \($0)")) },
            place: adapter.place)
        for entry in wish.allow {
            guard let complaint = checkers.allowEntries.check(entry) else { continue }
            collector.error(
                "allow_invalid", at: place("--allow \(entry)"), path: "", found: entry, complaint,
                allowed: ["loopback", "private", "10.1.0.0/16", "host", "host:port"])
        }
        let installation = Installation(
            environment: environment, files: files, folder: "", collector: collector, now: now)
        let bound = SourceBinder(installation: installation).bind(source, to: adapter, path: "")
        // What is told of a file does not hold for a command line.
        let report = collector.report().without(code: "secret_in_file")
        guard !report.hasErrors else { return .failure(report) }
        var bridge = BridgeSpec(storePath: "", sources: [source], subscriptions: [], file: path)
        bridge.allowedAddresses = wish.allow.map {
            LocatedText(text: $0, place: place("--allow \($0)"))
        }
        return .success(
            Configuration(
                bridge: bridge, storePath: "/tmp/pullcord-try", sources: [bound],
                subscriptions: [], warnings: report))
    }
}
