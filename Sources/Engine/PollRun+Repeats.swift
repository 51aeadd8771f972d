import PullcordCommit
import PullcordDetect
import PullcordModel

/// Records of a whole list that have one key.
extension PollRun {
    static func watch(
        _ stream: LiveStream, _ state: StreamState, _ visit: Visit?, isWhole: Bool,
        _ comparison: Comparison
    ) -> RepeatedKeyWatch? {
        guard isWhole, visit == nil else { return nil }
        // By other keys, what was seen twice was something else.
        let isNew = comparison == .first || comparison == .reidentified
        return RepeatedKeyWatch(stored: isNew ? nil : state.marks[StreamMark.repeatedKeys])
    }

    /// What a page is compared with.
    ///
    /// In a whole list a key stands for one record: merged, two would be changes of each other.
    mutating func checkKeys(
        _ page: Page, known: [KnownRecord?]
    ) throws(DetectError) -> [KnownRecord?] {
        guard isWhole else { return known }
        if let repeated = page.repeated?.undecided { throw repeated }
        let seen = isSecondLook ? nil : seen
        let current = overlaid(known, page)
        var known = known
        for index in try repeats?.look(at: page, known: current, seen: seen) ?? [] {
            known[index] = known[index].map { before in
                KnownRecord(
                    ordinal: before.ordinal, version: before.version,
                    fingerprint: page.fingerprint(index))
            }
        }
        return known
    }

    /// Whether a difference was found that the next poll is to decide about.
    var hasDoubts: Bool { repeats?.hasDoubts == true }

    /// What the stream remembers of it until the next poll.
    var repeatedMarks: [String: String] {
        guard let repeats else { return [:] }
        let text = repeats.stored
        return text == state.marks[StreamMark.repeatedKeys] ?? ""
            ? [:] : [StreamMark.repeatedKeys: text]
    }

    /// What a poll that has ended well has to tell nevertheless.
    var remark: String? {
        let twice = repeats?.count ?? 0
        guard repeated > 0 || twice > 0 else { return nil }
        guard repeated > 0 else {
            return "key_repeated: \(twice) record\(twice == 1 ? "" : "s") stood on two pages and "
                + "differed; if the next poll finds them so again, the key is wrong"
        }
        return "key_repeated: \(repeated) record\(repeated == 1 ? "" : "s") gave way to a newer "
            + "one of the same page with the same key; if they are other records, the key is wrong"
    }
}
