package import PullcordModel
package import PullcordTransfer
import Synchronization

/// Gets tokens and keeps them, one fetch at a time, for all who need them.
package final class TokenKeeper: Sendable {
    private struct State {
        var holder = TokenHolder()
        var waiters: [CheckedContinuation<Result<Void, AuthError>, Never>] = []
    }

    private let credentials: ClientCredentials
    private let state = Mutex(State())

    package init(_ credentials: ClientCredentials) { self.credentials = credentials }

    package var secrets: [Secret] { [credentials.secret] }

    /// A token that is good now; those who come during a fetch share its outcome.
    ///
    /// - Throws: ``AuthError`` if the token endpoint gives none.
    package func token(
        over exchange: any Exchange, tls: TLSIdentity? = nil, time: any TimeSource
    ) async throws(AuthError) -> Secret {
        while true {
            switch state.withLock({ $0.holder.step(now: time.monotonic()) }) {
            case .use(let token): return token
            case .fetch: return try await fetch(over: exchange, tls: tls, time: time)
            case .wait: try await fetchByAnother().get()
            }
        }
    }

    /// A server did not accept this token.
    package func reject(_ token: Secret) { state.withLock { $0.holder.rejected(token) } }

    private func fetch(
        over exchange: any Exchange, tls: TLSIdentity?, time: any TimeSource
    ) async throws(AuthError) -> Secret {
        let outcome: Result<GrantedToken, AuthError>
        do throws(TransferError) {
            let response = try await exchange.send(credentials.request(tls: tls))
            do throws(AuthError) {
                outcome = .success(try credentials.token(from: response))
            } catch {
                outcome = .failure(error)
            }
        } catch {
            outcome = .failure(credentials.failure(error))
        }
        let waiters = state.withLock { state in
            switch outcome {
            case .success(let token): state.holder.fetched(token, now: time.monotonic())
            case .failure: state.holder.failed()
            }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: Self.shared(outcome)) }
        return try outcome.get().text
    }

    /// What a fetch means to those who waited for it.
    ///
    /// That its own task was cancelled is no matter of theirs: they try themselves.
    private static func shared(
        _ outcome: Result<GrantedToken, AuthError>
    ) -> Result<Void, AuthError> {
        switch outcome {
        case .failure(let error) where error.code != .unreachable(.cancelled): .failure(error)
        case .failure, .success: .success(())
        }
    }

    /// Returns when the fetch under way has ended; its deadlines bound the wait.
    private func fetchByAnother() async -> Result<Void, AuthError> {
        await withCheckedContinuation { waiter in
            let hasEnded = state.withLock { state in
                guard state.holder.isFetching else { return true }
                state.waiters.append(waiter)
                return false
            }
            if hasEnded { waiter.resume(returning: .success(())) }
        }
    }
}
