import PullcordModel

/// Counts the webhooks of a subscription that are larger than receivers like.
package struct SizeWatch: Sendable, Equatable {
    package private(set) var count = 0

    package init() {}

    /// Takes note of a body; true for the first that is larger than
    /// ``Limits/payloadBytesAdvised``.
    package mutating func isFirstLarge(_ bytes: Int) -> Bool {
        guard bytes > Limits.payloadBytesAdvised else { return false }
        count += 1
        return count == 1
    }
}
