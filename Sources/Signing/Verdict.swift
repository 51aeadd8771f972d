/// What a verifier makes of a webhook; only ``valid`` may be trusted.
package enum Verdict: Sendable, Equatable {
    case valid
    /// A header that the standard demands is not there.
    case missingHeader(String)
    /// `webhook-timestamp` is not a whole number of seconds.
    case badTimestamp
    /// Signed longer ago than the tolerance allows; `by` is its age.
    case tooOld(by: Duration)
    /// Signed in the future, by more than the tolerance allows.
    case tooNew(by: Duration)
    /// Well formed, but no signature was made with any of the secrets.
    case noMatchingSignature
    /// A header that no sender of the standard writes; the text says which and why.
    case malformed(String)

    package var isValid: Bool { self == .valid }

    /// A stable word for machines, as in `too_old`.
    package var code: String {
        switch self {
        case .valid: "valid"
        case .missingHeader: "missing_header"
        case .badTimestamp: "bad_timestamp"
        case .tooOld: "too_old"
        case .tooNew: "too_new"
        case .noMatchingSignature: "no_matching_signature"
        case .malformed: "malformed"
        }
    }

    /// The reason in words, for people.
    package var reason: String {
        switch self {
        case .valid: "the signature is valid"
        case .missingHeader(let name): "the header \(name) is missing"
        case .badTimestamp: "webhook-timestamp is not a whole number of seconds"
        case .tooOld(let age): "signed \(age.components.seconds) s ago: a replay, or a slow clock"
        case .tooNew(let lead):
            "signed \(lead.components.seconds) s in the future: a clock is wrong"
        case .noMatchingSignature: "no signature was made with the secret in use here"
        case .malformed(let what): what
        }
    }
}
