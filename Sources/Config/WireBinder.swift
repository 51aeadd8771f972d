package import PullcordAdapter
package import PullcordModel

/// What a subscription's deliveries are signed with, and the headers that each event fills in.
package struct BoundWire: Sendable {
    /// `whsec_` and base64, checked; the current one first.
    package var secrets: [(secret: Secret, until: Timestamp?)] = []
    /// `whsk_` and base64, checked; nil for none.
    package var ed25519: Secret?

    package init() {}
}

/// A header of a subscription with the values of the installation in it.
package struct BoundHeader: Sendable {
    package enum Piece: Sendable {
        case text(String)
        /// A value of the event that is delivered.
        case event(Placeholder)
    }

    package let name: String
    package let pieces: [Piece]

    /// The whole value, if no event has a part in it.
    package var constant: String? {
        var result = ""
        for piece in pieces {
            guard case .text(let text) = piece else { return nil }
            result += text
        }
        return result
    }
}

/// Renders the values of a subscription that sign its deliveries and stand in their headers.
struct WireBinder {
    let installation: Installation
    private var collector: Collector { installation.collector }

    /// nil if a value is missing or wrong, or the environment is not at hand.
    func bind(_ spec: WireSpec, path: String) -> BoundWire? {
        var bound = BoundWire()
        var isComplete = !spec.secrets.isEmpty
        for secret in spec.secrets {
            warnOfPast(secret, join(path, "secret"))
            guard
                let text = resolve(
                    secret.value, at: secret.place, join(path, "secret"), "secret_invalid",
                    WebhookSecret.complaint, allowed: "whsec_ and base64 of 24 to 64 bytes",
                    hint: "`pullcord secret` makes one")
            else {
                isComplete = false
                continue
            }
            bound.secrets.append((text, secret.until))
        }
        if let key = spec.ed25519 {
            bound.ed25519 = resolve(
                key, at: key.place, join(path, "ed25519"), "key_invalid", keyComplaint,
                allowed: "whsk_ and base64 of 32 or 64 bytes",
                hint: "`pullcord secret --ed25519` makes one")
            if bound.ed25519 == nil { isComplete = false }
        }
        return isComplete ? bound : nil
    }

    private func keyComplaint(_ text: String) -> String? {
        WebhookKey.complaint(text) ?? collector.checkers.signingKeys.check(text)
    }

    private func resolve(
        _ template: Template, at place: Place, _ path: String, _ code: String,
        _ complaint: (String) -> String?, allowed: String, hint: String
    ) -> Secret? {
        guard case .text(let text) = installation.resolve(template, path: path) else { return nil }
        if let complaint = complaint(text) {
            collector.error(code, at: place, path: path, complaint, allowed: [allowed], hint: hint)
            return nil
        }
        return Secret(text)
    }

    private func warnOfPast(_ secret: WireSpec.TimedSecret, _ path: String) {
        guard let until = secret.until, let now = installation.now, until <= now else { return }
        collector.warning(
            "secret_ended", at: secret.untilPlace, path: path, found: "\(until)",
            "this secret signs nothing any more: its `until` is past",
            hint: "take it out of the list")
    }

    /// A header's value with everything filled in but what each event gives; `text` has no pieces
    /// of events.
    enum HeaderOutcome {
        case header(BoundHeader)
        /// A value is absent on purpose: the header is left out.
        case absent
        case failed
    }

    func bind(_ header: NamedTemplate, path: String) -> HeaderOutcome {
        var pieces: [BoundHeader.Piece] = []
        var isComplete = true
        for segment in header.value.segments {
            switch segment {
            case .literal(let text): pieces.append(.text(text))
            case .placeholder(let placeholder):
                if case .event = placeholder.subject {
                    pieces.append(.event(placeholder))
                    continue
                }
                let part = Template(segments: [segment], place: header.value.place)
                switch installation.resolve(part, path: path) {
                case .text(let text): pieces.append(.text(text))
                case .absent: return .absent
                case .unknown, .failed: isComplete = false
                }
            }
        }
        guard isComplete else { return .failed }
        return .header(BoundHeader(name: header.name, pieces: pieces))
    }
}
