import PullcordAPI
import PullcordCommit
import PullcordEngine
import PullcordJSON
import PullcordModel

/// All that is known of where an event came from and where it went.
struct EventExplanation {
    let event: Event
    let provenance: EventProvenance
    /// How the poll ended; nil if another one has followed, because only the last is kept.
    let poll: PollReport?
    let deliveries: [DeliverySummary]
    /// What each subscription of the bridge file says of it now; nil if that cannot be read.
    let verdicts: [(name: SubscriptionName, verdict: EventVerdict)]?

    /// Each fact as a heading and its words.
    func facts(now: Timestamp) -> [(heading: String, text: String)] {
        var facts = [("found", found(now)), ("page", page), ("compared", compared), ("rule", rule)]
        for delivery in deliveries {
            facts.append(("sent to", words(delivery, now)))
        }
        if deliveries.isEmpty { facts.append(("sent to", "nobody")) }
        for (name, reason) in others { facts.append(("not to", "\(name): \(reason)")) }
        if verdicts == nil {
            facts.append(
                ("not to", "who else might have wanted it is not known: pullcord check says why"))
        }
        return facts
    }

    private func found(_ now: Timestamp) -> String {
        guard let page = provenance.page else {
            return "at \(Shown.time(event.time, now: now)), by an earlier version of Pullcord"
        }
        let start =
            "by the poll of \(event.address) that started at "
            + Shown.time(page.pollStarted, now: now)
        guard let poll else { return "\(start); how it ended is no longer kept" }
        return "\(start), took \(Shown.span(poll.duration)) and ended with `\(poll.outcome)`"
    }

    private var page: String {
        guard let page = provenance.page else { return "not known" }
        let look = page.look > 1 ? ", in the second look at all pages" : ""
        let records = "\(page.records) \(page.records == 1 ? "record" : "records")"
        guard page.number > 0 else { return "on none of them\(look): \(records)" }
        let url = page.url.map { " \($0)" } ?? ""
        let status = page.status.map { ", answered \($0)" } ?? ""
        return "\(page.number)\(look):\(url)\(status), \(records)"
    }

    private var compared: String {
        let before = provenance.before.map { "\($0) (version \(event.version - 1))" }
        let after = event.fingerprint.map { "\($0) (version \(event.version))" }
        return "\(before ?? "nothing") with \(after ?? "nothing")"
    }

    private var rule: String {
        let kind =
            switch event.kind {
            case .created where event.version > 1:
                "the record had been deleted and is there again; its versions go on"
            case .created: "no record with this key was known"
            case .updated: "what means something in the record has changed"
            case .deleted where provenance.page?.look ?? 1 > 1:
                "neither of two looks at the whole list found the record"
            case .deleted: "the whole list does not have the record"
            case .quarantined: "a poll found what was not believed: see pullcord quarantine"
            case .recovered: "a stream that was quarantined or stalled is well again"
            case .disabled: "a subscription was stopped"
            case .stalled: "no poll had ended well for too long: see pullcord status"
            case .schemaChanged: "the records look unlike those before: see `changes`"
            }
        let origin =
            switch event.origin {
            case .live: "live"
            case .backfill: "backfill: it was there at the first poll, and `first: emit` sends that"
            case .resync: "resync: found while the rules of comparison were changing"
            case .replay: "replay: sent again because somebody asked for it"
            }
        return "\(kind) (\(origin))"
    }

    private func words(_ delivery: DeliverySummary, _ now: Timestamp) -> String {
        let attempts = delivery.attempts.count
        let tries = attempts == 1 ? "1 attempt" : "\(attempts) attempts"
        let last = delivery.attempts.last.flatMap { $0.reason.isEmpty ? nil : "; \($0.reason)" }
        let state =
            switch delivery.state {
            case .delivered: "delivered"
            case .dead: "given up"
            case .ready: "waiting, next attempt \(Shown.relative(delivery.due, now: now))"
            case .blocked: "waiting for an earlier event of the same record"
            case .superseded: "left out for a newer state of the record"
            case .cancelled: "cancelled"
            }
        return "\(delivery.subscription): \(state), \(tries)\(last ?? "")"
    }

    /// Who did not get it, and why.
    private var others: [(SubscriptionName, String)] {
        let served = Set(deliveries.map(\.subscription))
        return (verdicts ?? []).filter { !served.contains($0.name) }.map { name, verdict in
            let reason =
                switch verdict {
                case .wanted: "it would want it now; it is newer than the event, or was changed"
                case .notItsType: "its `events` do not name \(event.type)"
                case .notItsSource: "its `sources` do not name \(event.address.source)"
                case .filtered: "its `filter` is false"
                case .filterFailed(let message): "its `filter` fails now: \(message)"
                }
            return (name, reason)
        }
    }

    func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("event")
        writer.event(event)
        writer.member("fingerprint_before", provenance.before?.description)
        writer.member("rule", rule)
        writer.key("page")
        if let page = provenance.page {
            writer.beginObject()
            writer.member("number", page.number)
            writer.member("look", page.look)
            writer.member("url", page.url)
            writer.key("status")
            if let status = page.status { writer.number(status) } else { writer.null() }
            writer.member("records", page.records)
            writer.member("read_at", page.readAt)
            writer.member("poll_started", page.pollStarted)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.key("poll")
        if let poll {
            writer.beginObject()
            writer.members(of: poll)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.key("deliveries")
        writer.beginArray()
        for delivery in deliveries { writer.delivery(delivery) }
        writer.endArray()
        writer.key("not_sent_to")
        writer.beginArray()
        for (name, reason) in others {
            writer.beginObject()
            writer.member("subscription", name.text)
            writer.member("reason", reason)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}
