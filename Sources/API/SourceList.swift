import PullcordCommit
import PullcordEngine
import PullcordModel

/// Looks at sources a page at a time: the store tells in short how they fare, and only those that
/// are shown are read in full.
struct SourceList {
    /// Sources that are read in short at a time.
    private static let step = 1000

    /// Which sources are wanted.
    struct Choice {
        /// Only names behind this one.
        var after: SourceName?
        var search: String?
        var labels: LabelSelector?
        var state: SourceState?
        var limit: Int
    }

    private let desk: APIDesk
    private let known: [String: Catalogue.Source]
    /// Those that the API made and that were set aside, because something is wrong with them.
    private let broken: [String: Definition]
    /// Since when each stream is stalled that is, by source.
    private let stalled: [SourceName: [StreamAddress: Timestamp]]

    init(_ desk: APIDesk) async throws {
        self.desk = desk
        known = desk.catalogue.snapshot.sources
        broken = try await desk.broken(.source)
        let marks = StalledMark.read(try await desk.store.streams(of: .pullcord))
        stalled = Dictionary(grouping: marks) { $0.key.source }
            .mapValues { Dictionary(uniqueKeysWithValues: $0.map { ($0.key, $0.value) }) }
    }

    /// The sources of a page, and whether more follow.
    func page(_ choice: Choice) async throws -> (items: [SourceView], hasMore: Bool) {
        var names: [SourceName] = []
        try await walk(after: choice.after, search: choice.search) { summary in
            let name = summary.name.text
            guard choice.state.map({ $0 == state(of: summary) }) ?? true,
                choice.labels.map({ $0.matches(labels(of: name)) }) ?? true
            else { return true }
            names.append(summary.name)
            return names.count <= choice.limit
        }
        let paused = try await desk.paused()
        let activity = try await desk.activity.read(desk.store, now: desk.time.wall())
        var items: [SourceView] = []
        for name in names.prefix(choice.limit) {
            items.append(try await view(name.text, paused[name.text], activity))
        }
        return (items, names.count > choice.limit)
    }

    /// One of them, without looking at the others; nil if nobody knows it.
    func one(_ name: String) async throws -> SourceView? {
        guard name != SourceName.pullcord.text else { return nil }
        let activity = try await desk.activity.read(desk.store, now: desk.time.wall())
        let view = try await view(name, try await desk.paused()[name], activity)
        return view.isKnown || !view.streams.isEmpty ? view : nil
    }

    /// How many are in each state, and how many streams they have together.
    func tally() async throws -> (states: [SourceState: Int], streams: Int) {
        var states: [SourceState: Int] = [:]
        var streams = 0
        try await walk(after: nil, search: nil) { summary in
            states[state(of: summary), default: 0] += 1
            streams += summary.streams
            return true
        }
        return (states, streams)
    }

    /// Goes through the sources in short, by name, until `visit` says that it is enough.
    private func walk(
        after start: SourceName?, search: String?, _ visit: (SourceSummary) -> Bool
    ) async throws {
        var place = start
        while true {
            let found = try await desk.store.sources(
                SourceQuery(after: place, search: search, limit: Self.step))
            let end = found.count < Self.step ? nil : found.last?.name
            let all = (found + unseen(found, after: place, upTo: end, search))
                .sorted { $0.name < $1.name }
            for summary in all where !visit(summary) { return }
            guard let end else { return }
            place = end
        }
    }

    /// Those that were set aside before the store heard of a stream of theirs.
    private func unseen(
        _ found: [SourceSummary], after place: SourceName?, upTo end: SourceName?,
        _ search: String?
    ) -> [SourceSummary] {
        guard !broken.isEmpty else { return [] }
        let seen = Set(found.map(\.name))
        return broken.keys.map { SourceName($0) }.filter { name in
            !seen.contains(name) && place.map { name > $0 } ?? true && end.map { name < $0 } ?? true
                && search.map { name.text.lowercased().contains($0.lowercased()) } ?? true
        }.map {
            SourceSummary(
                name: $0, streams: 0, isFailing: false, isPolled: false, isQuarantined: false,
                pausedSince: nil)
        }
    }

    private func labels(of name: String) -> [String: String] {
        known[name]?.labels ?? broken[name]?.labels ?? [:]
    }

    private func state(of summary: SourceSummary) -> SourceState {
        let name = summary.name.text
        guard known[name] != nil else { return broken[name] == nil ? .removed : .setAside }
        if summary.pausedSince != nil { return .paused }
        if summary.isQuarantined { return .quarantined }
        if stalled[summary.name] != nil { return .stalled }
        if summary.isFailing { return .failing }
        return summary.isPolled ? .healthy : .neverPolled
    }

    private func view(
        _ name: String, _ pausedSince: Timestamp?, _ activity: ActivityTally.Activity
    ) async throws -> SourceView {
        let source = SourceName(name)
        let streams = try await desk.store.streams(of: source)
        let summary = SourceSummary(
            name: source, streams: streams.count,
            isFailing: streams.contains { $0.failures > 0 },
            isPolled: streams.contains { $0.lastPoll != nil },
            isQuarantined: streams.contains(where: \.isQuarantined), pausedSince: pausedSince)
        return SourceView(
            name: name, state: state(of: summary), definition: known[name],
            setAside: broken[name], labels: labels(of: name), streams: streams,
            pausedSince: pausedSince, stalled: stalled[source] ?? [:],
            changes: activity.changes(of: name))
    }
}
