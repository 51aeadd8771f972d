import PullcordDeliver
import PullcordModel
import PullcordReceiver
import PullcordSigning
import PullcordTestSupport
import PullcordTransfer
import Synchronization
import Testing
import WireSupport

/// Deliveries over real sockets, to receivers good and bad.
@Suite struct `A delivery` {
    /// One attempt to a port on loopback.
    func attempt(
        to port: Int, secrets: [SigningSecret] = [.generate()], allow: [AllowEntry] = [.loopback]
    ) async throws -> AttemptResult {
        let engine = try TransferEngine(policy: AddressPolicy(allow: allow))
        let endpoint = Endpoint(
            subscription: SubscriptionID(1), name: SubscriptionName("triage"),
            url: Secret("http://127.0.0.1:\(port)/hooks"),
            keys: SigningKeys(secrets: secrets.map { .init($0) }),
            headers: [EndpointHeader(name: "X-Team", value: Secret("blue-team"))])
        let result = await Sender(exchange: engine, version: "1").attempt(
            Fixture.delivery(), to: endpoint, time: ManualTime(start: Fixture.time))
        await engine.shutdown()
        return result
    }

    @Test func `arrives at the receiver of this project as it was committed`() async throws {
        let secret = SigningSecret.generate()
        let received = Received()
        let result = try await withServer { onListening in
            ReceiverServer(
                path: "/hooks", secrets: [secret], now: { Fixture.time + .seconds(3) },
                onListening: onListening, onDelivery: { received.add($0) })
        } use: { port in
            try await attempt(to: port, secrets: [.generate(), secret])
        }
        #expect(result.outcome == .delivered)
        #expect(result.attempt.status == 204 && result.attempt.reply.isEmpty)
        let webhook = try #require(received.all.first)
        #expect(received.all.count == 1)
        #expect(webhook.verdict == .valid && webhook.id == Fixture.event().id.text)
        #expect(webhook.content?.record == Fixture.event().record)
        #expect(webhook.content?.version == 3 && webhook.content?.key == "1042")
        #expect(webhook.delay == .seconds(3))
    }

    @Test func `with a secret that the receiver does not know fails with its reason`()
        async throws
    {
        let result = try await withServer { onListening in
            ReceiverServer(
                path: "/hooks", secrets: [.generate()], now: { Fixture.time },
                onListening: onListening, onDelivery: { _ in })
        } use: { port in
            try await attempt(to: port)
        }
        #expect(result.outcome == .failed(status: 401))
        #expect(result.attempt.reply.contains("no_matching_signature"))
    }

    static let hostile: [(reply: String, outcome: AttemptResult.Outcome)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\nbegun", .delivered),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegun\r\n", .delivered),
        ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nbegun", .delivered),
        ("HTTP/1.1 200 \u{FFFD}\u{1B}[2J\r\nContent-Length: 0\r\n\r\n", .delivered),
        (
            "HTTP/1.1 302 Found\r\nLocation: http://u:p@169.254.169.254/x?token=1\r\n"
                + "Content-Length: 0\r\n\r\n", .redirect(location: "http://169.254.169.254/x")
        ),
        ("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", .gone),
        (
            "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nRetry-After: 9\r\nContent-Length: 0\r\n\r\n",
            .throttled(retryAfter: .seconds(9))
        ),
        ("HTTP/1.1 600 What\r\nContent-Length: 0\r\n\r\n", .failed(status: 600)),
        ("", .unreachable(.reset)), ("HTTP/1.1 200 O", .unreachable(.reset)),
        ("SSH-2.0-OpenSSH_9.2\r\n", .unreachable(.malformed)),
    ]

    @Test(arguments: hostile.indices)
    func `to a receiver that breaks the rules has an outcome with a name`(index: Int)
        async throws
    {
        let (reply, outcome) = Self.hostile[index]
        let result = try await RawServer.serve(Array(reply.utf8)) { try await attempt(to: $0) }
        #expect(result.outcome == outcome)
        #expect(result.attempt.reason.isEmpty == (outcome == .delivered))
        #expect(!result.attempt.reason.contains("token"))
    }

    @Test func `reads a flood of a reply no further than it must`() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\r\n"
        let flood = Array(head.utf8) + [UInt8](repeating: 0xFF, count: 8_000_000)
        let result = try await RawServer.serve(flood) { try await attempt(to: $0) }
        #expect(result.outcome == .delivered)
        #expect(result.attempt.reply.utf8.count <= Limits.replyBytesKept)
        #expect(result.attempt.reply.hasSuffix("[…]"))
    }

    @Test func `to an address that the policy forbids is not sent`() async throws {
        let received = Received()
        let result = try await withServer { onListening in
            ReceiverServer(
                path: "/hooks", secrets: [.generate()], now: { Fixture.time },
                onListening: onListening, onDelivery: { received.add($0) })
        } use: { port in
            try await attempt(to: port, allow: [])
        }
        #expect(result.outcome == .unreachable(.refusedAddress))
        #expect(received.all.isEmpty)
    }
}

private final class Received: Sendable {
    private let list = Mutex<[ReceivedWebhook]>([])

    var all: [ReceivedWebhook] { list.withLock { $0 } }

    func add(_ webhook: ReceivedWebhook) { list.withLock { $0.append(webhook) } }
}
