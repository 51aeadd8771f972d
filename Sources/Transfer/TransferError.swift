/// Why an exchange brought no complete answer.
package struct TransferError: Error, Sendable {
    package let code: Code
    /// The URL without user information, query and fragment: those may hold secrets.
    package let url: String
    package let phase: Phase
    /// Whether any of the request may have reached the server, so that it may have acted on it.
    package let mayHaveBeenSent: Bool
    /// What happened, one sentence without the final stop.
    package let message: String
    /// What to do next; may be empty.
    package let hint: String

    package init(
        code: Code, url: String, phase: Phase, mayHaveBeenSent: Bool = false, message: String,
        hint: String = ""
    ) {
        self.code = code
        self.url = url
        self.phase = phase
        self.mayHaveBeenSent = mayHaveBeenSent
        self.message = message
        self.hint = hint
    }

    /// A stable name of the reason, as `pullcord` shows and stores it.
    package enum Code: String, Sendable, CaseIterable {
        /// The URL is malformed, relative, or holds user information or control characters.
        case invalidURL = "invalid_url"
        /// A header's name or value cannot be sent as it is.
        case invalidHeader = "invalid_header"
        /// A scheme other than `http` and `https`.
        case refusedScheme = "refused_scheme"
        /// The address policy forbids the address or the port.
        case refusedAddress = "refused_address"
        /// The name was not resolved.
        case dns
        /// No connection came about.
        case connect
        /// The handshake failed in a way that the codes below do not name.
        case tls
        /// The server's certificate is not valid any more, or not yet.
        case tlsExpired = "tls_expired"
        /// No authority that is trusted vouches for the server's certificate.
        case tlsUntrusted = "tls_untrusted"
        /// The server's certificate is for another name.
        case tlsHostname = "tls_hostname"
        /// The two sides have no version or cipher in common, or the server speaks no TLS.
        case tlsProtocol = "tls_protocol"
        /// The server wants a client certificate, or does not accept ours, or ours is broken.
        case tlsClientCertificate = "tls_client_certificate"
        case timeoutConnect = "timeout_connect"
        case timeoutFirstByte = "timeout_first_byte"
        case timeoutTotal = "timeout_total"
        /// The connection was closed or reset while an answer was owed.
        case reset
        case bodyTooLarge = "body_too_large"
        case headersTooLarge = "headers_too_large"
        /// The file for a large body could not be made, written or read: mostly a full disk.
        case spool
        /// The body's content coding is broken or unknown.
        case encoding
        /// The body ended before it was complete.
        case truncated
        /// What came is not HTTP.
        case malformed = "protocol"
        /// The calling task was cancelled.
        case cancelled
        /// The engine was shut down.
        case stopped
        /// A program, or a source in code, did not bring what it was asked for.
        case program
        /// It says that it may do so later.
        case programBusy = "program_busy"
        /// A bound of our own was hit: exchanges in flight, file descriptors, memory.
        case overloaded
    }

    /// How far the exchange had come.
    package enum Phase: String, Sendable, Comparable {
        /// Not started, or waiting for a free connection.
        case queue
        case resolve
        case connect
        case tls
        case send
        case firstByte = "first byte"
        case body

        package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .queue: 0
            case .resolve: 1
            case .connect: 2
            case .tls: 3
            case .send: 4
            case .firstByte: 5
            case .body: 6
            }
        }
    }
}

extension TransferError: Equatable {
    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}

extension TransferError: CustomStringConvertible {
    package var description: String {
        var text = "\(url) (\(phase.rawValue)): \(message) [\(code.rawValue)]"
        if !hint.isEmpty { text += "\n  hint: \(hint)" }
        return text
    }
}
