/// Decides page by page whether what has changed in a whole list may be believed before the
/// list's end is known.
///
/// Pages of which nearly all known records have changed, and lists that begin with records that
/// nobody knows, are held back: in memory as long as they are few, else they are only counted,
/// and the list is read once more if it turns out to be true.
package struct ChangeGuard: Sendable, Equatable {
    /// What one page differs from what is stored.
    package struct Tally: Sendable, Equatable {
        /// Records that are stored and not deleted.
        package var known: Int
        /// Those of them that differ.
        package var updated: Int
        /// Records that are not stored, or deleted.
        package var created: Int
        /// Of all records that differ.
        package var bytes: Int

        package init(known: Int = 0, updated: Int = 0, created: Int = 0, bytes: Int = 0) {
            self.known = known
            self.updated = updated
            self.created = created
            self.bytes = bytes
        }

        package var changes: Int { updated + created }

        fileprivate mutating func add(_ other: Tally) {
            known += other.known
            updated += other.updated
            created += other.created
            bytes += other.bytes
        }
    }

    package enum Action: Sendable, Equatable {
        /// The page is believed, and so is what was held before it.
        case commit
        /// The page waits in memory.
        case hold
        /// The page is counted only, and what was held is let go.
        case count
    }

    package enum Verdict: Sendable, Equatable {
        case believed
        /// So many of the known records differ: somebody must confirm it.
        case suspicious(Int, of: Int)
    }

    private enum Phase: Sendable, Equatable {
        case off
        case reading
        /// With what is held.
        case holding(Tally)
        case counting
        /// What was counted is believed, and little more than that.
        case confirmed(Tally)
    }

    /// The share of the known records that may differ in one scan, 0 to 1; 1 for any.
    package let maxShare: Double
    /// So many differences are never suspicious.
    package let minimum: Int
    /// So few are believed before the end of the list.
    package static let lightMax = 20
    /// The share of a page's known records over which it is held back.
    private static let pageShare = 0.8

    /// So many times the known records of a page may be new before it is held back.
    private static let strangersShare = 4

    private let watchesUpdates: Bool
    private let watchesStrangers: Bool
    private let heldMax: Int
    private let heldBytesMax: Int
    private var phase: Phase
    private var pass = Tally()

    /// Guards a poll of a list of which `live` records are known.
    ///
    /// `deletesMinimum` is how many deletes are believed in any case: a list of no more known
    /// records may be replaced as a whole.
    package init(
        live: Int, maxShare: Double = 0.90, minimum: Int = 25, deletesMinimum: Int = 10,
        heldMax: Int, heldBytesMax: Int
    ) {
        self.maxShare = maxShare
        self.minimum = minimum
        self.heldMax = heldMax
        self.heldBytesMax = heldBytesMax
        watchesUpdates = maxShare < 1 && live > minimum
        watchesStrangers = live > deletesMinimum
        phase = watchesUpdates || watchesStrangers ? .reading : .off
    }

    /// Whether pages are counted that have to be read again before they are committed.
    package var isCounting: Bool { phase == .counting }

    /// Whether so little is held that it is believed whatever becomes of the list.
    package var isLight: Bool {
        switch phase {
        case .off, .reading, .confirmed: true
        case .holding(let held): held.changes < Self.lightMax && pass.known > 0
        case .counting: false
        }
    }

    package mutating func take(_ page: Tally) -> Action {
        pass.add(page)
        switch phase {
        case .off: return .commit
        case .counting: return .count
        case .confirmed(let judged):
            guard !exceeds(judged) else {
                phase = .counting
                return .count
            }
            return .commit
        case .reading:
            return isSuspicious(page) ? hold(page) : .commit
        case .holding(var held):
            held.add(page)
            guard isSuspicious(held) else {
                phase = .reading
                return .commit
            }
            return hold(held)
        }
    }

    private mutating func hold(_ held: Tally) -> Action {
        let fits = held.changes <= heldMax && held.bytes <= heldBytesMax
        phase = fits ? .holding(held) : .counting
        return fits ? .hold : .count
    }

    private func isSuspicious(_ tally: Tally) -> Bool {
        guard tally.known > 0 else {
            return watchesStrangers && pass.known == 0 && tally.created > 0
        }
        // Strangers where the known should be: another list, perhaps.
        if watchesStrangers, tally.created > max(Self.lightMax, tally.known * Self.strangersShare) {
            return true
        }
        let share = min(Self.pageShare, maxShare)
        return watchesUpdates && tally.updated > 0
            && Double(tally.updated) >= share * Double(tally.known)
    }

    /// Judges a pass over the whole list.
    package func judge() -> Verdict {
        switch phase {
        case .off, .confirmed: return .believed
        case .reading, .holding, .counting: break
        }
        guard watchesUpdates, pass.updated > minimum,
            Double(pass.updated) >= maxShare * Double(pass.known)
        else { return .believed }
        return .suspicious(pass.updated, of: pass.known)
    }

    /// Begins another pass; what was held has been committed, or is counted from now on.
    package mutating func readAgain(countingOnly: Bool) {
        defer { pass = Tally() }
        guard phase != .off else { return }
        phase = countingOnly ? .counting : .reading
    }

    /// Begins another pass in which what this one has counted is committed.
    package mutating func confirm() {
        phase = .confirmed(pass)
        pass = Tally()
    }

    /// A list that is another one each time it is read is not what was judged.
    private func exceeds(_ judged: Tally) -> Bool {
        let more = { (now: Int, then: Int) in now > then + then / 10 + Self.lightMax }
        return more(pass.updated, judged.updated) || more(pass.created, judged.created)
    }

    /// What differs in this pass, and how many known records it has.
    package var counted: (changes: Int, known: Int) { (pass.changes, pass.known) }

    /// Believes everything from now on.
    package mutating func stop() { phase = .off }
}
