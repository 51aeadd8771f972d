import PullcordCommit
import PullcordDetect
import PullcordModel
import PullcordPoll
import Synchronization

/// Takes a few of the changed records of a poll as a sample of how records look.
///
/// A poll that finds nothing new looks at none.
struct ShapeSample {
    /// Records of the first page, of each later one, and of all.
    private static let ofFirstPage = 24
    private static let perPage = 8
    private static let perPoll = 32

    private(set) var shape = RecordShape()
    private var taken = 0

    /// Looks at some of the records that a page has brought, spread over all of them.
    mutating func take(_ found: PageChanges) {
        let share = taken == 0 ? Self.ofFirstPage : Self.perPage
        let wanted = min(share, Self.perPoll - taken, found.changes.count)
        guard wanted > 0 else { return }
        let step = found.changes.count / wanted
        for index in 0..<wanted {
            guard let record = found.changes[index * step].record else { continue }
            shape.learn(record)
            taken += 1
        }
    }
}

/// Gathers samples until there are enough to compare with what is known of a stream's records.
///
/// What is gathered is lost with the process, which only means that it takes longer to notice.
package final class ShapeWatch: Sendable {
    /// Streams whose samples wait to be enough.
    private static let streamsMax = 512

    private let windows = Mutex<[StreamID: RecordShape]>([:])

    package init() {}

    func add(_ shape: RecordShape, of stream: StreamID) {
        guard shape.records > 0 else { return }
        windows.withLock { windows in
            if windows[stream] == nil, windows.count >= Self.streamsMax,
                let other = windows.keys.first
            {
                windows[other] = nil
            }
            windows[stream, default: RecordShape()].take(shape, told: [])
        }
    }

    /// What was gathered, if it is enough; it is gathered anew from then on.
    private func window(of stream: StreamID) -> RecordShape? {
        windows.withLock { windows in
            guard windows[stream]?.isKnown == true else { return nil }
            return windows.removeValue(forKey: stream)
        }
    }

    /// Compares what was gathered with what is known, once there is enough of it: what is to be
    /// written with the end of the poll, and what is to be told.
    func judge(
        _ stream: LiveStream, _ state: StreamState, now: Timestamp
    ) -> (marks: [String: String], news: HealthNews?) {
        guard let window = window(of: stream.id) else { return ([:], nil) }
        let rules = stream.poll.rules
        let stored = state.marks[StreamMark.shape]
        var known = stored.flatMap { RecordShape(stored: $0, rules: rules) } ?? RecordShape()
        let changes = known.changes(to: window)
        known.take(window, told: changes)
        let text = known.stored(rules)
        var marks = text == stored ? [:] : [StreamMark.shape: text]
        guard !changes.isEmpty else { return (marks, nil) }
        marks[StreamMark.schemaChanged] =
            SchemaMark(time: now, text: ShapeChange.words(changes)).stored
        return (marks, .schemaChanged(stream.address, changes, sampled: window.records))
    }
}
