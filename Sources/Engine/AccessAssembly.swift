import Glibc
import PullcordAdapter
import PullcordAuth
import PullcordCommit
import PullcordConfig
import PullcordDeliver
import PullcordModel
import PullcordTransfer

extension EndpointAccess {
    /// What a bridge file says of a subscription's access, put to work.
    init(_ access: BoundAccess) {
        let isAsked = access.spec.handshake != .off
        self.init(
            authorizer: Authorizer(access.auth),
            tls: access.files.map {
                TLSFiles(authority: $0.authority, certificate: $0.certificate, key: $0.key)
            },
            origin: isAsked ? access.origin ?? HostName.own : nil)
    }
}

extension EndpointGate {
    /// The gate of a subscription, as its last run left it.
    init(_ access: BoundAccess, endpoint: Endpoint, summary: SubscriptionSummary?) {
        let spec = access.spec
        self.init(
            limitMax: spec.concurrency, rate: spec.rate,
            introduction: Introduction(
                handshake: spec.handshake, challenge: spec.challenge,
                identity: Introducer.identity(
                    url: endpoint.url, origin: endpoint.access.origin ?? "")),
            health: summary?.health.flatMap { EndpointHealth(stored: $0) } ?? EndpointHealth(),
            isDisabled: summary?.disabledReason != nil)
    }
}

extension Authorizer {
    fileprivate init?(_ auth: BoundAccess.Auth) {
        switch auth {
        case .none: return nil
        case .bearer(let token): self = .bearer(token)
        case .basic(let username, let password):
            self = .basic(username: username, password: password)
        case .oauth2(let values):
            self = .tokens(
                TokenKeeper(
                    ClientCredentials(
                        tokenURL: values.tokenURL, identifier: values.clientID,
                        secret: values.clientSecret, scope: values.scope,
                        audience: values.audience,
                        style: values.style == .header ? .header : .body)))
        }
    }
}

/// The name of this machine.
enum HostName {
    /// `localhost` if the system tells none.
    static var own: String {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            unsafe buffer.initialize(repeating: 0)
            // One byte less, so that a name that was cut still has its end.
            guard let start = buffer.baseAddress, unsafe gethostname(start, 255) == 0 else {
                return "localhost"
            }
            let name = unsafe String(cString: start)
            return name.isEmpty ? "localhost" : name
        }
    }
}
