package import PullcordCommit
package import PullcordModel
import Synchronization

/// Knows of each stream when a poll last ended well, and which have been silent for too long.
///
/// A stream counts as stalled when for longer than its bound no poll has ended well since one was
/// due. The time that nothing ran, or that a person had paused the source, does not count.
package final class SourceWatch: Sendable {
    /// Between two looks.
    static let look: Duration = .seconds(5)
    /// Between two looks, so much more means that nothing ran.
    private static let gapMax: Duration = .seconds(60)
    /// The bound where the source names none: so many intervals, and never less than this.
    static let intervals = 10
    static let boundDefault: Duration = .seconds(3600)

    /// How one stream fares.
    package struct Sight: Sendable {
        package let address: StreamAddress
        /// When the last poll that ended well began.
        package var lastSuccess: Timestamp?
        /// Whether the last poll ended well; nil before the first.
        package var isUp: Bool?
        package var isStalled = false
        var bound: Duration
        /// From when on a success is waited for.
        var awaited: Timestamp
        /// Failures since the last success, and the words of the last one.
        var failures = 0
        var reason = ""
        /// When it was taken up, until a poll has ended: what failed before may be well by now.
        var grace: Timestamp?

        func isSilent(now: Timestamp) -> Bool {
            now - awaited > bound && grace.map { now - $0 > bound } ?? true
        }

        /// One that fails goes on failing.
        fileprivate mutating func postpone(until time: Timestamp) {
            if failures == 0 { awaited = max(awaited, time) }
        }
    }

    /// What has to be told of one stream.
    struct News: Sendable {
        let sight: Sight
        let isStalled: Bool
        /// Since when no poll has ended well, or had not.
        let since: Timestamp
    }

    private struct State {
        var sights: [StreamID: Sight] = [:]
        /// Since when each stream counts as stalled, as it is stored.
        var stalled: [StreamAddress: Timestamp]
        var lastLook: Timestamp?

        mutating func postpone(until time: Timestamp) {
            for id in sights.keys { sights[id]?.postpone(until: time) }
        }
    }

    private let state: Mutex<State>

    /// `marks` are those of the stream of news, where stalled ones are kept.
    package init(marks: [String: String] = [:]) {
        state = Mutex(State(stalled: StalledMark.read(marks)))
    }

    package var sights: [Sight] { state.withLock { Array($0.sights.values) } }

    package var count: Int { state.withLock { $0.sights.count } }

    /// Takes up a stream, or takes over what has changed of it.
    func add(_ stream: LiveStream, _ stored: StreamState?, now: Timestamp) {
        state.withLock { state in
            if state.sights[stream.id] != nil {
                state.sights[stream.id]?.bound = stream.stalledAfter
                // It may be due at other times from now on.
                state.sights[stream.id]?.postpone(until: stream.nextPoll(after: now))
                return
            }
            let isHeld = stored?.lastPoll?.isHeld ?? false
            let failures = isHeld ? 0 : stored?.failures ?? 0
            // One that failed before the process began goes on failing; for one that was well,
            // the time that nothing ran does not count.
            let planned = max(stored?.nextPoll ?? now, now)
            let awaited =
                failures > 0 ? stored?.lastSuccess ?? stored?.lastPoll?.started ?? now : planned
            state.sights[stream.id] = Sight(
                address: stream.address, lastSuccess: stored?.lastSuccess,
                isUp: stored?.lastPoll == nil ? nil : failures == 0,
                isStalled: state.stalled[stream.address] != nil, bound: stream.stalledAfter,
                awaited: awaited, failures: failures, reason: stored?.lastPoll?.reason ?? "",
                grace: now)
        }
    }

    func remove(_ stream: StreamID) { state.withLock { $0.sights[stream] = nil } }

    /// A poll has ended; `next` is when the next one is due.
    func ended(_ stream: StreamID, _ report: PollReport, isAlive: Bool, next: Timestamp) {
        state.withLock { state in
            guard var sight = state.sights[stream] else { return }
            sight.isUp = report.reason.isEmpty
            sight.reason = report.reason
            sight.grace = nil
            if isAlive {
                sight.lastSuccess = report.started
                sight.awaited = next
                sight.failures = 0
            } else {
                sight.failures += 1
            }
            state.sights[stream] = sight
        }
    }

    /// Begins to wait anew for the streams of a source, which was paused until now.
    func resumed(_ source: SourceName, now: Timestamp) {
        state.withLock { state in
            for (id, sight) in state.sights where sight.address.source == source {
                state.sights[id]?.awaited = max(sight.awaited, now)
            }
        }
    }

    /// Nothing can be polled at this moment, for reasons that are not the streams'.
    func postpone(until now: Timestamp) { state.withLock { $0.postpone(until: now) } }

    /// At most so many pieces of news; `forgotten` are streams that nobody polls any more.
    func look(
        now: Timestamp, paused: Set<SourceName>, limit: Int
    ) -> (news: [News], forgotten: [StreamAddress]) {
        state.withLock { state in
            // The machine slept, or its clock was set: what is due is polled first.
            if let last = state.lastLook, now - last > Self.gapMax { state.postpone(until: now) }
            state.lastLook = now
            var news: [News] = []
            for sight in state.sights.values where news.count < limit {
                let since = state.stalled[sight.address]
                if let since {
                    guard sight.lastSuccess ?? since > since, sight.failures == 0 else { continue }
                    news.append(News(sight: sight, isStalled: false, since: since))
                } else if !paused.contains(sight.address.source),
                    sight.isSilent(now: now)
                {
                    news.append(
                        News(
                            sight: sight, isStalled: true,
                            since: sight.lastSuccess ?? sight.awaited))
                }
            }
            guard state.stalled.count > 0 else { return (news, []) }
            let known = Set(state.sights.values.map(\.address))
            return (news, state.stalled.keys.filter { !known.contains($0) })
        }
    }

    /// The news is told and stored.
    func told(_ news: [News], forgotten: [StreamAddress]) {
        state.withLock { state in
            for address in forgotten { state.stalled[address] = nil }
            var stalled: [StreamAddress: Bool] = [:]
            for item in news {
                let address = item.sight.address
                state.stalled[address] = item.isStalled ? item.since : nil
                stalled[address] = item.isStalled
            }
            for (id, sight) in state.sights {
                if let isStalled = stalled[sight.address] {
                    state.sights[id]?.isStalled = isStalled
                }
            }
        }
    }
}

/// Which streams are stalled, as marks of the stream of Pullcord's own news keep it.
package enum StalledMark {
    private static let prefix = "stalled "

    static func name(_ address: StreamAddress) -> String { prefix + address.description }

    /// Since when each stream is stalled.
    package static func read(_ marks: [String: String]) -> [StreamAddress: Timestamp] {
        var stalled: [StreamAddress: Timestamp] = [:]
        for (name, value) in marks where name.hasPrefix(prefix) {
            let parts = name.dropFirst(prefix.count).split(separator: "/")
            guard parts.count == 2, let milliseconds = Int64(value) else { continue }
            let address = StreamAddress(
                source: SourceName(String(parts[0])), stream: StreamName(String(parts[1])))
            stalled[address] = Timestamp(milliseconds: milliseconds)
        }
        return stalled
    }

    /// The same out of the states of all streams.
    package static func read(_ states: [StreamState]) -> [StreamAddress: Timestamp] {
        read(states.first { $0.address == .sourceHealth }?.marks ?? [:])
    }
}
