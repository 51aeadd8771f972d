import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// How long a client may take.
package struct ClientDeadlines: Sendable {
    /// For the head of a request, from the end of the one before.
    package var head: Duration
    package var body: Duration
    /// Until it reads what was written.
    package var reading: Duration

    package init(
        head: Duration = .seconds(15), body: Duration = .seconds(60),
        reading: Duration = .seconds(30)
    ) {
        self.head = head
        self.body = body
        self.reading = reading
    }
}

/// Cuts off whoever sends or takes too slowly, however regularly a byte comes.
///
/// One deadline for the head of a request (also the wait between two on one connection), one for
/// its body, and one for a client that does not read what was written.
final class SlowClientHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let deadlines: ClientDeadlines
    private var incoming: Scheduled<Void>?
    private var outgoing: Scheduled<Void>?
    private var closes = false
    private var isReading = false
    private var isAnswering = false

    init(_ deadlines: ClientDeadlines) { self.deadlines = deadlines }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { wait(deadlines.head, context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        wait(deadlines.head, context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            (isReading, isAnswering) = (true, true)
            wait(deadlines.body, context)
        case .body: break
        case .end:
            isReading = false
            // An answer takes as long as it takes: whoever listens sends nothing.
            if isAnswering { incoming?.cancel() } else { wait(deadlines.head, context) }
        }
        context.fireChannelRead(data)
    }

    func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            closes = head.headerFields[.connection] == "close"
        case .body: break
        case .end:
            guard !closes else {
                // What else was sent is not read.
                let channel = context.channel
                let written = promise ?? context.eventLoop.makePromise(of: Void.self)
                written.futureResult.whenComplete { _ in channel.close(promise: nil) }
                return context.write(data, promise: written)
            }
            isAnswering = false
            if !isReading { wait(deadlines.head, context) }
        }
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

    private func wait(_ time: Duration, _ context: ChannelHandlerContext) {
        incoming?.cancel()
        incoming = cut(after: time, context)
    }

    private func cut(after time: Duration, _ context: ChannelHandlerContext) -> Scheduled<Void> {
        let channel = context.channel
        return context.eventLoop.scheduleTask(in: TimeAmount(time)) { channel.close(promise: nil) }
    }
}
