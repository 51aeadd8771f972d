import Glibc
import Synchronization

/// A real HTTP/1.1 server on 127.0.0.1 whose answers a test writes, down to the single byte.
///
/// One thread accepts, one thread serves each connection. Nothing in it waits for time to pass.
package final class ScriptedServer: Sendable {
    package typealias Handler = @Sendable (ReceivedRequest) -> ScriptedReply

    /// The port that the system gave.
    package let port: UInt16
    private let shared: SharedState
    private let acceptor: Mutex<pthread_t?>

    /// Starts a server on a free port of an IPv4 address of this machine.
    ///
    /// The handler gives the answer to each request; it is called on the connection's own thread.
    package init(address: String = "127.0.0.1", handler: @escaping Handler) throws {
        let (descriptor, port) = try Sockets.take(address)
        self.port = port
        let shared = SharedState(listener: descriptor, stop: try Gate(), handler: handler)
        self.shared = shared
        acceptor = Mutex(nil)
        guard let thread = PosixThread.start({ shared.acceptAll() }) else {
            close(descriptor)
            throw TestSupportError.system("pthread_create")
        }
        acceptor.withLock { $0 = thread }
    }

    deinit { stop() }

    /// `http://127.0.0.1:PORT` and the path.
    package func url(_ path: String = "/", host: String = "127.0.0.1") -> String {
        "http://\(host):\(port)\(path)"
    }

    /// All requests so far, in the order in which their heads and bodies were complete.
    package var requests: [ReceivedRequest] { shared.log.requests }

    /// How many connections were accepted so far.
    package var acceptedConnections: Int { shared.log.accepted }

    /// Returns as soon as so many requests have come, with all of them.
    @discardableResult
    package func waitForRequests(_ count: Int) async -> [ReceivedRequest] {
        await shared.log.wait { $0.requests.count >= count }
        return requests
    }

    /// Returns as soon as so many connections were accepted.
    package func waitForConnections(_ count: Int) async {
        await shared.log.wait { $0.accepted >= count }
    }

    /// Returns as soon as so many of the accepted connections have ended, from either side.
    package func waitForEndedConnections(_ count: Int) async {
        await shared.log.wait { $0.ended >= count }
    }

    /// Closes every connection and returns when all threads have ended.
    package func stop() {
        let thread = acceptor.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let thread else { return }
        shared.stop.open()
        pthread_join(thread, nil)
    }
}

/// What the threads of one server have in common.
final class SharedState: Sendable {
    let listener: CInt
    let stop: Gate
    let handler: ScriptedServer.Handler
    let log = RequestLog()

    init(listener: CInt, stop: Gate, handler: @escaping ScriptedServer.Handler) {
        self.listener = listener
        self.stop = stop
        self.handler = handler
    }

    /// Accepts until the stop gate opens, then joins every connection's thread.
    func acceptAll() {
        var threads: [pthread_t] = []
        while Sockets.wait(listener, for: POLLIN, orUntil: stop) {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { continue }
            Sockets.closeOnExec(descriptor)
            let number = log.accept()
            let connection = ServerConnection(descriptor: descriptor, number: number, shared: self)
            if let thread = PosixThread.start({ connection.serve() }) {
                threads.append(thread)
            } else {
                connection.end()
            }
        }
        close(listener)
        for thread in threads { pthread_join(thread, nil) }
    }
}

/// What a server has seen, and who waits for it to see more.
final class RequestLog: Sendable {
    struct Counts {
        var requests: [ReceivedRequest] = []
        var accepted = 0
        var ended = 0
    }

    private struct Waiter {
        let isDone: @Sendable (Counts) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var counts = Counts()
        var waiters: [Waiter] = []
    }

    private let state = Mutex(State())

    var requests: [ReceivedRequest] { state.withLock { $0.counts.requests } }
    var accepted: Int { state.withLock { $0.counts.accepted } }

    /// Counts a connection and returns its number, from 1.
    func accept() -> Int {
        change { $0.accepted += 1 }
        return accepted
    }

    func add(_ request: ReceivedRequest) { change { $0.requests.append(request) } }

    func endConnection() { change { $0.ended += 1 } }

    func wait(until isDone: @escaping @Sendable (Counts) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isNow = state.withLock { state in
                if isDone(state.counts) { return true }
                state.waiters.append(Waiter(isDone: isDone, continuation: continuation))
                return false
            }
            if isNow { continuation.resume() }
        }
    }

    private func change(_ change: (inout Counts) -> Void) {
        let done = state.withLock { state in
            change(&state.counts)
            let done = state.waiters.filter { $0.isDone(state.counts) }
            if !done.isEmpty {
                let counts = state.counts
                state.waiters.removeAll { $0.isDone(counts) }
            }
            return done
        }
        for waiter in done { waiter.continuation.resume() }
    }
}
