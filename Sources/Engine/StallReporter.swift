import Logging
import PullcordCommit
import PullcordModel

/// Tells of streams that have been silent for too long, and when they speak again.
struct StallReporter: Sendable {
    /// Pieces of news that are written together: should the whole network go, there are thousands.
    private static let newsAtOnce = 100

    let watch: SourceWatch
    let reporter: HealthReporter
    let paused: @Sendable () -> Set<SourceName>
    let writer: PatientWriter
    let readiness: Readiness
    let time: any TimeSource
    let log: Logger

    /// Looks once, and tells all that there is to tell.
    func look() async throws {
        // While the store is full nothing is polled, and nothing could be told.
        guard readiness.state == .ready else { return watch.postpone(until: time.wall()) }
        while true {
            let now = time.wall()
            let (news, forgotten) = watch.look(
                now: now, paused: paused(), limit: Self.newsAtOnce)
            guard !news.isEmpty || !forgotten.isEmpty else { return }
            var batch = try await reporter.batch(news.map(\.health), at: now)
            for item in news {
                batch.marks[StalledMark.name(item.sight.address)] =
                    item.isStalled ? StreamMark.text(of: item.since) : ""
            }
            for address in forgotten { batch.marks[StalledMark.name(address)] = "" }
            let told = batch
            try await writer.write { store throws(StoreError) in try await store.commit(told) }
            watch.told(news, forgotten: forgotten)
            reporter.ring(for: told)
            for item in news { log.stall(item) }
            guard news.count == Self.newsAtOnce else { return }
        }
    }
}

extension SourceWatch.News {
    fileprivate var health: HealthNews {
        let stall = HealthNews.Stall(
            address: sight.address, since: since, failures: sight.failures,
            message: isStalled ? sight.words(since) : "a poll has ended well again")
        return isStalled ? .stalled(stall) : .revived(stall)
    }
}

extension SourceWatch.Sight {
    fileprivate func words(_ since: Timestamp) -> String {
        let last = reason.isEmpty ? "" : "; the last one: \(reason)"
        return lastSuccess == nil
            ? "no poll has ended well yet\(last)" : "no poll has ended well since \(since)\(last)"
    }
}

extension Logger {
    fileprivate func stall(_ news: SourceWatch.News) {
        var facts: Metadata = [
            "source": "\(news.sight.address.source)", "stream": "\(news.sight.address.stream)",
            "since": "\(news.since)",
        ]
        guard news.isStalled else { return notice("source recovered", metadata: facts) }
        facts["failures"] = "\(news.sight.failures)"
        facts["hint"] = "pullcord status tells how its last poll went"
        error("source stalled", metadata: facts)
    }
}
