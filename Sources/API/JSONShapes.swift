package import PullcordCommit
package import PullcordJSON
package import PullcordModel

/// The shapes of `--json`; members are only ever added to them.
extension JSONWriter {
    package mutating func member(_ key: String, _ text: String?) {
        self.key(key)
        if let text { string(text) } else { null() }
    }

    package mutating func member(_ key: String, _ number: Int) {
        self.key(key)
        self.number(number)
    }

    package mutating func member(_ key: String, _ time: Timestamp?) {
        member(key, time?.description)
    }

    package mutating func members(of report: PollReport) {
        member("outcome", report.outcome)
        member("reason", report.reason.isEmpty ? nil : report.reason)
        member("started", report.started)
        key("duration_ms")
        number(report.duration.wholeMilliseconds)
        member("pages", report.pages)
        member("records", report.records)
        member("created", report.created)
        member("updated", report.updated)
        member("deleted", report.deleted)
    }

    /// `stalled` is since when it has been silent for too long.
    package mutating func stream(_ state: StreamState, stalled: Timestamp? = nil) {
        beginObject()
        member("source", state.address.source.text)
        member("stream", state.address.stream.text)
        key("has_baseline")
        bool(state.hasBaseline)
        member("records", state.liveCount)
        member("cursor", state.cursor.flatMap { CursorMarks.shown(stored: $0) })
        member("failures", state.failures)
        member("next_poll", state.nextPoll)
        member("next_reconcile", state.nextReconcile)
        member("last_change", state.lastChange)
        key("pace")
        if let pace = state.pace {
            beginObject()
            member("every_ms", Int(pace.interval.wholeMilliseconds))
            member("reason", pace.reason.rawValue)
            member("changes_per_day", Int(min(pace.changesPerDay, 1e9).rounded()))
            endObject()
        } else {
            null()
        }
        member("last_success", state.lastSuccess)
        member("stalled_since", stalled)
        key("schema_changed")
        if let mark = SchemaMark(state) {
            beginObject()
            member("at", mark.time)
            member("changes", mark.text)
            endObject()
        } else {
            null()
        }
        key("in_file")
        bool(state.isInFile)
        key("last_poll")
        if let report = state.lastPoll {
            beginObject()
            members(of: report)
            endObject()
        } else {
            null()
        }
        endObject()
    }

    /// `more` writes further members.
    package mutating func subscription(
        _ summary: SubscriptionSummary, isSetAside: Bool = false,
        more: (inout JSONWriter) -> Void = { _ in }
    ) {
        beginObject()
        member("name", summary.name.text)
        member("backlog", summary.backlog)
        member("oldest_backlog", summary.oldestBacklog)
        member("delivered", summary.delivered)
        member("dead", summary.dead)
        member("last_delivered", summary.lastDelivered)
        member("superseded", summary.superseded)
        key("in_file")
        bool(summary.isInFile)
        member("disabled_reason", summary.disabledReason)
        let health = EndpointHealth(of: summary) ?? EndpointHealth()
        member("state", summary.stateWord(isSetAside: isSetAside))
        member("state_until", health.until)
        member("state_reason", health.reason.isEmpty ? nil : health.reason)
        key("last_failure")
        if let failure = summary.failure {
            beginObject()
            member("at", failure.at)
            member("outcome", failure.outcome)
            member("reason", failure.reason)
            endObject()
        } else {
            null()
        }
        more(&self)
        endObject()
    }

    /// A brief one has no record; `more` writes further members.
    package mutating func event(
        _ event: Event, _ deliveries: EventSummary? = nil, isBrief: Bool = false,
        more: (inout JSONWriter) -> Void = { _ in }
    ) {
        beginObject()
        member("id", event.id.text)
        member("type", event.type)
        member("time", event.time)
        member("source", event.address.source.text)
        member("stream", event.address.stream.text)
        member("key", event.key.text)
        key("version")
        number(event.version)
        member("origin", event.origin.rawValue)
        member("fingerprint", event.fingerprint?.description)
        if let deliveries {
            key("deliveries")
            beginObject()
            member("pending", deliveries.pending)
            member("delivered", deliveries.delivered)
            member("dead", deliveries.dead)
            endObject()
        }
        if !isBrief {
            key("record")
            if let record = event.record { raw(record) } else { null() }
        }
        more(&self)
        endObject()
    }

    package mutating func delivery(_ delivery: DeliverySummary) {
        beginObject()
        key("id")
        number(delivery.id.number)
        member("subscription", delivery.subscription.text)
        member("event", delivery.event.text)
        member("type", delivery.type)
        member("source", delivery.address.source.text)
        member("key", delivery.key.text)
        member("state", delivery.state.rawValue)
        member("committed", delivery.committed)
        member("due", delivery.due)
        member("replay", delivery.replay?.description)
        member("replayed_by", delivery.replayedBy?.description)
        key("attempts")
        beginArray()
        for attempt in delivery.attempts {
            beginObject()
            member("number", attempt.number)
            member("started", attempt.started)
            key("duration_ms")
            number(attempt.duration.wholeMilliseconds)
            key("status")
            if let status = attempt.status { number(status) } else { null() }
            member("outcome", attempt.outcome)
            member("reason", attempt.reason.isEmpty ? nil : attempt.reason)
            member("reply", attempt.reply)
            member("traceparent", attempt.trace)
            endObject()
        }
        endArray()
        endObject()
    }
}

extension EndpointHealth {
    /// What is kept of a subscription's endpoint; nil if that is nothing.
    package init?(of summary: SubscriptionSummary) {
        guard let text = summary.health else { return nil }
        self.init(stored: text)
    }
}

extension JSONWriter {
    /// Without its sample in a list.
    package mutating func quarantine(_ quarantine: Quarantine, isBrief: Bool = false) {
        let finding = quarantine.finding
        beginObject()
        member("source", quarantine.address.source.text)
        member("stream", quarantine.address.stream.text)
        member("reason", finding.reason.text)
        member("message", finding.message)
        member("since", quarantine.since)
        member("last_seen", quarantine.lastSeen)
        member("polls", quarantine.polls)
        member("affected", finding.affected)
        member("known", finding.known)
        member("decision", quarantine.decision.rawValue)
        member("decided_at", quarantine.decidedAt)
        if !isBrief {
            member("excerpt", finding.excerpt)
            key("sample")
            beginArray()
            for record in finding.sample {
                beginObject()
                member("key", record.key.text)
                member("version", Int(record.version))
                member("before", record.before?.description)
                member("after", record.after?.description)
                member("previous", record.previous)
                member("record", record.record)
                endObject()
            }
            endArray()
        }
        endObject()
    }

    package mutating func replay(_ job: ReplayJob) {
        beginObject()
        key("id")
        number(job.id.number)
        member("to", job.targetName.text)
        member("state", job.state.rawValue)
        member("made", job.made)
        member("rate", job.rate)
        member("read_percent", job.readPercent)
        member("queued", job.queued)
        member("waiting", job.waiting)
        member("delivered", job.delivered)
        member("dead", job.dead)
        member("cancelled", job.cancelled)
        member("without_payload", job.withoutPayload)
        endObject()
    }

    package mutating func audit(_ entry: AuditEntry) {
        beginObject()
        member("time", entry.time)
        member("action", entry.action)
        member("subject", entry.subject)
        member("detail", entry.detail)
        member("actor", entry.actor.isEmpty ? nil : entry.actor)
        endObject()
    }
}

extension ReplayJob {
    /// How much of the log was read.
    package var readPercent: Int {
        guard upper > 0 else { return 100 }
        return Int(Double(position) / Double(upper) * 100)
    }
}
