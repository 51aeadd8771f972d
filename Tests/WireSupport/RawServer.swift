import NIOCore
import NIOPosix

/// A server on loopback that reads the beginning of a request and then sends whatever bytes a
/// test wants it to send.
package enum RawServer {
    /// Runs it while `use` does something with its port.
    ///
    /// Every connection gets the same bytes and is closed afterwards.
    package static func serve<Result: Sendable>(
        _ reply: [UInt8], use: @escaping @Sendable (_ port: Int) async throws -> Result
    ) async throws -> Result {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        let port = server.channel.localAddress?.port ?? 0
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await server.executeThenClose { connections in
                    for try await connection in connections {
                        try? await answer(connection, reply)
                    }
                }
                return nil
            }
            group.addTask { try await use(port) }
            while let result = try await group.next() {
                guard let result else { continue }
                group.cancelAll()
                return result
            }
            throw CancellationError()
        }
    }

    private static func answer(
        _ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ reply: [UInt8]
    ) async throws {
        try await connection.executeThenClose { inbound, outbound in
            // All of the request: what is left unread makes the close a reset, and the reply that
            // is on its way is lost with it.
            var request: [UInt8] = []
            for try await bytes in inbound {
                request += bytes.readableBytesView
                if isWhole(request) { break }
            }
            guard !reply.isEmpty else { return }
            try await outbound.write(ByteBuffer(bytes: reply))
        }
    }

    /// Whether a request has its head and as many bytes of body as that says.
    private static func isWhole(_ request: [UInt8]) -> Bool {
        guard let end = request.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
        let head = String(decoding: request[..<end.lowerBound], as: UTF8.self).lowercased()
        let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length: ") }
            .flatMap { Int($0.dropFirst("content-length: ".count)) }
        return request.count - end.upperBound >= length ?? 0
    }
}
