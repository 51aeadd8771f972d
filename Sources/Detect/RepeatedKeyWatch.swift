package import PullcordCommit
import PullcordModel

/// Notices records of different pages of a whole list that have one key.
///
/// Each poll would find the first of them changed into the second, and back. One poll cannot tell
/// them from a record that moved to a later page and changed on its way there. So what was seen
/// twice and differed is under suspicion at the next poll: if the earlier content shows up again,
/// it is no change, and as soon as another one follows it on a later page, the list is none.
///
/// Where more were seen than are remembered, the next poll believes no difference. As long as
/// none proves to be a second record, every other poll does: a list in which so much moves is
/// told late, but told.
package struct RepeatedKeyWatch: Sendable, Equatable {
    /// A content that gave way to another in the same look at the list.
    private struct Suspect: Hashable {
        let ordinal: Int64
        let content: Fingerprint
    }

    /// Those of the poll before.
    private let suspects: Set<Suspect>
    /// Those of them that this poll has seen again, by the record's ordinal.
    private var returned: [Int64: Fingerprint] = [:]
    /// Those of this poll.
    private var replaced: Set<Suspect> = []

    /// Whether the poll before had more than it could remember.
    private let doubtsAll: Bool
    /// The records whose difference is not believed for that reason alone.
    private var doubted = SeenSet()
    /// Whether this poll has more than can be remembered, which a last entry says.
    private var isOverfull = false
    private static let overfull = "+"

    /// Begins a poll with what ``stored`` said at the end of the one before; what is no such text
    /// counts as nothing.
    package init(stored text: String?) {
        let entries = (text ?? "").split(separator: " ")
        doubtsAll = entries.last.map(String.init) == Self.overfull
        suspects = Set(
            entries.compactMap { entry in
                let parts = entry.split(separator: ":")
                guard parts.count == 3, let ordinal = Int64(parts[0]),
                    let high = UInt64(parts[1], radix: 16), let low = UInt64(parts[2], radix: 16)
                else { return nil }
                return Suspect(ordinal: ordinal, content: Fingerprint(high: high, low: low))
            })
    }

    /// What is to be remembered until the next poll; empty for nothing.
    package var stored: String {
        let entries = replaced.map { suspect in
            let (high, low) = (suspect.content.high, suspect.content.low)
            return "\(suspect.ordinal):\(String(high, radix: 16)):\(String(low, radix: 16))"
        }
        return (entries.sorted() + (isOverfull ? [Self.overfull] : [])).joined(separator: " ")
    }

    /// How many records were seen twice, and differed.
    package var count: Int { Set(replaced.map(\.ordinal)).count }

    /// Whether a difference was seen that the next poll is to decide about.
    package var hasDoubts: Bool { !returned.isEmpty || doubted.count > 0 }

    /// Looks at a page before it is compared with what is known of its records.
    ///
    /// - Parameters:
    ///   - page: one of a whole list.
    ///   - known: what is known of each of its records.
    ///   - seen: the records that this look at the list has had before; nil in a second look,
    ///     which sees every record again.
    /// - Returns: the indexes of records whose difference is not to be believed yet.
    /// - Throws: ``DetectError`` `keyRepeated` for a second record with the key of another.
    package mutating func look(
        at page: Page, known: [KnownRecord?], seen: SeenSet?
    ) throws(DetectError) -> [Int] {
        var doubtful: [Int] = []
        for index in 0..<page.count where !page.isTombstone(index) {
            guard let before = known[index], let stored = before.fingerprint else { continue }
            let found = Suspect(ordinal: before.ordinal, content: page.fingerprint(index))
            let again = returned[found.ordinal]
            if let again, again != found.content { throw refusal(page, index) }
            guard found.content != stored else {
                if doubted.contains(found.ordinal) { throw refusal(page, index) }
                continue
            }
            let isSeen = seen?.contains(found.ordinal) ?? false
            if suspects.contains(found) {
                if isSeen, again == nil { throw refusal(page, index) }
                returned[found.ordinal] = found.content
                doubtful.append(index)
            } else if doubtsAll {
                doubted.insert(found.ordinal)
                doubtful.append(index)
            } else if isSeen {
                suspect(Suspect(ordinal: found.ordinal, content: stored))
            }
        }
        return doubtful
    }

    private mutating func suspect(_ suspect: Suspect) {
        if replaced.count < Limits.repeatedKeysMax {
            replaced.insert(suspect)
        } else if !replaced.contains(suspect) {
            isOverfull = true
        }
    }

    private func refusal(_ page: Page, _ index: Int) -> DetectError {
        .repeated(
            place: "record \(index + 1)",
            "records of two pages have the key `\(page.keys.key(index).text)` and differ")
    }
}

extension DetectError {
    /// Two records of a whole list that have one key and differ.
    static func repeated(place: String, _ message: String) -> DetectError {
        DetectError(
            code: .keyRepeated, place: place, message: message,
            hint: "name what else tells records apart, as in key: [.id, .line]; if the API "
                + "repeats records, choose one by jq: records: '.items | unique_by(.id)'")
    }
}
