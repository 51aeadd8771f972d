import Glibc

/// A port on loopback on which nobody listens, and that nobody else gets as long as it is there: a
/// port that was given back may be another test's in the next moment.
package final class RefusingPort: Sendable {
    package let port: UInt16
    private let descriptor: CInt

    package init() throws {
        (descriptor, port) = try Sockets.take("127.0.0.1", listens: false)
    }

    deinit { close(descriptor) }

    package var url: String { "http://127.0.0.1:\(port)/" }
}
