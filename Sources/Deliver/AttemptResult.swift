package import PullcordModel
package import PullcordTransfer

/// One attempt: what is written down, and what it means for the delivery and for its endpoint.
package struct AttemptResult: Sendable, Equatable {
    /// What came of a POST.
    package enum Outcome: Sendable, Equatable {
        /// Answered with 2xx.
        case delivered
        /// Answered with 3xx, which is not followed; the location is fit to be shown.
        case redirect(location: String)
        /// Answered with 410: the endpoint is to be disabled.
        case gone
        /// Answered with 429, 502, 503 or 504: the whole endpoint is to wait, at least this long.
        case throttled(retryAfter: Duration)
        /// Answered with any other status.
        case failed(status: Int)
        /// No complete answer came.
        case unreachable(TransferError.Code)
        /// No POST could be made of the event: the subscription has to be mended.
        case unmade(WireError.Code)
        /// No credentials were to be had to send it with.
        case unauthorized
        /// We ourselves gave up (stopped, cancelled, no room): no attempt to write down.
        case abandoned(TransferError.Code)
    }

    package let delivery: DeliveryID
    package let attempt: Attempt
    package let outcome: Outcome
    /// Bytes of the body that was sent; 0 if none was.
    package let bodyBytes: Int

    package init(
        delivery: DeliveryID, attempt: Attempt, outcome: Outcome, bodyBytes: Int = 0
    ) {
        self.delivery = delivery
        self.attempt = attempt
        self.outcome = outcome
        self.bodyBytes = bodyBytes
    }
}

extension AttemptResult.Outcome {
    /// Judges an answer; `now` is when it came, against which a date in Retry-After is measured.
    package init(_ response: HTTPResponse, now: Timestamp) {
        switch response.status {
        case 200...299:
            self = .delivered
        case 300...399:
            let location = response.headers.value(of: "location") ?? ""
            self = .redirect(location: StrangerText.location(location))
        case 410:
            self = .gone
        case 429, 502, 503, 504:
            let wait = RetryAfter.wait(response.headers.values(of: "retry-after"), now: now)
            self = .throttled(retryAfter: wait ?? .zero)
        default:
            self = .failed(status: response.status)
        }
    }

    /// Judges an exchange without an answer.
    package init(_ error: TransferError) {
        switch error.code {
        case .cancelled, .stopped, .overloaded:
            self = .abandoned(error.code)
        case .invalidURL, .invalidHeader, .refusedScheme, .refusedAddress, .dns, .connect, .tls,
            .tlsExpired, .tlsUntrusted, .tlsHostname, .tlsProtocol, .tlsClientCertificate,
            .timeoutConnect, .timeoutFirstByte, .timeoutTotal, .reset, .bodyTooLarge,
            .headersTooLarge, .spool, .encoding, .truncated, .malformed, .program, .programBusy:
            self = .unreachable(error.code)
        }
    }

    /// The word that is kept in ``Attempt/outcome``.
    package var word: String {
        switch self {
        case .delivered: "delivered"
        case .redirect: "redirect"
        case .gone: "gone"
        case .throttled: "throttled"
        case .failed: "status"
        case .unauthorized: "auth"
        case .unreachable(let code), .abandoned(let code): code.rawValue
        case .unmade(let code): code.rawValue
        }
    }
}
