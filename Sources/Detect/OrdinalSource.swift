import Synchronization

/// Hands out the ordinals of new records to the visits of one poll, which run side by side.
package final class OrdinalSource: Sendable {
    private let value: Mutex<Int64>

    /// `next` is the first one, as the stream's state has it.
    package init(next: Int64) { value = Mutex(next) }

    package func take() -> Int64 {
        value.withLock { value in
            defer { value += 1 }
            return value
        }
    }
}
