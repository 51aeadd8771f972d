import Foundation
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import Synchronization

/// A receiver that verifies what it is sent, and answers as a test says.
final class Subscriber: Sendable {
    /// One POST as it arrived.
    struct Webhook: Sendable, Equatable {
        let id: String
        let type: String
        let key: String
        let version: Int64
        let origin: String
        let body: [UInt8]
        /// Whether the signature is right at this moment.
        let isVerified: Bool
        /// Since the beginning of the test, on its own clock.
        let time: Duration
        /// Which POST of this id it is, from 1.
        let attempt: Int

        /// The record and its version, as in `7 v2`.
        var change: String { "\(key) v\(version)" }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    typealias Answer = @Sendable (Webhook) -> ScriptedReply
    /// What is answered to a request that is no webhook.
    typealias OtherAnswer = @Sendable (ReceivedRequest) -> ScriptedReply

    let name: String
    let secret = SigningSecret.generate()
    let server: ScriptedServer
    private let book: Book

    private struct State {
        var webhooks: [Webhook] = []
        var answer: Answer
        var otherAnswer: OtherAnswer = { _ in .reply(status: 400) }
    }

    private final class Book: Sendable {
        let state: Mutex<State>

        init(_ answer: @escaping Answer) { state = Mutex(State(answer: answer)) }
    }

    init(
        _ name: String = "triage", time: ManualTime,
        answer: @escaping Answer = { _ in .reply(status: 204) }
    ) throws {
        self.name = name
        let book = Book(answer)
        self.book = book
        let verifier = Verifier(secrets: [secret])
        server = try ScriptedServer { request in
            guard let webhook = Self.read(request, verifier, time, book) else {
                return book.state.withLock { $0.otherAnswer }(request)
            }
            return book.state.withLock { $0.answer }(webhook)
        }
    }

    /// All POSTs so far, in the order of their arrival.
    var webhooks: [Webhook] { book.state.withLock { $0.webhooks } }

    /// The POSTs of one record as `key version`, in the order of their arrival.
    func changes(of key: String) -> [String] { webhooks.filter { $0.key == key }.map(\.change) }

    func set(_ answer: @escaping Answer) { book.state.withLock { $0.answer = answer } }

    /// Takes bodies of any format from now on; only the server remembers these.
    func acceptsEverything() { setOther { _ in .reply(status: 204) } }

    func setOther(_ answer: @escaping OtherAnswer) {
        book.state.withLock { $0.otherAnswer = answer }
    }

    private struct Body: Decodable {
        struct Content: Decodable {
            let key: String
            let version: Int64
            let origin: String
        }

        let type: String
        let data: Content
    }

    private static func read(
        _ request: ReceivedRequest, _ verifier: Verifier, _ time: ManualTime, _ book: Book
    ) -> Webhook? {
        guard let id = request.header("webhook-id"),
            let body = try? JSONDecoder().decode(Body.self, from: Data(request.body))
        else { return nil }
        let verdict = verifier.verify(
            headers: request.headers, body: request.body, now: time.wall())
        return book.state.withLock { state in
            let webhook = Webhook(
                id: id, type: body.type, key: body.data.key, version: body.data.version,
                origin: body.data.origin, body: request.body, isVerified: verdict == .valid,
                time: time.monotonic(), attempt: state.webhooks.count { $0.id == id } + 1)
            state.webhooks.append(webhook)
            return webhook
        }
    }
}
