package import PullcordModel
package import PullcordTransfer
import Synchronization

/// Gets tokens by a grant of OAuth 2, and keeps a refresh token that the server has replaced.
package final class OAuthLogin: Login {
    private let grant: OAuthGrant
    private let vault: any CredentialVault
    private let book: SecretBook
    private let seal: TokenSeal?
    /// What came and could not be kept yet.
    private let unsaved: UnsavedTokens
    /// Whether an access token is to be asked for though one is kept.
    private let mustAsk: Mutex<Bool>

    /// `previous` is the login with the same refresh token that this one takes over from: what it
    /// could not keep yet goes on waiting, and its access token is not used.
    package init(
        _ grant: OAuthGrant, vault: any CredentialVault, book: SecretBook,
        replacing previous: OAuthLogin? = nil
    ) {
        unsaved = previous?.unsaved ?? UnsavedTokens()
        mustAsk = Mutex(previous != nil)
        self.grant = grant
        self.vault = vault
        self.book = book
        if case .refreshToken(let first) = grant.kind {
            seal = TokenSeal(
                credential: first, context: [grant.tokenURL, grant.clientID ?? ""])
        } else {
            seal = nil
        }
        book.add(grant.secrets)
    }

    package func pass(
        insteadOf rejected: Pass?, over exchange: any Exchange, time: any TimeSource
    ) async throws(AuthError) -> Pass {
        if case .refreshToken(let first) = grant.kind, let seal {
            return try await refreshed(first, seal, insteadOf: rejected, exchange, time)
        }
        let answer = try await ask(nil, exchange, time)
        return .bearer(answer.token, lifetime: answer.lifetime)
    }

    /// By the newest refresh token there is; if the server does not know it, by the file's.
    ///
    /// That helps where a crash has kept the newest from being written, and the server still
    /// takes the one before.
    private func refreshed(
        _ first: Secret, _ seal: TokenSeal, insteadOf rejected: Pass?, _ exchange: any Exchange,
        _ time: any TimeSource
    ) async throws(AuthError) -> Pass {
        if let waiting = unsaved.tokens.withLock({ $0 }) { try await save(waiting, seal) }
        let kept = try await load(seal)
        if let kept {
            book.add([kept.refreshToken])
            // Fetched by an earlier run, or for another adapter with the same credential.
            let left = kept.end.map { $0 - time.wall() }
            let pass = Pass.bearer(kept.token, lifetime: left)
            if let left, left > PassHolder.skew, pass.items != rejected?.items,
                !mustAsk.withLock({ $0 })
            {
                return pass
            }
        }
        guard vault.isWritable else {
            throw AuthError(
                code: .rehearsal, url: RequestURL.withoutSecrets(grant.tokenURL), phase: "queue",
                message: "no access token is at hand, and a dry run spends no refresh token: the "
                    + "one that may come for it could not be kept",
                hint: "poll once without --dry-run")
        }
        let answer: TokenAnswer
        let used: Secret
        if let kept, kept.refreshToken != first {
            do throws(AuthError) {
                answer = try await ask(kept.refreshToken, exchange, time)
                used = kept.refreshToken
            } catch {
                guard error.grantError == "invalid_grant" else { throw error }
                answer = try await ask(first, exchange, time)
                used = first
            }
        } else {
            answer = try await ask(first, exchange, time)
            used = first
        }
        let end = answer.lifetime.map { time.wall() + $0 }
        if let fresh = answer.refreshToken { book.add([fresh]) }
        let tokens = KeptTokens(
            refreshToken: answer.refreshToken ?? used, token: answer.token, end: end)
        // Before anybody uses it: what is used and not kept is lost with the process.
        unsaved.tokens.withLock { $0 = tokens }
        mustAsk.withLock { $0 = false }
        try await save(tokens, seal)
        return .bearer(answer.token, lifetime: answer.lifetime)
    }

    private func ask(
        _ refreshToken: Secret?, _ exchange: any Exchange, _ time: any TimeSource
    ) async throws(AuthError) -> TokenAnswer {
        let request = try grant.request(
            refreshToken: refreshToken, now: time.wall(), note: { book.add($0) })
        let response = try await exchange.loginAnswer(to: request)
        let secrets = grant.secrets + (refreshToken.map { [$0] } ?? [])
        return try TokenAnswer(
            response, url: grant.tokenURL, redactor: Redactor(secrets, book: book), hint: hint)
    }

    private var hint: String {
        switch grant.kind {
        case .clientCredentials: "check `client_id`, `client_secret` and `scope`"
        case .refreshToken:
            "if it says invalid_grant, ask for a new refresh token as you did for the first, and "
                + "put it in place of the old one"
        case .password: "check `username`, `password` and the client"
        case .jwtBearer: "check `assertion`: issuer, audience, key, and this machine's clock"
        }
    }

    private func load(_ seal: TokenSeal) async throws(AuthError) -> KeptTokens? {
        do {
            return try await vault.load(seal.name).flatMap(seal.open)
        } catch {
            throw storeError(error)
        }
    }

    private func save(_ tokens: KeptTokens, _ seal: TokenSeal) async throws(AuthError) {
        let bytes = try seal.seal(tokens)
        do {
            try await vault.save(bytes, as: seal.name)
        } catch {
            throw storeError(error)
        }
        unsaved.tokens.withLock { if $0 == tokens { $0 = nil } }
    }

    private func storeError(_ error: any Error) -> AuthError {
        AuthError(
            code: .store, url: RequestURL.withoutSecrets(grant.tokenURL), phase: "store",
            message: "the refresh token cannot be kept: \(error)",
            hint: "it stays in memory until the store takes it")
    }
}

/// Tokens that wait to be kept, shared by a login and the one that takes over from it.
private final class UnsavedTokens: Sendable {
    let tokens = Mutex<KeptTokens?>(nil)
}
