import PullcordModel
import Synchronization

/// Asks sources for pages, and goes on without one when its time is over.
///
/// Nothing can make a source heed that its task was cancelled. What it brings too late is nobody's,
/// and until then it is not asked for that stream again, so that one page is under way at most.
final class PageDesk: Sendable {
    enum Outcome: Sendable {
        case page(RecordPage)
        /// Nothing came in time.
        case late
        /// A page that was given up is still under way.
        case busy
    }

    private struct Address: Hashable {
        let source: String
        let stream: String
    }

    private let underWay = Mutex<Set<Address>>([])

    /// - Throws: what the source throws; `CancellationError` as soon as the calling task is
    ///   cancelled.
    func page(
        of source: any RecordSource, _ request: PageRequest, within limit: Duration,
        _ time: any TimeSource
    ) async throws -> Outcome {
        let address = Address(source: request.source, stream: request.stream)
        guard underWay.withLock({ $0.insert(address).inserted }) else { return .busy }
        let first = FirstOutcome()
        // Not children of this task, which would have to wait for them.
        let work = Task {
            let result: Result<Outcome, any Error>
            do { result = .success(.page(try await source.page(request))) } catch {
                result = .failure(error)
            }
            _ = underWay.withLock { $0.remove(address) }
            first.settle(result)
        }
        let timer = Task {
            let end = time.monotonic() + limit
            do { try await time.sleep(until: end) } catch { return }
            first.settle(.success(.late))
        }
        defer {
            work.cancel()
            timer.cancel()
        }
        return try await withTaskCancellationHandler {
            try await first.value()
        } onCancel: {
            first.settle(.failure(CancellationError()))
        }
    }
}

/// What came first of several things; the rest is let go.
private final class FirstOutcome: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<PageDesk.Outcome, any Error>)
        case settled(Result<PageDesk.Outcome, any Error>)
    }

    private let state = Mutex(State.open)

    func settle(_ result: Result<PageDesk.Outcome, any Error>) {
        let waiter = state.withLock { state -> CheckedContinuation<PageDesk.Outcome, any Error>? in
            switch state {
            case .settled: return nil
            case .open:
                state = .settled(result)
                return nil
            case .awaited(let waiter):
                state = .settled(result)
                return waiter
            }
        }
        waiter?.resume(with: result)
    }

    /// To be asked for once.
    func value() async throws -> PageDesk.Outcome {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state -> Result<PageDesk.Outcome, any Error>? in
                if case .settled(let result) = state { return result }
                state = .awaited(continuation)
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
