import PullcordConfig
import PullcordJQ
import Synchronization

/// Keeps the jq programs of adapters compiled for as long as their tests run: libjq takes 20 ms for
/// each, and every case uses the same.
final class KeptExpressions: Sendable {
    private struct Entry: Sendable {
        let expression: Expression?
        let complaint: ExpressionChecker.Complaint?
    }

    /// Programs that are kept: an adapter has a dozen.
    private static let keptMax = 500

    private let kept = Mutex<[String: Entry]>([:])
    private let inner: ExpressionChecker

    init(over inner: ExpressionChecker) { self.inner = inner }

    /// The same checks, each made once.
    var checker: ExpressionChecker {
        ExpressionChecker(check: { self.check($0) }, isPlainPath: inner.isPlainPath)
    }

    private func check(_ text: String) -> ExpressionChecker.Complaint? {
        if let entry = kept.withLock({ $0[text] }) { return entry.complaint }
        let entry = Entry(
            expression: try? Expression(parsing: text, as: .records), complaint: inner.check(text))
        kept.withLock { kept in
            if kept.count >= Self.keptMax { kept = [:] }
            kept[text] = entry
        }
        return entry.complaint
    }
}
