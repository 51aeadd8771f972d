import Glibc
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
package import PullcordModel
import ServiceLifecycle
import Synchronization

/// A small order API on loopback that changes by itself: what `pullcord demo` polls.
///
/// `GET /orders?page=1&per_page=20` gives a page of orders by id, `GET /orders/1042` one of them;
/// both with an ETag, and 304 for a request that knows it.
package struct OrderAPI: Service {
    private let host: String
    private let port: Int
    private let shelf: Shelf
    private let tickEvery: Duration
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Timestamp
    private let onListening: @Sendable (_ port: Int) async -> Void
    private let onChange: @Sendable (OrderChange) -> Void

    /// Port 0 lets the system choose; `onListening` tells which one it is.
    ///
    /// A tick comes every `tickEvery` of `clock`, at least a millisecond; `now` is the wall clock
    /// that stamps orders. `onChange` hears of every tick.
    package init(
        book: OrderBook, host: String = "127.0.0.1", port: Int = 0,
        tickEvery: Duration = .seconds(2), clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Timestamp,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in },
        onChange: @escaping @Sendable (OrderChange) -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        shelf = Shelf(book)
        self.tickEvery = max(tickEvery, .milliseconds(1))
        self.clock = clock
        self.now = now
        self.onListening = onListening
        self.onChange = onChange
    }

    /// The orders as they are now, to be saved.
    package var book: OrderBook { shelf.book.withLock { $0 } }

    /// Changes one order now, as the timer does.
    package func tick() {
        let now = now()
        onChange(shelf.book.withLock { $0.tick(now: now) })
    }

    /// Serves, and ticks, until the service group shuts down.
    ///
    /// - Throws: ``DemoError`` if the address cannot be listened on.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await serve() }
            group.addTask {
                try? await cancelWhenGracefulShutdown {
                    while true {
                        try await clock.sleep(for: tickEvery)
                        tick()
                    }
                }
            }
            // The server's end, good or bad, ends the timer too; the timer has no other end.
            defer { group.cancelAll() }
            try await group.next()
            try await group.next()
        }
    }

    private func serve() async throws {
        // An empty host would be every address of the machine.
        guard (0...65_535).contains(port), !host.isEmpty else {
            throw refusal("there is no such address")
        }
        let application = Application(
            responder: CallbackResponder { (request: Request, _: BasicRequestContext) in
                respond(to: request)
            },
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "pullcord-demo"),
            onServerRunning: { await onListening($0.localAddress?.port ?? port) },
            logger: Logger(label: "pullcord.demo") { _ in SwiftLogNoOpLogHandler() })
        do {
            try await application.run()
        } catch let error as IOError {
            let isTaken = error.errnoCode == EADDRINUSE
            let reason = isTaken ? "the port is taken by another program" : "\(error)"
            throw refusal(reason, isTaken: isTaken)
        } catch is SocketAddressError.UnknownHost {
            throw refusal("the host is unknown")
        }
    }

    private func refusal(_ reason: String, isTaken: Bool = false) -> DemoError {
        DemoError(
            code: isTaken ? .portTaken : .cannotListen, operation: "listen on \(host):\(port)",
            message: reason, hint: "choose another port, or 0 for any that is free")
    }

    private func respond(to request: Request) -> Response {
        let answer = OrderAnswer.answer(
            method: request.method.rawValue, path: request.uri.path,
            query: request.uri.query ?? "", ifNoneMatch: request.headers[.ifNoneMatch], book: book)
        var headers = HTTPFields()
        if let tag = answer.entityTag { headers[.eTag] = tag }
        if answer.status == 405 { headers[.allow] = "GET" }
        guard let body = answer.body else {
            return Response(status: .init(code: answer.status), headers: headers)
        }
        headers[.contentType] = "application/json"
        return Response(
            status: .init(code: answer.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
    }
}

/// The book, shared by connections and the timer.
private final class Shelf: Sendable {
    let book: Mutex<OrderBook>

    init(_ book: OrderBook) { self.book = Mutex(book) }
}
