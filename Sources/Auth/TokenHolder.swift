package import PullcordModel

/// Holds a token and says when a new one is to be fetched; a pure machine.
///
/// Times are those of a clock that is never set.
package struct TokenHolder: Sendable, Equatable {
    /// What one who needs a token is to do.
    package enum Step: Sendable, Equatable {
        case use(Secret)
        /// Fetch one, and tell what came of it.
        case fetch
        /// Somebody fetches one: ask again when that has ended.
        case wait
    }

    /// How long before its end a token is replaced.
    package static let skew: Duration = .seconds(30)
    /// How long a token is used whose end the server does not tell.
    package static let lifetimeDefault: Duration = .seconds(300)

    private struct Held: Sendable, Equatable {
        let token: Secret
        let refresh: Duration
        let end: Duration
    }

    private var held: Held?
    package private(set) var isFetching = false

    package init() {}

    package mutating func step(now: Duration) -> Step {
        if let held, now < held.refresh || (isFetching && now < held.end) {
            return .use(held.token)
        }
        if isFetching { return .wait }
        isFetching = true
        return .fetch
    }

    /// The fetch has brought a token.
    ///
    /// Of a token that lives for less than a minute, half of its life is used.
    package mutating func fetched(_ token: GrantedToken, now: Duration) {
        isFetching = false
        let lifetime = token.lifetime ?? Self.lifetimeDefault
        held = Held(
            token: token.text, refresh: now + max(lifetime - Self.skew, lifetime / 2),
            end: now + lifetime)
    }

    /// The fetch has brought nothing; a token that is still good stays.
    package mutating func failed() { isFetching = false }

    /// A server did not accept the token: it is not used again.
    ///
    /// A token that was replaced meanwhile is no matter.
    package mutating func rejected(_ token: Secret) {
        if held?.token == token { held = nil }
    }
}
