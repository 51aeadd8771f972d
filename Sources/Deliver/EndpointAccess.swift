package import PullcordAuth
import PullcordModel
package import PullcordTransfer

/// How requests get to an endpoint: credentials, TLS, and who we say we are.
package struct EndpointAccess: Sendable {
    package let authorizer: Authorizer?
    package let tls: (any TLSIdentitySource)?
    /// The value of `WebHook-Request-Origin` (CloudEvents, HTTP 1.1 Web Hooks, section 4.1.1); nil
    /// where no consent is asked for.
    package let origin: String?

    package init(
        authorizer: Authorizer? = nil, tls: (any TLSIdentitySource)? = nil, origin: String? = nil
    ) {
        self.authorizer = authorizer
        self.tls = tls
        self.origin = origin
    }

    /// What came of sending a request with all that.
    struct Outcome: Sendable {
        var answer: Result<HTTPResponse, TransferError>
        /// Why there were no credentials to send it with; `answer` is then a failure.
        var refusal: AuthError?
        /// The token that was sent, which must not be seen in what is kept of the answer.
        var token: Secret?
    }

    /// Sends what `make` makes, once more with a fresh token if the first was not accepted.
    ///
    /// `make` is given the moment at which its request goes out; what it throws is thrown.
    func send(
        over exchange: any Exchange, time: any TimeSource,
        _ make: (Timestamp) throws(WireError) -> HTTPRequest
    ) async throws(WireError) -> Outcome {
        var isSecond = false
        while true {
            let identity = tls?.current(now: time.monotonic())
            var grant: Authorizer.Grant?
            do throws(AuthError) {
                grant = try await authorizer?.grant(over: exchange, tls: identity, time: time)
            } catch {
                return Self.failed(error)
            }
            var request = try make(time.wall())
            request.tls = identity
            if let origin { request.headers.append(HTTPField(Self.originHeader, origin)) }
            if let grant {
                request.headers.append(HTTPField("Authorization", grant.value.expose()))
            }
            do throws(TransferError) {
                let response = try await exchange.send(request)
                if response.status == 401, !isSecond, let grant, let authorizer,
                    authorizer.rejected(grant)
                {
                    isSecond = true
                    continue
                }
                return Outcome(answer: .success(response), token: grant?.token)
            } catch {
                return Outcome(answer: .failure(error), token: grant?.token)
            }
        }
    }

    static let originHeader = "WebHook-Request-Origin"

    private static func failed(_ error: AuthError) -> Outcome {
        let code: TransferError.Code =
            if case .unreachable(let code) = error.code { code } else { .malformed }
        return Outcome(
            answer: .failure(
                TransferError(code: code, url: error.url, phase: .queue, message: error.reason)),
            refusal: error)
    }
}

/// Where the certificates of an endpoint come from.
package protocol TLSIdentitySource: Sendable {
    /// What is to be used at this moment of the monotonic clock: files may have changed.
    func current(now: Duration) -> TLSIdentity
}
