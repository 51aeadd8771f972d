/// Why a stream that is polled by how often it changes is polled as often as it is.
package enum PaceReason: String, Sendable, CaseIterable {
    /// Too little is known of it yet: it is polled as often as the others.
    case learning
    /// By how often it changes.
    case rate
    /// It changes so often that the shortest interval holds.
    case least
    /// It changes so rarely that the longest interval holds.
    case most
}
