import PullcordModel
import PullcordReceiver
import PullcordSigning
import Synchronization
import WireSupport

enum Fixture {
    static let now = Timestamp(milliseconds: 1_769_851_800_125)
    static let secret = SigningSecret.generate()
    static let body = Array(
        (#"{"type":"orders.updated","timestamp":"2026-01-31T09:29:59.625Z","data":{"record":"#
            + #"{"id":1042,"lines":[{"sku":"A}\""}],"status":"paid","total":12.50},"#
            + #""key":"1042","source":"shop","stream":"orders","version":3,"origin":"live"}}"#)
            .utf8)

    static func headers(
        id: String = "evt_1", body: [UInt8] = body, secret: SigningSecret = secret,
        time: Timestamp = now
    ) -> [(String, String)] {
        Signer.headers(id: EventID(id), time: time, body: body, secrets: [secret])
            .map { ($0.name, $0.value) }
    }

    static func webhook(
        body: [UInt8] = body, verdict: Verdict = .valid, isDuplicate: Bool = false,
        status: Int = 204, id: String = "evt_1", receivedAt: Timestamp = now
    ) -> ReceivedWebhook {
        ReceivedWebhook(
            receivedAt: receivedAt, verdict: verdict, id: id,
            content: verdict.isValid ? .init(body: body) : nil,
            batch: verdict.isValid ? ReceivedWebhook.Content.batch(in: body) : [],
            isDuplicate: isDuplicate,
            status: status)
    }
}

/// What the server told its owner.
final class Deliveries: Sendable {
    private let list = Mutex<[ReceivedWebhook]>([])

    var all: [ReceivedWebhook] { list.withLock { $0 } }

    func add(_ webhook: ReceivedWebhook) { list.withLock { $0.append(webhook) } }

    /// Runs a receiver with the fixture's secret.
    func serve(
        policy: ReplyPolicy = ReplyPolicy(), path: String = "/",
        _ use: @escaping @Sendable (_ port: Int) async throws -> Void
    ) async throws {
        try await withServer { onListening in
            ReceiverServer(
                path: path, secrets: [Fixture.secret], policy: policy, now: { Fixture.now },
                onListening: onListening, onDelivery: add)
        } use: {
            try await use($0)
        }
    }
}
