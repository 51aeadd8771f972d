import PullcordModel
package import PullcordTransfer
import Synchronization

/// Lets requests through to the network, and keeps what came of each.
package final class Recorder: Exchange {
    private let inner: any Exchange
    private let kept = Mutex<[RecordedExchange]>([])

    package init(over inner: any Exchange) { self.inner = inner }

    package func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
        var request = request
        // What is kept must be whole, and in memory.
        request.spoolsOver = nil
        do {
            let response = try await inner.send(request)
            keep(RecordedExchange(request: request, answer: .success(response)))
            return response
        } catch {
            keep(RecordedExchange(request: request, answer: .failure(error)))
            throw error
        }
    }

    private func keep(_ exchange: RecordedExchange) { kept.withLock { $0.append(exchange) } }

    func takeAll() -> [RecordedExchange] {
        kept.withLock { kept in
            defer { kept = [] }
            return kept
        }
    }
}

/// A request and what came of it.
struct RecordedExchange: Sendable {
    let request: HTTPRequest
    let answer: Result<HTTPResponse, TransferError>
}

/// What some polls have asked and been answered, not masked yet: only ``RecordedTest`` may see it.
package struct Recording: Sendable {
    struct Poll: Sendable {
        let began: Timestamp
        let exchanges: [RecordedExchange]
    }

    let polls: [Poll]
    /// Know every secret, those that logins have brought too.
    let redactors: [Redactor]
    /// Codes that the polls failed with.
    package let failures: [String]

    package var requests: Int { polls.reduce(0) { $0 + $1.exchanges.count } }
}

/// Time whose polls begin at whole seconds, so that a test can say when they did.
final class WholeSeconds: TimeSource {
    private let clock: any TimeSource
    private let ahead = Mutex(Duration.zero)

    init(_ clock: any TimeSource) { self.clock = clock }

    func beginPoll() -> Timestamp {
        ahead.withLock { ahead in
            let now = clock.wall()
            let whole = Timestamp(milliseconds: now.seconds * 1000)
            ahead = now - whole
            return whole
        }
    }

    func wall() -> Timestamp { clock.wall() - ahead.withLock { $0 } }
    func monotonic() -> Duration { clock.monotonic() }
    func sleep(until instant: Duration) async throws { try await clock.sleep(until: instant) }
}
