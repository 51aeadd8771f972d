package import PullcordTransfer

/// Why a request could not be given its credentials.
package struct AuthError: Error, Sendable, Equatable {
    package enum Code: Sendable, Equatable {
        /// The token endpoint gave no answer.
        case unreachable(TransferError.Code)
        /// It answered, and refused.
        case refused(status: Int)
        /// It answered, and what it said is no token.
        case malformed
        /// What was granted could not be kept, and is not used until it is.
        case store
        /// A rehearsal does not spend what would have to be kept.
        case rehearsal
        /// The adapter and its values make no request.
        case configuration
        /// Credentials are not sent to where the API wants them.
        case foreignRealm
    }

    package let code: Code
    /// The URL that was asked, without what may be secret in it.
    package let url: String
    /// How far it came, as in ``TransferError/Phase``.
    package let phase: String
    /// What happened, one sentence without the final stop.
    package let message: String
    /// What to do next; may be empty.
    package let hint: String
    /// The `error` of RFC 6749, section 5.2; nil for none.
    package let grantError: String?
    /// How long the server asked to be left alone; nil if it did not.
    package let retryAfter: Duration?

    package init(
        code: Code, url: String, phase: String, message: String, hint: String = "",
        grantError: String? = nil, retryAfter: Duration? = nil
    ) {
        self.code = code
        self.url = url
        self.phase = phase
        self.message = message
        self.hint = hint
        self.grantError = grantError
        self.retryAfter = retryAfter
    }

    /// Everything in one line, fit for a log.
    package var reason: String {
        let end = hint.isEmpty ? "" : "; \(hint)"
        return "no token from \(url) (\(phase)): \(message)\(end)"
    }
}
