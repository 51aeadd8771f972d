package import PullcordModel

/// How often a stream is polled that is polled by how often it changes, as it is stored and shown.
package struct PaceNote: Sendable, Equatable {
    package let interval: Duration
    package let reason: PaceReason
    package let changesPerDay: Double
    package let requestsPerPoll: Double

    package init(
        interval: Duration, reason: PaceReason, changesPerDay: Double, requestsPerPoll: Double
    ) {
        self.interval = interval
        self.reason = reason
        self.changesPerDay = changesPerDay
        self.requestsPerPoll = requestsPerPoll
    }

    /// Reads what ``text`` wrote; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: " ").map(String.init)
        guard parts.count == 4, let milliseconds = Int64(parts[0]), milliseconds > 0,
            let reason = PaceReason(rawValue: parts[1]), let changes = Double(parts[2]),
            let requests = Double(parts[3]), changes.isFinite, changes >= 0, requests.isFinite
        else { return nil }
        self.init(
            interval: .milliseconds(milliseconds), reason: reason, changesPerDay: changes,
            requestsPerPoll: requests)
    }

    /// As a mark keeps it.
    package var text: String {
        let rounded = { (value: Double) in (value * 100).rounded() / 100 }
        return "\(interval.wholeMilliseconds) \(reason.rawValue) \(rounded(changesPerDay)) "
            + "\(rounded(requestsPerPoll))"
    }
}

extension StreamState {
    /// How often the stream is polled by itself; nil where the file says it.
    package var pace: PaceNote? { marks[StreamMark.pace].flatMap { PaceNote($0) } }
}
