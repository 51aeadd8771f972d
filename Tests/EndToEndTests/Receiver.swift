import PullcordJSON
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import Synchronization

/// A webhook receiver over a real socket that checks what it gets and refuses when told to.
final class Receiver: Sendable {
    struct Webhook: Sendable {
        let id: String
        let type: String
        let key: String
        let version: Int
        let body: [UInt8]
        let isAccepted: Bool
    }

    private struct State {
        var webhooks: [Webhook] = []
        var forgeries = 0
        var traces: [String] = []
        var watchers: [(isDone: @Sendable ([Webhook]) -> Bool, CheckedContinuation<Void, Never>)] =
            []
    }

    let secret = SigningSecret.generate()
    private let shared: Shared
    private let server: ScriptedServer

    private final class Shared: Sendable {
        let state = Mutex(State())
    }

    /// `status` is the answer to webhook `n`, counted from 1; `before` is called with each
    /// request before it is judged.
    init(
        status: @escaping @Sendable (Int) -> Int = { _ in 204 },
        before: @escaping @Sendable () -> Void = {}
    ) throws {
        let shared = Shared()
        self.shared = shared
        let verifier = Verifier(secrets: [secret])
        server = try ScriptedServer { request in
            before()
            return Self.answer(request, shared, verifier, status)
        }
    }

    var url: String { server.url("/hook") }
    /// Requests whose signature did not fit.
    var forgeries: Int { shared.state.withLock { $0.forgeries } }
    /// The `traceparent` of each webhook.
    var traces: [String] { shared.state.withLock { $0.traces } }
    var webhooks: [Webhook] { shared.state.withLock { $0.webhooks } }
    var accepted: [Webhook] { webhooks.filter(\.isAccepted) }

    /// Returns as soon as `isDone` holds for all that has come.
    func wait(until isDone: @escaping @Sendable ([Webhook]) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isNow = shared.state.withLock { state in
                if isDone(state.webhooks) { return true }
                state.watchers.append((isDone, continuation))
                return false
            }
            if isNow { continuation.resume() }
        }
    }

    func stop() { server.stop() }

    private static func answer(
        _ request: ReceivedRequest, _ shared: Shared, _ verifier: Verifier,
        _ status: (Int) -> Int
    ) -> ScriptedReply {
        let stamp = request.header("webhook-timestamp").flatMap { Int64($0) } ?? 0
        // The receiver's clock is the sender's here: what is checked is the signature.
        let verdict = verifier.verify(
            headers: request.headers, body: request.body,
            now: Timestamp(milliseconds: stamp * 1000))
        guard verdict.isValid, let value = try? JSONValue(parsing: request.body) else {
            shared.state.withLock { $0.forgeries += 1 }
            return .reply(status: 401)
        }
        let (answer, done) = shared.state.withLock {
            state -> (Int, [CheckedContinuation<Void, Never>]) in
            let answer = status(state.webhooks.count + 1)
            state.traces.append(request.header("traceparent") ?? "")
            state.webhooks.append(
                Webhook(
                    id: request.header("webhook-id") ?? "", type: value.text("type"),
                    key: value["data"]?.text("key") ?? "",
                    version: Int(value["data"]?.text("version") ?? "") ?? 0, body: request.body,
                    isAccepted: (200...299).contains(answer)))
            let done = state.watchers.filter { $0.isDone(state.webhooks) }.map(\.1)
            state.watchers.removeAll { $0.isDone(state.webhooks) }
            return (answer, done)
        }
        for continuation in done { continuation.resume() }
        return .reply(status: answer)
    }
}

extension JSONValue {
    /// A member that is a string or a number, as text; empty for anything else.
    func text(_ key: String) -> String {
        switch self[key] {
        case .string(let text), .number(let text): text
        case .null, .bool, .array, .object, nil: ""
        }
    }
}
