package import PullcordCommit
package import PullcordDetect
package import PullcordModel
package import PullcordPoll

/// How an incremental stream reads its whole list, and when.
package struct Reconciliation: Sendable {
    package let poll: PollPlan
    package let reader: PageReader
    package let rule: ReconcileRule

    package init(poll: PollPlan, reader: PageReader, rule: ReconcileRule) {
        self.poll = poll
        self.reader = reader
        self.rule = rule
    }
}

/// Decides when a whole list is due: a pure rule over what the store remembers.
package struct ReconcileRule: Sendable {
    package enum Rhythm: Sendable, Equatable {
        case every(Duration)
        case cron(CronExpression)
    }

    /// How long an attempt that failed, or was not believed, keeps the next one away.
    package static let retryPause: Duration = .seconds(900)

    package let rhythm: Rhythm
    package let zone: any ZoneRules
    /// Whether the first poll is one already: an ordinary one would not see all that exists.
    package let isFirst: Bool

    package init(_ rhythm: Rhythm, zone: any ZoneRules = UniversalTime(), isFirst: Bool = false) {
        self.rhythm = rhythm
        self.zone = zone
        self.isFirst = isFirst
    }

    /// The first time it is due after the one that began at `last`.
    package func next(after last: Timestamp) -> Timestamp {
        switch rhythm {
        case .every(let interval): last + interval
        // A calendar that never comes was refused before.
        case .cron(let expression):
            expression.next(after: last, in: zone) ?? last + .seconds(86_400)
        }
    }

    /// Whether a poll that begins now reads the whole list.
    ///
    /// One that was missed, however often, is due once. `isDecided` tells that somebody has
    /// decided about what the last one found, and waits for it; `isFilling`, that the records have
    /// to be written down anew as parents, and only a whole list shows them all.
    package func isDue(
        _ state: StreamState, rules: Fingerprint, isDecided: Bool, isFilling: Bool = false,
        now: Timestamp
    ) -> Bool {
        guard state.hasBaseline else { return isFirst }
        if isDecided { return true }
        if let retry = state.time(of: StreamMark.retryReconcile), retry > now,
            retry <= now + Self.retryPause
        {
            return false
        }
        if isFilling { return true }
        // By other rules every record is compared anew, and only a whole list has every record.
        if let known = state.rules, state.pendingRules == nil, known != rules,
            known.high == rules.high
        {
            return true
        }
        guard let last = state.time(of: StreamMark.reconciled) else { return true }
        // A clock that was ahead once must not put it off for years.
        return last > now || next(after: last) <= now
    }

    /// What is to be remembered at the end of a poll that began at `started`.
    ///
    /// `isWhole` tells whether the poll read the whole list, and `isBelieved` whether it came to
    /// a good end.
    package func marks(
        _ state: StreamState, isWhole: Bool, isBelieved: Bool, started: Timestamp
    ) -> [String: String] {
        var marks: [String: String] = [:]
        var last = state.time(of: StreamMark.reconciled)
        if isWhole, isBelieved {
            last = started
            marks[StreamMark.reconciled] = StreamMark.text(of: started)
            if state.marks[StreamMark.retryReconcile] != nil {
                marks[StreamMark.retryReconcile] = ""
            }
        } else if isWhole {
            marks[StreamMark.retryReconcile] = StreamMark.text(of: started + Self.retryPause)
        }
        if let last {
            let next = StreamMark.text(of: next(after: last))
            if state.marks[StreamMark.nextReconcile] != next {
                marks[StreamMark.nextReconcile] = next
            }
        }
        return marks
    }
}
