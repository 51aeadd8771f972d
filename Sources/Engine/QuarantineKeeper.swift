import PullcordCommit
import PullcordModel

/// Decides what the end of a poll means for the stream's quarantine, and who hears of it.
struct QuarantineKeeper {
    /// What is stored; nil if the stream is not quarantined.
    let stored: Quarantine?

    /// `isBelieved` tells of a poll that found out all it set out to: only such a one heals.
    func end(
        _ finding: Finding?, isBelieved: Bool, address: StreamAddress, time: Timestamp
    ) -> (update: QuarantineUpdate, news: HealthNews?) {
        if let finding {
            return (.set(finding), news(of: finding, address, time))
        }
        guard let stored, isBelieved else { return (.keep, nil) }
        return (.clear, stored.finding.isAnnounced ? .recovered(stored) : nil)
    }

    /// A reason is announced once, however often it is found again.
    private func news(
        of finding: Finding, _ address: StreamAddress, _ time: Timestamp
    ) -> HealthNews? {
        guard finding.isAnnounced else { return nil }
        if let stored, stored.finding.reason == finding.reason, stored.finding.isAnnounced {
            return nil
        }
        return .quarantined(
            Quarantine(
                address: address, finding: finding, since: time, lastSeen: time, polls: 1))
    }
}
