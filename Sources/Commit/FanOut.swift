package import PullcordModel

/// What a batch does to parents: records of one stream that another stream is asked for.
package struct FanOutUpdate: Sendable, Equatable {
    /// What has become of records of the batch's stream that are parents in others.
    package var marks: [ParentMark] = []
    /// Visits to parents of the batch's stream that came to their end.
    package var settled: [ParentSettlement] = []
    /// How far a visit has come that goes on.
    package var progress: ParentProgress?
    package var adoption: Adoption?

    /// That the parents of these streams are written down by new rules from now on.
    ///
    /// Those whose record is not known any more count as gone.
    package struct Adoption: Sendable, Equatable {
        package let rules: Fingerprint
        package let children: [StreamID]
        /// Whether each parent of the batch's own stream is visited anew, from the beginning.
        package let revisits: Bool

        package init(rules: Fingerprint, children: [StreamID], revisits: Bool) {
            self.rules = rules
            self.children = children
            self.revisits = revisits
        }
    }

    package init() {}

    /// How much of a transaction it takes up.
    package var rows: Int { marks.count + settled.count + (progress == nil ? 0 : 1) }
}

/// What has become of one parent.
package struct ParentMark: Sendable, Equatable {
    package enum News: Sendable, Equatable {
        /// It is new or has changed: it is to be visited.
        case changed
        /// It is as it was; it is to be visited if it was not written down before.
        case same
        /// It was deleted: what is below it ends.
        case gone
        /// It is not to be asked for: once more if it was until now, and then no more.
        case unwanted
    }

    /// The stream that is asked for it.
    package let child: StreamID
    package let key: RecordKey
    package let news: News
    /// Its fields as a JSON object; empty if it is gone, and beginning with ``resting`` if it is
    /// unwanted.
    package let fields: [UInt8]
    /// Whether it was there before anything was known, so that what is below it was too.
    package let isFirst: Bool

    /// How the fields of a parent begin that is not asked for any more.
    package static let resting = Array(#"{"?":false"#.utf8)

    package init(
        child: StreamID, key: RecordKey, news: News, fields: [UInt8], isFirst: Bool
    ) {
        self.child = child
        self.key = key
        self.news = news
        self.fields = fields
        self.isFirst = isFirst
    }
}

/// One parent, as it is written down for one stream below.
package struct ParentState: Sendable, Equatable {
    package let key: RecordKey
    package let fields: [UInt8]
    package let isGone: Bool
    package let isFirst: Bool
    /// Grows with all that happens to it.
    package let mark: Int64
    /// When it is to be visited; nil if it is not.
    package let due: Timestamp?
    package var cursor: String?
    package var validators: Validators?
    /// The rules that what is below it was compared by; nil before the first complete visit.
    package var rules: Fingerprint?
    package var pendingRules: Fingerprint?
    /// The rules by which what is below it was written down as parents itself.
    package var children: Fingerprint?

    /// Whether it is visited for the last time, until it is wanted again.
    package var isResting: Bool { fields.starts(with: ParentMark.resting) }

    package init(
        key: RecordKey, fields: [UInt8], isGone: Bool = false, isFirst: Bool = false,
        mark: Int64 = 1, due: Timestamp?
    ) {
        self.key = key
        self.fields = fields
        self.isGone = isGone
        self.isFirst = isFirst
        self.mark = mark
        self.due = due
    }
}

/// How a visit ended; it counts only if nothing has happened to the parent since.
package struct ParentSettlement: Sendable, Equatable {
    package enum Verdict: Sendable, Equatable {
        /// Everything below it was read.
        case read(
            cursor: String?, validators: Validators?, rules: Fingerprint, children: Fingerprint?)
        /// What is known of it stays as it is.
        case kept
        /// It is gone, and so is everything below it.
        case removed
    }

    package let key: RecordKey
    package let mark: Int64
    package let verdict: Verdict
    /// When it is due again; nil for not until it changes.
    package let due: Timestamp?

    package init(key: RecordKey, mark: Int64, verdict: Verdict, due: Timestamp?) {
        self.key = key
        self.mark = mark
        self.verdict = verdict
        self.due = due
    }
}

/// What a page of a visit changes in its parent's row.
package struct ParentProgress: Sendable, Equatable {
    package let key: RecordKey
    /// nil leaves the cursor as it is.
    package var cursor: String?
    /// Whether the validators do not fit what is known any more.
    package var clearsValidators = false
    package var pendingRules: Fingerprint?

    package init(key: RecordKey) { self.key = key }

    /// Whether it changes nothing.
    package var isEmpty: Bool { self == ParentProgress(key: key) }
}

/// A stretch of keys in the order of their bytes.
package struct KeySpan: Sendable, Equatable {
    /// The keys come after this one.
    package let after: RecordKey
    /// The keys come before this one.
    package let before: RecordKey

    package init(after: RecordKey, before: RecordKey) {
        self.after = after
        self.before = before
    }
}

/// What a poll asks that visits parents.
package protocol FanOutReader: Sendable {
    /// The rules by which the parents of the streams below were written down; nil for never.
    func adoption(of stream: StreamID) async throws -> Fingerprint?

    /// The parents of a stream that were due before a time, the longest due first, equals by
    /// key; those after `last` only.
    func dueParents(
        of stream: StreamID, before time: Timestamp, after last: ParentState?, limit: Int
    ) async throws(StoreError) -> [ParentState]

    /// Parents of a stream that were read to their end at least once and are not gone, by key;
    /// those after `last` only.
    func readParents(
        of stream: StreamID, after last: RecordKey?, limit: Int
    ) async throws(StoreError) -> [ParentState]

    /// As ``RecordReader/unseen(of:seen:after:limit:)``, within a stretch of keys.
    func unseen(
        of stream: StreamID, within span: KeySpan, seen: SeenSet, after: RecordKey?, limit: Int
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)]

    /// How many live records a stretch of keys holds.
    func countLive(of stream: StreamID, within span: KeySpan) async throws -> Int
}
