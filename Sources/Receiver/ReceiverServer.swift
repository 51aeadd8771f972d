import Glibc
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
package import PullcordModel
package import PullcordSigning
import ServiceLifecycle
import Synchronization

/// A server that takes webhooks on one path and verifies them: `pullcord listen`.
package struct ReceiverServer: Service {
    /// Bytes of a body; Pullcord's own envelopes stay below ``Limits/payloadBytesMax``.
    package static let bodyBytesMax = Limits.payloadBytesMax + (64 << 10)

    private let host: String
    private let port: Int
    private let path: String
    private let verifier: Verifier
    private let log: SharedLog
    private let now: @Sendable () -> Timestamp
    private let onListening: @Sendable (_ port: Int) async -> Void
    private let onDelivery: @Sendable (ReceivedWebhook) -> Void
    private let onStray: @Sendable (_ method: String, _ path: String) -> Void

    /// Port 0 lets the system choose; `onListening` tells which one it is.
    ///
    /// `now` is the wall clock. `onDelivery` hears of every POST to `path`, also of those whose
    /// signature is not valid, before it is answered; `onStray` of every request elsewhere.
    package init(
        host: String = "127.0.0.1", port: Int = 0, path: String = "/",
        secrets: [SigningSecret], publicKeys: [Ed25519PublicKey] = [],
        policy: ReplyPolicy = ReplyPolicy(),
        tolerance: Duration = .seconds(300), now: @escaping @Sendable () -> Timestamp,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in },
        onStray: @escaping @Sendable (_ method: String, _ path: String) -> Void = { _, _ in },
        onDelivery: @escaping @Sendable (ReceivedWebhook) -> Void
    ) {
        self.host = host
        self.port = port
        self.path = path.hasPrefix("/") ? path : "/" + path
        verifier = Verifier(
            secrets: secrets, publicKeys: publicKeys, tolerance: tolerance)
        log = SharedLog(policy)
        self.now = now
        self.onListening = onListening
        self.onDelivery = onDelivery
        self.onStray = onStray
    }

    /// Serves until the service group shuts down.
    ///
    /// - Throws: ``ReceiverError`` if the address cannot be listened on.
    package func run() async throws {
        // An empty host would be every address of the machine.
        guard (0...65_535).contains(port), !host.isEmpty else {
            throw refusal("there is no such address")
        }
        let application = Application(
            responder: CallbackResponder { (request: Request, _: BasicRequestContext) in
                await respond(to: request)
            },
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "pullcord-listen"),
            onServerRunning: { await onListening($0.localAddress?.port ?? port) },
            logger: Logger(label: "pullcord.listen") { _ in SwiftLogNoOpLogHandler() })
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

    private func respond(to request: Request) async -> Response {
        guard request.uri.path == path else {
            onStray(request.method.rawValue, OneLine.plain(request.uri.path))
            return refuse(.notFound, "not_found", "webhooks are taken at \(path)")
        }
        guard request.method == .post else {
            var response = refuse(.methodNotAllowed, "method_not_allowed", "send webhooks by POST")
            response.headers[.allow] = "POST"
            return response
        }
        guard let body = await body(of: request) else {
            var response = refuse(
                .contentTooLarge, "body_too_large", "at most \(Self.bodyBytesMax) bytes are taken")
            response.headers[.connection] = "close"
            return response
        }
        return receive(request.headers, body)
    }

    private func receive(_ headers: HTTPFields, _ body: [UInt8]) -> Response {
        let receivedAt = now()
        let verdict = verifier.verify(
            headers: headers.map { ($0.name.canonicalName, $0.value) }, body: body,
            now: receivedAt)
        let id = HTTPField.Name(WebhookHeader.id).flatMap { headers[$0] } ?? ""
        guard verdict.isValid else {
            onDelivery(
                ReceivedWebhook(
                    receivedAt: receivedAt, verdict: verdict, id: id, content: nil,
                    isDuplicate: false, status: 401))
            return refuse(.unauthorized, verdict.code, verdict.reason)
        }
        let (status, isDuplicate) = log.receive(id)
        onDelivery(
            ReceivedWebhook(
                receivedAt: receivedAt, verdict: verdict, id: id, content: .init(body: body),
                batch: ReceivedWebhook.Content.batch(in: body),
                isDuplicate: isDuplicate, status: status))
        guard (200...299).contains(status) else {
            return refuse(.init(code: status), "refused_on_purpose", "answered so for trying out")
        }
        return Response(status: .init(code: status))
    }

    /// nil if it is longer than ``bodyBytesMax``, or ends early: nothing of it counts then.
    private func body(of request: Request) async -> [UInt8]? {
        var bytes: [UInt8] = []
        do {
            for try await buffer in request.body {
                bytes.append(contentsOf: buffer.readableBytesView)
                guard bytes.count <= Self.bodyBytesMax else { return nil }
            }
        } catch {
            return nil
        }
        return bytes
    }

    private func refuse(
        _ status: HTTPResponse.Status, _ code: String, _ message: String
    ) -> Response {
        let text = "{\"error\":\(OneLine.quoted(code)),\"message\":\(OneLine.quoted(message))}\n"
        return Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    private func refusal(_ reason: String, isTaken: Bool = false) -> ReceiverError {
        ReceiverError(
            code: isTaken ? .portTaken : .cannotListen, operation: "listen on \(host):\(port)",
            message: reason, hint: "choose another port, or 0 for any that is free")
    }
}

/// The log, shared by connections.
private final class SharedLog: Sendable {
    private let log: Mutex<ReceiverLog>

    init(_ policy: ReplyPolicy) { log = Mutex(ReceiverLog(policy: policy)) }

    func receive(_ id: String) -> (status: Int, isDuplicate: Bool) {
        log.withLock { $0.receive(id: id) }
    }
}
