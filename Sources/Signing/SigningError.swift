/// Why a signing secret was refused; no part of the secret is in it.
package struct SigningError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        /// The text does not begin with `whsec_`.
        case missingPrefix = "secret_missing_prefix"
        /// The text begins with `whsk_` or `whpk_`, the prefixes of Ed25519 keys.
        case asymmetric = "secret_asymmetric"
        /// What follows the prefix is not padded base64.
        case notBase64 = "secret_not_base64"
        /// The key has fewer than 24 bytes.
        case tooShort = "secret_too_short"
        /// The key has more than 64 bytes.
        case tooLong = "secret_too_long"
        /// The bytes are no key of the kind that is asked for.
        case notAKey = "secret_not_a_key"
        /// Sealed with a key that is not at hand.
        case otherKey = "sealed_other_key"
        /// A sealed text that was changed, or moved from another place.
        case damaged = "sealed_damaged"
    }

    package let code: Code
    /// What was being done.
    package let operation: String
    package let message: String
    package let hint: String

    package init(code: Code, operation: String, message: String, hint: String) {
        self.code = code
        self.operation = operation
        self.message = message
        self.hint = hint
    }

    package var description: String {
        "\(operation): \(message) [\(code.rawValue)]\n  hint: \(hint)"
    }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}
