import PullcordCommit
import PullcordModel

/// Makes an endpoint's end into an event, for those who want to hear how endpoints fare.
struct EndpointNews: EndpointListener {
    let reporter: HealthReporter
    let time: any TimeSource
    let writer: PatientWriter

    func endpointDisabled(_ event: EndpointDisabled) async throws {
        let news = HealthNews.disabled(event.name, reason: event.reason, since: event.since)
        let batch = try await reporter.batch(news, at: time.wall())
        try await writer.write { store throws(StoreError) in try await store.commit(batch) }
        reporter.ring(for: batch)
    }
}
