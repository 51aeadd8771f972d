import PullcordCommit
import PullcordEngine
import PullcordJSON
import PullcordModel

/// A source as it is told of: the configuration and the store together.
struct SourceView {
    let name: String
    let state: SourceState
    /// What runs; nil for one that nobody names, or that was set aside.
    let definition: Catalogue.Source?
    /// What the API made and what is wrong with it; nil if nothing is.
    let setAside: Definition?
    let labels: [String: String]
    let streams: [StreamState]
    let pausedSince: Timestamp?
    /// Since when each of its streams is stalled that is.
    let stalled: [StreamAddress: Timestamp]
    /// Changes in each of the last hours, the oldest first.
    let changes: [Int]

    /// Whether the file or the store names it.
    var isKnown: Bool { definition != nil || setAside != nil }

    /// Who named it.
    var origin: String {
        setAside != nil ? DefinitionOrigin.api.rawValue : definition?.origin.rawValue ?? "none"
    }
}

extension JSONWriter {
    mutating func source(_ source: SourceView) {
        beginObject()
        member("name", source.name)
        member("adapter", source.definition?.adapter)
        key("adapter_version")
        if let version = source.definition?.adapterVersion { number(version) } else { null() }
        member("schedule", source.definition?.schedule)
        member("origin", source.origin)
        labels(source.labels)
        member("state", source.state.rawValue)
        member("set_aside", source.setAside?.complaint)
        member("paused_since", source.pausedSince)
        member("records", source.streams.reduce(0) { $0 + $1.liveCount })
        member("last_change", source.streams.compactMap(\.lastChange).max())
        member("next_poll", source.streams.compactMap(\.nextPoll).min())
        numbers("changes_per_hour", source.changes)
        key("streams")
        beginArray()
        for stream in source.streams {
            self.stream(stream, stalled: source.stalled[stream.address])
        }
        endArray()
        endObject()
    }

    mutating func numbers(_ key: String, _ numbers: [Int]) {
        self.key(key)
        beginArray()
        for number in numbers { self.number(number) }
        endArray()
    }

    mutating func labels(_ labels: [String: String]) {
        key("labels")
        beginObject()
        for (name, value) in labels.sorted(by: { $0.key < $1.key }) { member(name, value) }
        endObject()
    }
}

extension Definition {
    /// What is wrong with one that was set aside; nil if nothing is.
    var complaint: String? { complaints.first(where: \.isError)?.description }
}
