import Logging
import PullcordCommit
import PullcordModel

/// One structured line per poll and per attempt; keys and units are stable.
extension Logger {
    func poll(_ address: StreamAddress, _ report: PollReport) {
        var facts: Metadata = [
            "source": "\(address.source)", "stream": "\(address.stream)",
            "outcome": "\(report.outcome)", "pages": "\(report.pages)",
            "records": "\(report.records)", "created": "\(report.created)",
            "updated": "\(report.updated)", "deleted": "\(report.deleted)",
            "duration_ms": "\(report.duration.wholeMilliseconds)",
        ]
        guard !report.reason.isEmpty else { return info("poll", metadata: facts) }
        facts["reason"] = "\(report.reason.replacing("\n  ", with: "; "))"
        warning("poll", metadata: facts)
    }

    /// A poll that ended with the process, before its end.
    func pollStopped(_ address: StreamAddress) {
        info(
            "poll",
            metadata: [
                "source": "\(address.source)", "stream": "\(address.stream)",
                "outcome": "stopped",
            ])
    }

    /// A record that the list has lost and that is not gone, as a request for it has shown.
    func stillThere(_ key: RecordKey, _ address: StreamAddress) {
        info(
            "delete not believed",
            metadata: [
                "source": "\(address.source)", "stream": "\(address.stream)", "key": "\(key)",
            ])
    }

    /// A store that cannot write now; the work is done again later.
    func store(_ failure: StoreError) {
        error(
            "store",
            metadata: ["code": "\(failure.code.rawValue)", "reason": "\(failure.message)"])
    }

    /// A filter that failed on an event, which is delivered all the same.
    func filterFailed(_ subscription: SubscriptionName, _ reason: String) {
        warning(
            "filter failed",
            metadata: ["subscription": "\(subscription)", "reason": "\(reason)"])
    }

    /// `delivery` is the first of the `count` that went out in one POST.
    func attempt(
        _ delivery: Delivery, count: Int, subscription: SubscriptionName, _ attempt: Attempt,
        next: Timestamp?
    ) {
        var facts: Metadata = [
            "delivery": "\(delivery.id)", "subscription": "\(subscription)",
            "event": "\(delivery.event.id)",
            "type": "\(delivery.event.type)", "source": "\(delivery.event.address.source)",
            "key": "\(delivery.event.key)", "attempt": "\(attempt.number)",
            "outcome": "\(attempt.outcome)",
            "duration_ms": "\(attempt.duration.wholeMilliseconds)",
            "age_ms":
                "\(max(0, (attempt.started + attempt.duration - delivery.committed).wholeMilliseconds))",
        ]
        if count > 1 { facts["events"] = "\(count)" }
        if let trace = attempt.trace { facts["traceparent"] = "\(trace)" }
        if let status = attempt.status { facts["status"] = "\(status)" }
        guard !attempt.reason.isEmpty else { return info("attempt", metadata: facts) }
        facts["reason"] = "\(attempt.reason)"
        if let next { facts["next"] = "\(next)" }
        warning("attempt", metadata: facts)
    }
}
