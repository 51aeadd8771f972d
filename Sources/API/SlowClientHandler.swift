import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Cuts off whoever sends or takes too slowly, however regularly a byte comes.
///
/// One deadline for the head of a request (also the wait between two on one connection), one for
/// its body, and one for a client that does not read what was written.
final class SlowClientHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    struct Deadlines: Sendable {
        var head: TimeAmount = .seconds(15)
        var body: TimeAmount = .seconds(60)
        var reading: TimeAmount = .seconds(30)
    }

    private let deadlines: Deadlines
    private var incoming: Scheduled<Void>?
    private var outgoing: Scheduled<Void>?

    init(_ deadlines: Deadlines) { self.deadlines = deadlines }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { wait(deadlines.head, context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        wait(deadlines.head, context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: wait(deadlines.body, context)
        case .body: break
        case .end: incoming?.cancel()
        }
        context.fireChannelRead(data)
    }

    func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        if case .end = unwrapOutboundIn(data) { wait(deadlines.head, context) }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        outgoing?.cancel()
        outgoing = nil
        if !context.channel.isWritable { outgoing = cut(after: deadlines.reading, context) }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        incoming?.cancel()
        outgoing?.cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        incoming?.cancel()
        outgoing?.cancel()
    }

    private func wait(_ time: TimeAmount, _ context: ChannelHandlerContext) {
        incoming?.cancel()
        incoming = cut(after: time, context)
    }

    private func cut(after time: TimeAmount, _ context: ChannelHandlerContext) -> Scheduled<Void> {
        let channel = context.channel
        return context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }
}
