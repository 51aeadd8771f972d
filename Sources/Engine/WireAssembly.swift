import PullcordAdapter
import PullcordConfig
import PullcordDeliver
import PullcordJQ
import PullcordModel
import PullcordSigning

/// Makes what signs and what forms a subscription's deliveries from what its file says; all of it
/// was checked before, so a failure is a mistake of ours or of a checker.
extension SigningKeys {
    init(_ subscription: BoundSubscription) throws {
        let algorithm: MessageSignature.Algorithm? =
            switch subscription.spec.wire.httpSignature {
            case nil: nil
            case .hmac: .hmac
            case .ed25519: .ed25519
            }
        self.init(
            secrets: try subscription.wire.secrets.map {
                TimedSecret(try SigningSecret(parsing: $0.secret), until: $0.until)
            },
            ed25519: try subscription.wire.ed25519.map { try Ed25519Key(parsing: $0) },
            requests: algorithm)
    }
}

extension Wire {
    /// `publicURL` is where receivers reach the API, for links to what is not in a webhook.
    init(_ spec: WireSpec, publicURL: String?) throws {
        self.init(
            format: spec.format, body: try spec.body.map { try Expression(parsing: $0.text) },
            transform: try spec.transform.map { try Expression(parsing: $0.text) },
            bytesMax: spec.payloadMax, link: publicURL.map { "\($0)/v1/events/" })
    }
}

extension EndpointHeader {
    init(_ header: BoundHeader) {
        self.init(
            name: header.name,
            pieces: header.pieces.map { piece in
                switch piece {
                case .text(let text): .text(Secret(text))
                case .event(let placeholder): .event(placeholder)
                }
            })
    }
}
