import PullcordCommit
import PullcordEngine
import PullcordJSON
import PullcordModel

/// A source as it is told of: the configuration and the store together.
struct SourceView {
    let name: String
    let definition: Catalogue.Source?
    let origin: String
    let labels: [String: String]
    let streams: [StreamState]
    let pausedSince: Timestamp?
    /// Since when each of its streams is stalled that is.
    let stalled: [StreamAddress: Timestamp]
    /// Changes in each of the last hours, the oldest first.
    let changes: [Int]

    var state: SourceState {
        if definition == nil { return .removed }
        if pausedSince != nil { return .paused }
        if streams.contains(where: \.isQuarantined) { return .quarantined }
        if !stalled.isEmpty { return .stalled }
        if streams.contains(where: { $0.failures > 0 }) { return .failing }
        return streams.contains { $0.lastPoll != nil } ? .healthy : .neverPolled
    }

    /// One of them, without looking at the others; nil if neither knows it.
    static func one(_ name: String, _ desk: APIDesk) async throws -> SourceView? {
        let streams = try await desk.store.streams(of: SourceName(name))
            .filter { !$0.address.isInternal }
        let definition = desk.catalogue.snapshot.sources[name]
        guard definition != nil || !streams.isEmpty else { return nil }
        let found = try await desk.definitions?.definition(.source, name)
        let made = found.flatMap { $0.origin == .api ? $0 : nil }
        let activity = try await desk.activity.read(desk.store, now: desk.time.wall())
        let stalled = StalledMark.read(try await desk.store.streams(of: .pullcord))
        return SourceView(
            name: name, definition: definition,
            origin: made != nil ? "api" : definition == nil ? "none" : "file",
            labels: made?.labels ?? definition?.labels ?? [:], streams: streams,
            pausedSince: try await desk.paused()[name],
            stalled: stalled.filter { $0.key.source.text == name },
            changes: activity.changes(of: name))
    }

    static func all(_ desk: APIDesk) async throws -> [String: SourceView] {
        var streams: [String: [StreamState]] = [:]
        let states = try await desk.store.streams()
        let stalled = Dictionary(grouping: StalledMark.read(states)) { $0.key.source.text }
        for state in states where !state.address.isInternal {
            streams[state.address.source.text, default: []].append(state)
        }
        let known = desk.catalogue.snapshot.sources
        let paused = try await desk.paused()
        let made = try await desk.made(.source)
        let activity = try await desk.activity.read(desk.store, now: desk.time.wall())
        var views: [String: SourceView] = [:]
        for name in Set(streams.keys).union(known.keys) {
            views[name] = SourceView(
                name: name, definition: known[name],
                origin: made[name] != nil ? "api" : known[name] == nil ? "none" : "file",
                labels: made[name]?.labels ?? known[name]?.labels ?? [:],
                streams: (streams[name] ?? []).sorted { $0.address < $1.address },
                pausedSince: paused[name],
                stalled: Dictionary(uniqueKeysWithValues: (stalled[name] ?? []).map { ($0, $1) }),
                changes: activity.changes(of: name))
        }
        return views
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
