import Glibc
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
import PullcordAdapter
import PullcordCommit
package import PullcordConfig
import PullcordEngine
import PullcordModel
import ServiceLifecycle

/// The HTTP API of a running Pullcord, and whatever else is served beside it.
///
/// HTTP/1.1, with TLS where there is a certificate. Slow clients are cut off, connections,
/// headers, bodies and rates have bounds.
package struct APIServer: Service {
    /// Connections at a time; more wait until one is closed.
    static let connectionsMax = 1024
    /// Bytes of all header lines of a request, and of one of them.
    static let headerBytesMax = 32 << 10
    static let headerFieldsMax = 128

    private let api: BoundAPI
    private let desk: APIDesk
    private let table: RouteTable
    private let poker: Poker
    private let gate: Gatekeeper
    private let deadlines: ClientDeadlines
    private let log: Logger
    private let onListening: @Sendable (_ port: Int) async -> Void

    /// `groups` are served beside the API's own routes, as a console's page is.
    package init(
        _ api: BoundAPI, desk: APIDesk, groups: [any RouteGroup] = [], log: Logger,
        deadlines: ClientDeadlines = ClientDeadlines(),
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.api = api
        self.desk = desk
        self.log = log
        self.deadlines = deadlines
        self.onListening = onListening
        poker = Poker(desk.operations, time: desk.time)
        let sessions = SessionBook()
        gate = Gatekeeper(
            api, store: desk.store, time: desk.time, sessions: sessions,
            catalogue: desk.catalogue)
        let isSecure = api.tls != nil || api.spec.publicURL?.hasPrefix("https:") == true
        var all: [any RouteGroup] = [
            SessionRoutes(
                gate: gate, sessions: sessions, time: desk.time, version: desk.version,
                isSecure: isSecure),
            SystemRoutes(desk: desk), MetricsRoute(desk: desk),
            SourceRoutes(desk: desk, poker: poker),
            SubscriptionRoutes(desk: desk), EventStream(desk), EventRoutes(desk: desk),
            ReplayRoutes(desk: desk), AdapterRoutes(desk: desk),
        ]
        if let book = desk.definitions { all.append(DefinitionRoutes(desk: desk, book: book)) }
        let documented = RouteTable(all + groups).routes
        all.append(DocumentRoute(routes: documented, version: desk.version))
        table = RouteTable(all + groups)
    }

    /// Refuses to serve others than this machine to whoever comes: throws ``APIError``.
    package func checkTokens() async throws {
        guard !api.spec.listen.isLoopback, api.tokens.isEmpty else { return }
        let now = desk.time.wall()
        let tokens = try await desk.store.tokens()
        guard tokens.allSatisfy({ $0.isExpired(at: now) }) else { return }
        throw APIError(
            code: .tokensMissing, operation: "listen on \(api.spec.listen)",
            message: "others can reach this address, and there is no token that they would need",
            hint: "pullcord token create NAME --scope admin makes one; or listen on 127.0.0.1")
    }

    /// Serves until the service group shuts down.
    ///
    /// - Throws: ``APIError`` if the address cannot be listened on or the certificate not be read.
    package func run() async throws {
        try await checkTokens()
        let dispatcher = Dispatcher(
            table: table, gate: gate,
            keeper: AnswerKeeper(store: desk.store, time: desk.time), bodyMax: api.spec.bodyMax,
            onFailure: { [log, desk] error in
                log.error("request failed", metadata: ["reason": "\(error)"])
                desk.meters.violated("request_failed")
            },
            onAnswer: { [desk] operation, status in
                desk.meters.answered(operation.isEmpty ? "none" : operation, status: status)
            })
        let listen = api.spec.listen
        let application = Application(
            responder: CallbackResponder { (request: Request, _: BasicRequestContext) in
                await dispatcher.respond(to: request)
            },
            server: try builder(),
            configuration: ApplicationConfiguration(
                address: .hostname(listen.host, port: listen.port), serverName: "pullcord",
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connectionsMax)),
            onServerRunning: { [log, onListening] channel in
                let port = channel.localAddress?.port ?? listen.port
                log.notice("listening", metadata: ["api": "\(listen.host):\(port)"])
                await onListening(port)
            },
            logger: Logger(label: "pullcord.api") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await poker.run() }
            group.addTask { try await serve(application) }
            // The server ends for good reasons or bad; what was put off ends with it.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func serve(_ application: some ApplicationProtocol) async throws {
        do {
            try await application.run()
        } catch let error as IOError {
            let isTaken = error.errnoCode == EADDRINUSE
            throw refusal(isTaken ? "the port is taken by another program" : "\(error)", isTaken)
        } catch is SocketAddressError.UnknownHost {
            throw refusal("the host is unknown", false)
        }
    }

    private func refusal(_ reason: String, _ isTaken: Bool) -> APIError {
        APIError(
            code: isTaken ? .portTaken : .cannotListen, operation: "listen on \(api.spec.listen)",
            message: reason, hint: "write another `listen` under `api` in the bridge file")
    }

    private func builder() throws(APIError) -> HTTPServerBuilder {
        let deadlines = deadlines
        let plain = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [SlowClientHandler(deadlines)],
                idleTimeout: .seconds(75),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: Self.headerBytesMax / 2,
                    maxHeaderListSize: Self.headerBytesMax,
                    maxHeaderFieldCount: Self.headerFieldsMax)))
        guard let files = api.tls else { return plain }
        do {
            let served = try ServedCertificate(files, time: desk.time, log: log)
            return try .tls(plain, tlsConfiguration: try served.configuration())
        } catch {
            throw APIError(
                code: .certificate, operation: "read \(files.certificate) and \(files.key)",
                message: "the certificate or its key cannot be used: \(error)",
                hint: "both are PEM files; the own certificate comes first in the chain")
        }
    }
}

/// The document itself.
private struct DocumentRoute: RouteGroup {
    let json: [UInt8]

    init(routes: [Route], version: String) {
        json =
            OpenAPIDocument(routes: routes + [Self.route { _ in APIAnswer() }], version: version)
            .json
    }

    var routes: [Route] { [Self.route { [json] _ in APIAnswer(json: json) }] }

    private static func route(_ work: @escaping Route.Work) -> Route {
        Route(
            .get, "/v1/openapi.json", id: "getDocument", tag: "system",
            "This API as an OpenAPI 3.1 document.", access: .open, reply: .json(.any), work)
    }
}
