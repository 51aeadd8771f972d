import PullcordCommit
import PullcordDetect
import PullcordModel
import PullcordPoll
import Synchronization

/// What is remembered of pages that held nothing new, so that equal bytes are not read again.
///
/// Why skipping is right: reading a page depends on its bytes alone, and a page is remembered
/// only when each record that it holds was stored with the very fingerprint that it has there.
/// What is stored of a record changes by a commit of its own stream only, and whoever commits
/// first names the records here (``forget(_:of:)``), which drops every page that holds one. So
/// equal bytes would be compared with equal fingerprints, and found unchanged. The records of
/// a page that is skipped count as seen, and one that is missing from all pages is found gone.
///
/// It is bounded in bytes, and lives as long as the process; with other rules of comparison a
/// stream's pages are forgotten (``forget(_:)``).
package final class PageMemory: Sendable {
    /// Bytes for all streams together, half of them for pages that were not seen lately.
    package static let bytesMax = 64 << 20

    fileprivate struct Generation {
        var pages: [StreamID: [Fingerprint: RememberedPage]] = [:]
        var bytes = 0
    }

    /// Pages move from old to young when they are seen; when the young are many enough, the old
    /// are dropped and the young are old.
    private struct State {
        var young = Generation()
        var old = Generation()
    }

    private let state = Mutex(State())
    private let bytesMax: Int

    package init(bytesMax: Int = PageMemory.bytesMax) { self.bytesMax = bytesMax }

    /// The page with this hash of its bytes, if it is remembered.
    func page(_ digest: Fingerprint, of stream: StreamID) -> RememberedPage? {
        state.withLock { state in
            if let page = state.young.pages[stream]?[digest] { return page }
            guard let page = state.old.pages[stream]?[digest] else { return nil }
            insert(page, digest, stream, &state)
            return page
        }
    }

    func remember(_ page: RememberedPage, _ digest: Fingerprint, of stream: StreamID) {
        guard page.bytes <= bytesMax / 4 else { return }
        state.withLock { insert(page, digest, stream, &$0) }
    }

    /// Drops the pages that hold one of these records; to be called before a commit of them.
    func forget(_ records: [(key: RecordKey, state: KnownRecord)], of stream: StreamID) {
        guard !records.isEmpty else { return }
        let ordinals = records.map(\.state.ordinal).sorted()
        state.withLock { state in
            state.young.drop(ordinals, of: stream)
            state.old.drop(ordinals, of: stream)
        }
    }

    /// Drops all pages of a stream that is read or compared otherwise from now on.
    func forget(_ stream: StreamID) {
        state.withLock { state in
            state.young.drop(stream)
            state.old.drop(stream)
        }
    }

    private func insert(
        _ page: RememberedPage, _ digest: Fingerprint, _ stream: StreamID, _ state: inout State
    ) {
        if state.young.pages[stream, default: [:]].updateValue(page, forKey: digest) == nil {
            state.young.bytes += page.bytes
        }
        guard state.young.bytes > bytesMax / 2 else { return }
        state.old = state.young
        state.young = Generation()
    }
}

extension PageMemory.Generation {
    fileprivate mutating func drop(_ stream: StreamID) {
        for page in (pages.removeValue(forKey: stream) ?? [:]).values { bytes -= page.bytes }
    }

    fileprivate mutating func drop(_ ordinals: [Int64], of stream: StreamID) {
        guard let known = pages[stream] else { return }
        for (digest, page) in known where page.ordinals.holds(anyOf: ordinals) {
            pages[stream]?[digest] = nil
            bytes -= page.bytes
        }
    }
}

/// All that a poll needs to know of a page that held nothing new.
struct RememberedPage: Sendable {
    let facts: PageFacts
    let cursors: CursorSpan?
    let ordinals: OrdinalSet

    /// About what it takes in memory.
    var bytes: Int {
        let texts = facts.fields + facts.lastFields
        return texts.reduce(256 + ordinals.count * 16) { $0 + 16 + ($1?.utf8.count ?? 0) }
    }
}

/// The ordinals of a page's records as runs: most often they are one.
struct OrdinalSet: Sendable {
    private var runs: [Range<Int64>] = []

    init(_ ordinals: [Int64]) {
        for ordinal in ordinals.sorted() {
            if let last = runs.last, ordinal <= last.upperBound {
                runs[runs.count - 1] = last.lowerBound..<max(last.upperBound, ordinal + 1)
            } else {
                runs.append(ordinal..<ordinal + 1)
            }
        }
    }

    /// How many runs there are.
    var count: Int { runs.count }

    /// How many ordinals there are.
    var total: Int { runs.reduce(0) { $0 + $1.count } }

    func forEach(_ body: (Int64) -> Void) {
        for run in runs { for ordinal in run { body(ordinal) } }
    }

    /// Whether one of the ordinals, which ascend, is in the set.
    func holds(anyOf ordinals: [Int64]) -> Bool {
        guard let first = ordinals.first, let last = ordinals.last,
            let low = runs.first?.lowerBound, let high = runs.last?.upperBound,
            first < high, last >= low
        else { return false }
        return ordinals.contains { holds($0) }
    }

    private func holds(_ ordinal: Int64) -> Bool {
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].upperBound <= ordinal { low = middle + 1 } else { high = middle }
        }
        return low < runs.count && runs[low].contains(ordinal)
    }
}
