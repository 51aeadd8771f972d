import Foundation
import PullcordDemo
import PullcordModel
import Synchronization
import Testing
import WireSupport

@Suite struct `The order API` {
    static let now = Timestamp(milliseconds: 1_769_851_800_000)

    /// Serves a book of 30 orders; nothing ticks unless the test says so.
    func serve(
        clock: StepClock = StepClock(),
        onChange: @escaping @Sendable (OrderChange) -> Void = { _ in },
        _ use: @escaping @Sendable (_ api: OrderAPI, _ port: Int) async throws -> Void
    ) async throws {
        let box = Box()
        try await withServer { onListening in
            let api = OrderAPI(
                book: OrderBook(seed: 7, count: 30, now: Self.now), clock: clock,
                now: { Self.now + .seconds(5) }, onListening: onListening, onChange: onChange)
            box.api.withLock { $0 = api }
            return api
        } use: { port in
            try await use(try #require(box.api.withLock { $0 }), port)
        }
    }

    func object(_ answer: WireAnswer) throws -> [String: Any] {
        try #require(
            try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
    }

    @Test func `gives the orders page by page, each once and by id`() async throws {
        try await serve { api, port in
            var ids: [Int] = []
            for page in 1...4 {
                let answer = try await Wire.request(
                    "GET", "/orders?page=\(page)&per_page=10", to: port)
                #expect(answer.status == 200)
                #expect(answer.header("content-type") == "application/json")
                let object = try self.object(answer)
                let data = try #require(object["data"] as? [[String: Any]])
                ids += data.compactMap { $0["id"] as? Int }
                let meta = try #require(object["meta"] as? [String: Int])
                #expect(meta == ["page": page, "pages": 3, "total": 30])
            }
            #expect(ids == api.book.orders.map(\.id))
            let plain = try self.object(try await Wire.request("GET", "/orders", to: port))
            #expect((plain["data"] as? [Any])?.count == 20)
        }
    }

    @Test func `shows an order as a real API would`() async throws {
        try await serve { api, port in
            let order = try #require(api.book.orders.first)
            let answer = try await Wire.request("GET", "/orders/\(order.id)", to: port)
            let object = try self.object(answer)
            #expect(object["status"] as? String == order.status.rawValue)
            let customer = try #require(object["customer"] as? [String: Any])
            #expect(customer["name"] as? String == order.customer.name)
            #expect((customer["address"] as? [String: Any])?["city"] != nil)
            #expect((object["lines"] as? [[String: Any]])?.count == order.lines.count)
            let updated = try #require(object["updated_at"] as? String)
            #expect(Timestamp(rfc3339: updated)?.milliseconds == order.updatedAt)
            let cents = order.totalCents % 100
            #expect(answer.body.contains(".\(cents < 10 ? "0" : "")\(cents),\"currency\""))
        }
    }

    @Test func `answers 304 until something has changed`() async throws {
        try await serve { api, port in
            let first = try await Wire.request("GET", "/orders?per_page=100", to: port)
            let tag = try #require(first.header("etag"))
            #expect(tag.hasPrefix("\"") && tag.hasSuffix("\""))
            for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                let again = try await Wire.request(
                    "GET", "/orders?per_page=100", headers: [("If-None-Match", known)], to: port)
                #expect(again.status == 304 && again.body.isEmpty)
                #expect(again.header("etag") == tag)
            }
            api.tick()
            let changed = try await Wire.request(
                "GET", "/orders?per_page=100", headers: [("If-None-Match", tag)], to: port)
            #expect(changed.status == 200)
            #expect(changed.header("etag") != tag)
        }
    }

    @Test(arguments: [
        ("GET", "/", 404), ("GET", "/order", 404), ("GET", "/orders/", 404),
        ("GET", "/orders/1/2", 404), ("GET", "/orders/999999", 404), ("GET", "/orders/-1", 404),
        ("GET", "/orders/99999999999999999999999", 404), ("GET", "/orders/%00", 404),
        ("GET", "/../orders", 404), ("POST", "/orders", 405), ("DELETE", "/orders/1001", 405),
        ("PATCH", "/orders", 405), ("GET", "/orders?page=0", 400), ("GET", "/orders?page=-1", 400),
        ("GET", "/orders?page=x", 400), ("GET", "/orders?page=", 400), ("GET", "/orders?page", 400),
        ("GET", "/orders?page=9223372036854775807", 400), ("GET", "/orders?per_page=0", 400),
        ("GET", "/orders?per_page=101", 400), ("GET", "/orders?per_page=1e2", 400),
        ("GET", "/orders?page=1000000&per_page=100", 200), ("GET", "/orders?other=1&&=", 200),
    ])
    func `answers any request with a status and JSON`(
        method: String, target: String, status: Int
    ) async throws {
        try await serve { _, port in
            let answer = try await Wire.request(method, target, to: port)
            #expect(answer.status == status)
            let object = try self.object(answer)
            #expect((object["error"] == nil) == (status == 200))
        }
    }

    @Test func `ticks with its clock and tells what happened`() async throws {
        let clock = StepClock()
        let (changes, continuation) = AsyncStream.makeStream(of: OrderChange.self)
        try await serve(clock: clock, onChange: { continuation.yield($0) }) { api, _ in
            var iterator = changes.makeAsyncIterator()
            for _ in 0..<5 {
                let before = api.book
                clock.step()
                _ = await iterator.next()
                #expect(api.book != before)
            }
        }
    }

    @Test(arguments: [("127.0.0.1", 70_000), ("127.0.0.1", -1), ("no such host", 0), ("", 0)])
    func `says so when it cannot listen where it was told to`(
        host: String, port: Int
    ) async throws {
        let api = OrderAPI(
            book: OrderBook(seed: 7, now: Self.now), host: host, port: port, clock: StepClock(),
            now: { Self.now })
        let error = await #expect(throws: DemoError.self) { try await api.run() }
        #expect(error?.code == .cannotListen)
    }

    @Test func `says so when its port is taken`() async throws {
        try await serve { api, port in
            let second = OrderAPI(
                book: api.book, port: port, clock: StepClock(), now: { Self.now })
            let error = await #expect(throws: DemoError.self) { try await second.run() }
            #expect(error?.code == .portTaken)
        }
    }
}

private final class Box: Sendable {
    let api = Mutex<OrderAPI?>(nil)
}

/// A clock whose sleepers wake one for each step.
final class StepClock: Clock {
    struct Instant: InstantProtocol {
        let offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let steps: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (steps, continuation) = AsyncStream.makeStream(of: Void.self) }

    var now: Instant { Instant(offset: .zero) }
    var minimumResolution: Duration { .zero }

    func step() { continuation.yield() }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        var iterator = steps.makeAsyncIterator()
        _ = await iterator.next()
        try Task.checkCancellation()
    }
}
