package import PullcordModel
package import PullcordTransfer
import Synchronization

/// What requests of one credential need besides what their adapter says, kept for all sources
/// that share it.
package final class SourceAccess: Sendable {
    package enum Kind: Sendable {
        /// Nothing but the challenge header.
        case none
        case login(PassKeeper)
        case registry(RegistryLogin)
    }

    /// A header that an answer of a status hands out.
    package struct Challenge: Sendable, Equatable {
        package let status: Int
        package let header: String

        package init(status: Int, header: String) {
            self.status = status
            self.header = header
        }
    }

    /// A request as it is to be sent, with what is needed to judge its answer.
    package struct Prepared: Sendable {
        package let request: HTTPRequest
        fileprivate let keeper: PassKeeper?
        fileprivate let number: Int?
        fileprivate let challenge: String?
    }

    private let kind: Kind
    private let challenge: Challenge?
    private let book: SecretBook
    private let handedOut = Mutex<String?>(nil)

    package init(_ kind: Kind, challenge: Challenge? = nil, book: SecretBook) {
        self.kind = kind
        self.challenge = challenge
        self.book = book
    }

    /// A request is sent so often at most for want of credentials.
    package static let sendsMax = 3

    /// Adds what is known, and logs in where that is needed; requests of a login go over
    /// `exchange`, and `pausing` is told of waits for another's login.
    ///
    /// - Throws: ``AuthError`` if no login works.
    package func prepare(
        _ request: HTTPRequest, over exchange: any Exchange, time: any TimeSource,
        pausing: (@Sendable (Bool) -> Void)? = nil
    ) async throws(AuthError) -> Prepared {
        var prepared = request
        let handedOut = handedOut.withLock { $0 }
        if let challenge, let handedOut { prepared.setHeader(challenge.header, handedOut) }
        let keeper: PassKeeper? =
            switch kind {
            case .none: nil
            case .login(let keeper): keeper
            case .registry(let registry): registry.keeper(for: request.url)
            }
        guard let keeper else {
            return Prepared(request: prepared, keeper: nil, number: nil, challenge: handedOut)
        }
        let (number, pass) = try await keeper.pass(
            over: exchange, time: time, pausing: pausing)
        return Prepared(
            request: pass.added(to: prepared), keeper: keeper, number: number,
            challenge: handedOut)
    }

    /// Whether the answer asks for other credentials, and there may be some: then the request is
    /// to be prepared and sent again.
    ///
    /// `wantsLogin` says that the API does not know who asks any more.
    package func mayRepeat(
        _ prepared: Prepared, after response: HTTPResponse, wantsLogin: Bool,
        time: any TimeSource
    ) throws(AuthError) -> Bool {
        if let challenge, response.status == challenge.status,
            let value = response.headers.value(of: challenge.header), !value.isEmpty
        {
            book.add([Secret(value)])
            handedOut.withLock { $0 = value }
            return value != prepared.challenge
        }
        guard wantsLogin else { return false }
        if case .registry(let registry) = kind,
            try registry.demanded(by: response, at: prepared.request.url)
        {
            return true
        }
        guard let keeper = prepared.keeper, let number = prepared.number else { return false }
        return keeper.rejected(number, now: time.monotonic())
    }
}
