import Crypto
import PullcordCommit
package import PullcordModel

/// Tokens of the HTTP API: how they are made, and how one is known again.
package enum TokenText {
    static let prefix = "pct_"

    /// A new token of 256 bits from the system's secure random numbers.
    package static func generate() -> Secret {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let text = Base64.encode(bytes).replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
        return Secret(prefix + text)
    }

    /// What is kept of a token; with 256 random bits nothing slower than a hash is needed.
    package static func hash(_ token: Secret) -> [UInt8] {
        Array(SHA256.hash(data: Array(token.expose().utf8)))
    }

    /// Compares in a time that does not depend on where they differ.
    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
