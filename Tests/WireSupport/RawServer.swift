import NIOCore
import NIOPosix

/// A server on loopback that reads a request and then sends whatever bytes a test wants it to
/// send.
///
/// It works on the event loops alone: where many tests keep the threads of tasks busy, an answer
/// would come too late for the client's patience.
package enum RawServer {
    /// Runs it while `use` does something with its port.
    ///
    /// Every connection gets the same bytes and is closed afterwards.
    package static func serve<Result: Sendable>(
        _ reply: [UInt8], use: @escaping @Sendable (_ port: Int) async throws -> Result
    ) async throws -> Result {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RawAnswer(reply))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await use(server.localAddress?.port ?? 0)
            try await server.close()
            return result
        } catch {
            try? await server.close()
            throw error
        }
    }
}

/// One connection: reads a request, sends the reply, closes.
private final class RawAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let reply: [UInt8]
    private var request: [UInt8] = []
    private var isAnswered = false

    init(_ reply: [UInt8]) { self.reply = reply }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        request += unwrapInboundIn(data).readableBytesView
        // All of the request first: what is left unread makes the close a reset, and the reply
        // that is on its way is lost with it.
        guard !isAnswered, isWhole else { return }
        isAnswered = true
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: reply))).whenComplete { _ in
            channel.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// Whether the request has its head and as many bytes of body as that says.
    private var isWhole: Bool {
        guard let end = request.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
        let head = String(decoding: request[..<end.lowerBound], as: UTF8.self).lowercased()
        let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length: ") }
            .flatMap { Int($0.dropFirst("content-length: ".count)) }
        return request.count - end.upperBound >= length ?? 0
    }
}
