import PullcordAdapter
import PullcordCommit
package import PullcordDetect
import PullcordModel
package import PullcordPoll

/// A list of deletes that is polled with its stream.
package struct DeletionList: Sendable {
    package let poll: PollPlan
    package let reader: PageReader
    /// Whether the last of the page's fields says how far the answer reaches.
    package let hasCovered: Bool

    package init(poll: PollPlan, reader: PageReader, hasCovered: Bool) {
        self.poll = poll
        self.reader = reader
        self.hasCovered = hasCovered
    }

    var cursor: CursorSpec? { poll.stream.cursor }
}

/// How far a list of deletes was read, and what its lines may no longer say.
///
/// A line may come late, or again because polls overlap, when its record has been made anew: it
/// counts only if it is not older than what was last seen of the record.
struct DeletionProgress: Sendable {
    /// Where this poll of the list begins; nil for its start.
    private(set) var start: CursorValue?
    /// Whether there is something to ask for: what was deleted before a stream was first polled
    /// is known to nobody.
    let asks: Bool
    /// Whether pages were left out: their lines are asked for again by the next poll.
    var isPartial = false
    private var floor: Int64?
    private var recent: RecentRecords
    private var greatest: CursorValue?
    private var covered: CursorValue?
    private let isTimed: Bool
    private let started: Timestamp
    private let spec: CursorSpec?
    /// How many milliseconds the time of a line stands for.
    private let unit: Int64
    /// A line this old may tell of a delete that no list has shown yet: clocks differ, and a list
    /// may lag.
    private let margin: Duration
    private let isFirst: Bool

    init?(_ stream: LiveStream, _ state: StreamState, started: Timestamp) {
        guard let list = stream.deletions else { return nil }
        spec = list.cursor
        self.started = started
        let format = spec.flatMap { $0.format.isTime ? $0.format : nil }
        unit = format?.read.unit ?? 1
        margin = max(
            .seconds(60), spec?.settle ?? .zero,
            format == nil ? .zero : .milliseconds(spec?.overlap ?? 0))
        isFirst = !state.hasBaseline
        isTimed = stream.poll.stream.cursor?.format.isTime ?? false
        recent = RecentRecords(state.marks[StreamMark.recentRecords])
        floor = state.marks[StreamMark.deletionsFloor].flatMap { Int64($0) }
        let stored = state.marks[StreamMark.deletions]
        start = list.cursor.flatMap { spec in
            stored.flatMap { CursorValue(stored: $0, format: spec.format) }
        }
        // A list with a time as cursor begins when the stream does.
        let begins = stored == nil && (floor == nil || !state.hasBaseline)
        asks = state.hasBaseline && !begins
    }

    /// Takes note of a record that the stream's own list has shown to be there.
    mutating func note(_ key: RecordKey, at position: Int64?) {
        guard isTimed, let position else { return }
        // At first everything is new: only what lines may still speak of is noted.
        guard !isFirst || position >= newFloor else { return }
        recent.note(key, at: position)
    }

    /// The recent records as they are kept; nil if nothing has changed.
    mutating func takeNotes() -> String? { recent.takeText() }

    /// Where the floor is once the stream's whole list was read.
    private var newFloor: Int64 { (started - margin).milliseconds }

    /// Whether a line is older than what is known of its record.
    ///
    /// A line that tells only the day, or the second, counts as of its end.
    func isStale(_ key: RecordKey, deletedAt stated: Int64?) -> Bool {
        guard let stated else { return false }
        let precision = max(unit, stated.isMultiple(of: 1000) ? 1000 : 1)
        let (end, overflow) = stated.addingReportingOverflow(precision - 1)
        let moment = overflow ? .max : end
        if let floor, moment < floor { return true }
        return recent.position(of: key).map { moment < $0 } ?? false
    }

    mutating func move(along page: Page, covered text: String?) {
        if let span = page.cursors {
            greatest = max(greatest ?? span.greatest, span.greatest)
        }
        guard let spec, let text, let value = CursorValue(text, format: spec.format) else { return }
        covered = max(covered ?? value, value)
    }

    /// What is to be remembered once the list was read to its end.
    ///
    /// `isWhole` tells that the stream's whole list was read as well: nothing older concerns it.
    mutating func marks(isWhole: Bool) -> [String: String] {
        var marks: [String: String] = [:]
        if isWhole || !asks, isTimed || floor == nil {
            floor = max(floor ?? .min, newFloor)
            marks[StreamMark.deletionsFloor] = floor.map { String($0) }
        }
        if let end, end != start { marks[StreamMark.deletions] = end.stored }
        if let floor, isTimed { recent.forget(before: floor) }
        if let text = recent.takeText() { marks[StreamMark.recentRecords] = text }
        return marks
    }

    /// Where the next poll of the list begins: never before this one, never after its start.
    private var end: CursorValue? {
        guard let spec else { return nil }
        guard asks else {
            // What the file says comes first; a number cannot be guessed.
            guard spec.initial == nil || spec.beginsWithPoll, spec.format.isTime else { return nil }
            return CursorValue(
                format: spec.format, position: (started - spec.settle).milliseconds)
        }
        guard let found = covered ?? greatest else { return start }
        let horizon =
            spec.format.isTime
            ? CursorValue(
                format: spec.format,
                position: (covered == nil ? started - spec.settle : started).milliseconds)
            : found
        let bounded = min(found, horizon)
        return max(start ?? bounded, bounded)
    }
}

/// When records were last seen to change, of the latest that did.
struct RecentRecords: Sendable {
    private var positions: [String: Int64] = [:]
    private var isChanged = false

    /// Reads what ``takeText()`` wrote.
    init(_ text: String?) {
        for line in (text ?? "").split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let position = Int64(parts[0]) else { continue }
            positions[String(parts[1])] = position
        }
    }

    mutating func note(_ key: RecordKey, at position: Int64) {
        let name = PercentEncoding.encode(key.text)
        guard position > positions[name] ?? .min else { return }
        positions[name] = position
        isChanged = true
        if positions.count > Limits.recentRecordsMax * 2 { keepLatest() }
    }

    func position(of key: RecordKey) -> Int64? { positions[PercentEncoding.encode(key.text)] }

    mutating func forget(before floor: Int64) {
        let kept = positions.filter { $0.value >= floor }
        if kept.count < positions.count { isChanged = true }
        positions = kept
    }

    /// All of it as text; nil if it is what was read.
    mutating func takeText() -> String? {
        guard isChanged else { return nil }
        keepLatest()
        isChanged = false
        return positions.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
            .map { "\($0.value) \($0.key)" }.joined(separator: "\n")
    }

    private mutating func keepLatest() {
        guard positions.count > Limits.recentRecordsMax else { return }
        let latest = positions.sorted { ($0.value, $0.key) > ($1.value, $1.key) }
        positions = Dictionary(
            uniqueKeysWithValues: latest.prefix(Limits.recentRecordsMax).map { ($0.key, $0.value) })
    }
}
