import Synchronization

/// A number of places that all lanes share.
package final class Slots: Sendable {
    private let free: Mutex<Int>

    package init(_ count: Int) { free = Mutex(count) }

    /// Takes as many of `count` places as are free, without waiting.
    func take(_ count: Int) -> Int {
        free.withLock { free in
            let taken = min(max(count, 0), free)
            free -= taken
            return taken
        }
    }

    var areTaken: Bool { free.withLock { $0 == 0 } }

    func giveBack() { free.withLock { $0 += 1 } }
}
