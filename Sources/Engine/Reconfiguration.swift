import PullcordAdapter
package import PullcordConfig

/// What a change of the configuration came to, by name.
package struct ReloadSummary: Sendable, Equatable {
    /// The names of one kind of things, each sorted, and each in one list.
    package struct Names: Sendable, Equatable {
        package var added: [String]
        package var changed: [String]
        package var removed: [String]
        package var unchanged: [String]

        package init(
            added: [String] = [], changed: [String] = [], removed: [String] = [],
            unchanged: [String] = []
        ) {
            self.added = added
            self.changed = changed
            self.removed = removed
            self.unchanged = unchanged
        }

        /// How many names are told of each kind.
        private static let toldMax = 10

        fileprivate var text: String {
            let kinds = [("added", added), ("changed", changed), ("removed", removed)]
            var parts = kinds.filter { !$0.1.isEmpty }.map { kind, names in
                let more = names.count > Self.toldMax ? ", …" : ""
                let told = names.prefix(Self.toldMax).joined(separator: ", ")
                return "\(names.count) \(kind) (\(told)\(more))"
            }
            if !unchanged.isEmpty { parts.append("\(unchanged.count) unchanged") }
            return parts.isEmpty ? "none" : parts.joined(separator: ", ")
        }

        /// Whether everything is as it was.
        package var isQuiet: Bool { added.isEmpty && changed.isEmpty && removed.isEmpty }
    }

    package var sources: Names
    package var subscriptions: Names
    /// What stands in the file and does not count before the next start, as in `api.listen`.
    package var atNextStart: [String]

    package init(
        sources: Names = Names(), subscriptions: Names = Names(), atNextStart: [String] = []
    ) {
        self.sources = sources
        self.subscriptions = subscriptions
        self.atNextStart = atNextStart
    }

    package var isQuiet: Bool { sources.isQuiet && subscriptions.isQuiet }

    /// In words for the one who asked, as in `sources: 1 changed (shop), 3 unchanged`.
    package var text: String {
        let changes =
            isQuiet
            ? "nothing has changed"
            : "sources: \(sources.text); subscriptions: \(subscriptions.text)"
        guard !atNextStart.isEmpty else { return changes }
        return changes + "; not before a restart: \(atNextStart.joined(separator: ", "))"
    }
}

extension Configuration {
    /// The keys of the file by which a process that has begun with this configuration goes as
    /// long as it runs, and that `other` has otherwise.
    func fixed(otherThan other: Configuration) -> [String] {
        guard let mine = api?.spec, let theirs = other.api?.spec else {
            return (api == nil) == (other.api == nil) ? [] : ["api"]
        }
        let all = [
            ("api.listen", mine.listen == theirs.listen), ("api.tls", mine.tls == theirs.tls),
            ("api.max_body", mine.bodyMax == theirs.bodyMax),
        ]
        return all.filter { !$0.1 }.map(\.0)
    }
}

/// Something that runs by a configuration and can be given another one.
package protocol Reconfigurable: Sendable {
    /// Puts a configuration to work in place of the one that runs; all or nothing.
    ///
    /// Sources and subscriptions that are the same in both do not notice. Throws ``Problem`` to
    /// refuse, and ``StoreError`` if the store cannot take it; then the old one runs on.
    @discardableResult
    func apply(_ configuration: Configuration) async throws -> ReloadSummary
}

/// Reads the configuration anew, and throws ``Problem`` with every complaint if it is wrong.
package typealias ConfigurationSource = @Sendable () async throws -> Configuration
