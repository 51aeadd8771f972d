import Synchronization

/// Secrets that become known while Pullcord runs, such as tokens that were fetched.
///
/// A ``Redactor`` that was made with a book masks what is in it from then on.
package final class SecretBook: Sendable {
    /// So many of the newest sets of secrets are remembered: an old token opens nothing.
    private static let remembered = 32

    private let redactors = Mutex<[Redactor]>([])

    package init() {}

    package func add(_ secrets: [Secret]) {
        guard !secrets.isEmpty else { return }
        let redactor = Redactor(secrets)
        redactors.withLock { redactors in
            redactors.append(redactor)
            if redactors.count > Self.remembered { redactors.removeFirst() }
        }
    }

    func redact(_ text: String) -> String {
        redactors.withLock { $0 }.reduce(text) { $1.redact($0) }
    }
}
