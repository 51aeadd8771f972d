/// Decides at the end of each pass over a whole list what becomes of the poll.
///
/// A record counts as gone only if two looks at the list have missed it; what was only counted
/// is read again before it is committed. A poll has at most three passes.
package struct ScanGuard: Sendable {
    /// What is not believed, with how many records of how many known.
    package enum Refusal: Sendable, Equatable {
        case massDelete(Int, of: Int)
        case massChange(Int, of: Int)
        /// The list is empty where so many were known.
        case emptyList(Int)
    }

    package enum Step: Sendable, Equatable {
        /// The list is read once more.
        case readAgain
        /// The list is believed, and nothing is gone.
        case done
        /// The list is believed: what no look has seen is gone.
        case delete
        case refuse(Refusal)
    }

    /// What becomes of the changes that are held in memory.
    package enum Held: Sendable, Equatable { case commit, drop }

    private var changes: ChangeGuard
    private let deletes: DeleteGuard
    private let live: Int
    /// How many records were known when a mass delete was first found: what has come since makes
    /// the share of what is gone no smaller.
    private let base: Int
    /// Whether deletes are judged at all: at a first poll there is nothing to compare with.
    private let judgesDeletes: Bool
    /// Whether an empty list is nothing unusual.
    private let mayBeEmpty: Bool
    private var looks = 0
    private static let passesMax = 3

    /// `changes` is nil where every change is believed.
    package init(
        live: Int, base: Int? = nil, changes: ChangeGuard?, deletes: DeleteGuard,
        mayBeEmpty: Bool = false, judgesDeletes: Bool
    ) {
        self.mayBeEmpty = mayBeEmpty
        self.live = live
        self.base = min(base ?? live, live)
        self.deletes = deletes
        self.judgesDeletes = judgesDeletes
        if let changes {
            self.changes = changes
        } else {
            self.changes = ChangeGuard(live: 0, heldMax: 0, heldBytesMax: 0)
            self.changes.stop()
        }
    }

    package mutating func take(_ page: ChangeGuard.Tally) -> ChangeGuard.Action {
        changes.take(page)
    }

    /// What becomes of held changes when a poll fails before the end of the list.
    package var heldAtFailure: Held { changes.isLight ? .commit : .drop }

    /// Judges a pass that read the whole list.
    ///
    /// - Parameters:
    ///   - seenLive: How many of the known records any pass has seen.
    ///   - records: How many records this pass has read.
    ///   - accepts: Whether somebody has said that such a finding is true.
    /// - Returns: What to do, and before it what becomes of the changes that are held.
    package mutating func endPass(
        seenLive: Int, records: Int, accepts: (Refusal) -> Bool
    ) -> (step: Step, held: Held) {
        looks += 1
        if changes.isCounting, looks >= Self.passesMax {
            let (count, known) = changes.counted
            return (.refuse(.massChange(count, of: known)), .drop)
        }
        if case .suspicious(let count, let known) = changes.judge() {
            let refusal = Refusal.massChange(count, of: known)
            guard accepts(refusal) else { return (.refuse(refusal), .drop) }
            guard !changes.isCounting else { return confirm() }
        }
        let isLight = changes.isLight
        if let refusal = refusal(seenLive: seenLive, records: records), !accepts(refusal) {
            let held: Held = isLight ? .commit : .drop
            guard looks < 2 else { return (.refuse(refusal), held) }
            changes.readAgain(countingOnly: !isLight)
            return (.readAgain, held)
        }
        if changes.isCounting { return confirm() }
        guard live > seenLive else { return (.done, .commit) }
        guard looks < 2 else { return (.delete, .commit) }
        changes.readAgain(countingOnly: false)
        return (.readAgain, .commit)
    }

    private mutating func confirm() -> (step: Step, held: Held) {
        changes.confirm()
        return (.readAgain, .commit)
    }

    private func refusal(seenLive: Int, records: Int) -> Refusal? {
        guard judgesDeletes, live > seenLive else { return nil }
        if deletes.maxShare < 1,
            case .suspicious(let count, let known) = deletes.judge(
                live: base, seenLive: base - (live - seenLive))
        {
            return .massDelete(count, of: known)
        }
        return records == 0 && !mayBeEmpty ? .emptyList(live) : nil
    }
}
