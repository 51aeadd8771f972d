import Logging
import Synchronization

/// Remembers what was logged, and tells who waits for a line: the engine's lines come after what
/// they speak of was committed.
final class LogBook: Sendable {
    struct Line: Sendable {
        let message: String
        let facts: [String: String]
    }

    private struct Waiter {
        let message: String
        let count: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var lines: [Line] = []
        var waiters: [Waiter] = []
        /// Nobody waits any more: the test has been given up.
        var isOver = false

        func count(_ message: String) -> Int { lines.count { $0.message == message } }
    }

    private let state = Mutex(State())

    var logger: Logger { Logger(label: "test") { _ in Handler(book: self) } }

    var lines: [Line] { state.withLock { $0.lines } }

    func lines(_ message: String) -> [Line] { lines.filter { $0.message == message } }

    /// Everything that was logged, as text.
    var text: String { lines.map { "\($0.message) \($0.facts)" }.joined(separator: "\n") }

    /// Returns as soon as there are so many lines with that message.
    func wait(for message: String, count: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isNow = state.withLock { state in
                    if state.isOver || state.count(message) >= count { return true }
                    state.waiters.append(
                        Waiter(message: message, count: count, continuation: continuation))
                    return false
                }
                if isNow { continuation.resume() }
            }
        } onCancel: {
            let waiters = state.withLock { state in
                state.isOver = true
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.continuation.resume() }
        }
    }

    fileprivate func add(_ line: Line) {
        let done = state.withLock { state in
            state.lines.append(line)
            let counts = state
            let done = state.waiters.filter { counts.count($0.message) >= $0.count }
            state.waiters.removeAll { counts.count($0.message) >= $0.count }
            return done
        }
        for waiter in done { waiter.continuation.resume() }
    }

    private struct Handler: LogHandler {
        let book: LogBook
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        init(book: LogBook) { self.book = book }

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            book.add(
                Line(
                    message: "\(event.message)",
                    facts: (event.metadata ?? [:]).mapValues { "\($0)" }))
        }
    }
}
