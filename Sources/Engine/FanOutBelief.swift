import PullcordCommit
import PullcordModel

/// What is not believed below the parents of a stream, and below which of them: a pure tally.
///
/// A stream has one quarantine, but what was found below one parent says nothing of another. An
/// empty list needs no person, only the next poll: any number of parents may wait for that.
struct FanOutBelief: Sendable {
    /// What was stored before the poll.
    let quarantine: Quarantine?
    /// Below which parent that was found.
    private let holder: String?
    /// The parents whose list was empty when it was last read.
    private let emptyBefore: Set<String>
    private var empty: Set<String>
    /// Whether the poll has found out what has become of the stored finding.
    private var isHolderSettled = false
    private var isHolderUnread = false
    private(set) var finding: Finding?
    private var finder: String?

    init(_ quarantine: Quarantine?, _ state: StreamState) {
        self.quarantine = quarantine
        holder = quarantine == nil ? nil : state.marks[StreamMark.quarantinedParent]
        let text = state.marks[StreamMark.emptyParents] ?? ""
        emptyBefore = Set(text.split(separator: " ").map(String.init))
        empty = emptyBefore
    }

    /// What was not believed below this parent before; nil if all was.
    func quarantine(below parent: RecordKey, of address: StreamAddress, at now: Timestamp)
        -> Quarantine?
    {
        let name = Self.name(parent)
        if let quarantine, name == holder { return quarantine }
        guard emptyBefore.contains(name) else { return nil }
        return Quarantine(
            address: address,
            finding: Finding(reason: .emptyList, message: "", isAnnounced: false),
            since: now, lastSeen: now, polls: 1)
    }

    /// What was not believed of all parents together; nil if all was.
    var quarantineOfWhole: Quarantine? { holder == Self.whole ? quarantine : nil }

    /// Takes what is not believed of all parents together.
    mutating func takeWhole(_ found: Finding) {
        if holder == Self.whole { isHolderSettled = true }
        if finding == nil || holder == Self.whole { (finding, finder) = (found, Self.whole) }
    }

    /// Takes the end of one visit.
    ///
    /// The finding that is stored stays the one that is shown for as long as it is found again.
    mutating func take(_ parent: RecordKey, _ end: RunEnd, _ found: Finding?, isSkipped: Bool) {
        let name = Self.name(parent)
        let isHolder = name == holder
        guard end.problem == nil || isSkipped || found != nil, !end.isFailure || isSkipped else {
            if isHolder { isHolderUnread = true }
            return
        }
        if isHolder { isHolderSettled = true }
        guard let found, !isSkipped else {
            empty.remove(name)
            return
        }
        if found.reason != .emptyList {
            empty.remove(name)
        } else if empty.count < Limits.emptyParentsMax {
            empty.insert(name)
        }
        if finding == nil || isHolder { (finding, finder) = (found, name) }
    }

    /// Whether what is stored is neither found again nor healed; `isExhausted` tells that the
    /// poll has visited everything that was due.
    func isOpen(isExhausted: Bool) -> Bool {
        guard holder != nil else { return false }
        return isHolderUnread || !isHolderSettled && !isExhausted
    }

    /// Whether the poll's finding is about another parent than the one that is stored.
    var isOfAnother: Bool { quarantine != nil && finding != nil && finder != holder }

    /// What is to be remembered of it once `update` is written.
    func marks(_ state: StreamState, _ update: QuarantineUpdate) -> [String: String] {
        var marks: [String: String] = [:]
        let text = empty.sorted().joined(separator: " ")
        if text != state.marks[StreamMark.emptyParents] ?? "" {
            marks[StreamMark.emptyParents] = text
        }
        switch update {
        case .keep: break
        case .clear: marks[StreamMark.quarantinedParent] = ""
        case .set: marks[StreamMark.quarantinedParent] = finder ?? ""
        }
        return marks
    }

    /// What stands in the place of a parent's name for all of them; no name is that short.
    private static let whole = "all"

    /// A name for a parent that is short however long its key is.
    private static func name(_ key: RecordKey) -> String {
        var hasher = IdentityHasher()
        hasher.add(key.text)
        return hasher.finish().description
    }
}

extension RunEnd {
    fileprivate var isFailure: Bool {
        switch self {
        case .failed, .resync: true
        case .behind(let end): end.isFailure
        case .complete, .notModified, .held: false
        }
    }
}
