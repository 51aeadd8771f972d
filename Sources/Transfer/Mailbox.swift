import CCurl
import Glibc
import Synchronization

/// The way from any task to the thread of an engine: bounded, and quick to hand over.
final class Mailbox: Sendable {
    typealias Reply = CheckedContinuation<Result<HTTPResponse, TransferError>, Never>

    /// One exchange on its way in.
    struct Order: Sendable {
        let number: UInt64
        let request: HTTPRequest
        let policy: AddressPolicy
        let reply: Reply
    }

    /// What has gathered since the last look.
    struct Contents: Sendable {
        var orders: [Order] = []
        var cancelled: [UInt64] = []
        var isStopping = false
    }

    private struct State {
        var contents = Contents()
        var policy: AddressPolicy
        var isWaiting = false
        var isFinished = false
        var stopWaiters: [CheckedContinuation<Void, Never>] = []
    }

    /// Readable when the thread has to look into the mailbox.
    let wakeup: CInt
    private let state: Mutex<State>
    private let inFlight = Atomic<Int>(0)
    private let lastNumber = Atomic<UInt64>(0)
    private let inFlightMax: Int

    init?(policy: AddressPolicy, inFlightMax: Int) {
        let made = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
        guard made >= 0 else { return nil }
        wakeup = made
        state = Mutex(State(policy: policy))
        self.inFlightMax = inFlightMax
    }

    deinit { close(wakeup) }

    /// A number that no other exchange of this engine has.
    func nextNumber() -> UInt64 { lastNumber.wrappingAdd(1, ordering: .relaxed).newValue }

    /// From now on orders are judged by this policy.
    func setPolicy(_ policy: AddressPolicy) { state.withLock { $0.policy = policy } }

    /// Why an order was not taken.
    enum Rejection { case full, stopped }

    /// Takes an order; one that is not taken has had no reply yet.
    func submit(_ number: UInt64, _ request: HTTPRequest, _ reply: Reply) -> Rejection? {
        guard inFlight.wrappingAdd(1, ordering: .relaxed).newValue <= inFlightMax else {
            inFlight.wrappingSubtract(1, ordering: .relaxed)
            return .full
        }
        let isStopped = post { state in
            guard !state.contents.isStopping, !state.isFinished else { return true }
            state.contents.orders.append(
                Order(number: number, request: request, policy: state.policy, reply: reply))
            return false
        }
        guard isStopped else { return nil }
        inFlight.wrappingSubtract(1, ordering: .relaxed)
        return .stopped
    }

    /// Asks for the end of an exchange; a number that is not in flight is no matter.
    func cancel(_ number: UInt64) { post { $0.contents.cancelled.append(number) } }

    /// Asks the thread to end and does not wait for it.
    func stop() { post { $0.contents.isStopping = true } }

    /// Asks the thread to end and returns when it has.
    func stopAndWait() async {
        await withCheckedContinuation { waiter in
            let isFinished = post { state in
                state.contents.isStopping = true
                if !state.isFinished { state.stopWaiters.append(waiter) }
                return state.isFinished
            }
            if isFinished { waiter.resume() }
        }
    }

    /// Takes everything out; if there was nothing, the next post wakes the thread.
    ///
    /// A request to stop stays in: it is never taken back.
    func take() -> Contents {
        state.withLock { state in
            var taken = Contents()
            taken.isStopping = state.contents.isStopping
            swap(&taken.orders, &state.contents.orders)
            swap(&taken.cancelled, &state.contents.cancelled)
            state.isWaiting = taken.orders.isEmpty && taken.cancelled.isEmpty && !taken.isStopping
            return taken
        }
    }

    /// An exchange has had its reply.
    func exchangeEnded() { inFlight.wrappingSubtract(1, ordering: .relaxed) }

    /// The thread has ended; what was posted after its last look gets the answer `stopped`.
    func threadEnded() -> [Order] {
        let (waiters, left) = state.withLock { state in
            state.isFinished = true
            defer { (state.stopWaiters, state.contents) = ([], Contents()) }
            return (state.stopWaiters, state.contents.orders)
        }
        for waiter in waiters { waiter.resume() }
        return left
    }

    @discardableResult
    private func post<Value>(_ change: (inout sending State) -> sending Value) -> Value {
        let (value, wakes) = state.withLock { state in
            let value = change(&state)
            let wakes = state.isWaiting
            state.isWaiting = false
            return (value, wakes)
        }
        if wakes {
            var one: UInt64 = 1
            _ = unsafe write(wakeup, &one, MemoryLayout<UInt64>.size)
        }
        return value
    }
}
