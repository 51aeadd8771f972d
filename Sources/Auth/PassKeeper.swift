package import PullcordModel
package import PullcordTransfer
import Synchronization

/// A way to log in.
package protocol Login: Sendable {
    /// Logs in.
    ///
    /// `rejected` is a pass that the API did not accept any more; nil for none.
    func pass(
        insteadOf rejected: Pass?, over exchange: any Exchange, time: any TimeSource
    ) async throws(AuthError) -> Pass
}

/// Logs in and keeps the pass, one login at a time, for all who need it.
package final class PassKeeper: Sendable {
    private struct State {
        var login: any Login
        var holder = PassHolder()
        var waiters: [Int: CheckedContinuation<Void, any Error>] = [:]
        var nextWaiter = 0
    }

    private let book: SecretBook
    private let state: Mutex<State>

    /// What logins bring is written into `book`, so that it is masked from then on.
    package init(_ login: any Login, book: SecretBook) {
        state = Mutex(State(login: login))
        self.book = book
    }

    /// Logs in like this from now on; what was fetched before is not used any more.
    package func renew(_ login: any Login) {
        state.withLock { state in
            state.login = login
            state.holder.renew()
        }
    }

    /// A pass that is good now, with its number; those who come during a login share its outcome.
    ///
    /// `pausing` is told when the wait for another's login begins and ends.
    ///
    /// - Throws: ``AuthError`` if there is none to be had, or the task is cancelled.
    package func pass(
        over exchange: any Exchange, time: any TimeSource,
        pausing: (@Sendable (Bool) -> Void)? = nil
    ) async throws(AuthError) -> (number: Int, pass: Pass) {
        while true {
            let (step, login) = state.withLock { state in
                (state.holder.step(now: time.monotonic()), state.login)
            }
            switch step {
            case .use(let number, let pass): return (number, pass)
            case .refuse(let error): throw error
            case .wait:
                pausing?(true)
                defer { pausing?(false) }
                try await loginByAnother()
            case .fetch(let rejected):
                let outcome: Result<Pass, AuthError>
                do throws(AuthError) {
                    outcome = .success(
                        try await login.pass(insteadOf: rejected, over: exchange, time: time))
                } catch {
                    outcome = .failure(error)
                }
                end(outcome, now: time.monotonic())
                // Asked again, the holder gives what was brought.
                if case .failure(let error) = outcome { throw error }
            }
        }
    }

    /// The API did not accept the pass of this number; true if another try may help.
    package func rejected(_ number: Int, now: Duration) -> Bool {
        state.withLock { $0.holder.rejected(number, now: now) }
    }

    private func end(_ outcome: Result<Pass, AuthError>, now: Duration) {
        if case .success(let pass) = outcome { book.add(pass.secrets) }
        let waiters = state.withLock { state in
            switch outcome {
            case .success(let pass): state.holder.fetched(pass, now: now)
            case .failure(let error): state.holder.failed(error, now: now)
            }
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when the login under way has ended; its deadlines bound the wait.
    private func loginByAnother() async throws(AuthError) {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        do {
            try await withTaskCancellationHandler {
                try await wait(as: number)
            } onCancel: {
                let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
                waiter?.resume(throwing: CancellationError())
            }
        } catch {
            throw AuthError(
                code: .unreachable(.cancelled), url: "", phase: "queue",
                message: "the poll was stopped while it waited for a login", hint: "")
        }
    }

    private func wait(as number: Int) async throws {
        try await withCheckedThrowingContinuation {
            (waiter: CheckedContinuation<Void, any Error>) in
            let answer = state.withLock { state -> Result<Void, any Error>? in
                if Task.isCancelled { return .failure(CancellationError()) }
                guard state.holder.isFetching else { return .success(()) }
                state.waiters[number] = waiter
                return nil
            }
            if let answer { waiter.resume(with: answer) }
        }
    }
}
