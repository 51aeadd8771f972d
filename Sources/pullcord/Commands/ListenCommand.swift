import ArgumentParser
import Logging
import PullcordModel
import PullcordReceiver
import PullcordSigning
import ServiceLifecycle
import UnixSignals

struct ListenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen",
        abstract: "Receive, verify and print webhooks.",
        discussion: """
            For developers of receivers: start it with the subscription's secret, and point the \
            subscription's url to http://127.0.0.1:PORT/ (the bridge file must allow it: network: \
            { allow: [loopback] }).
            """)

    @Option(help: "The port to listen on; 0 takes any that is free.")
    var port = 8787

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The path that webhooks come to.")
    var path = "/"

    @Option(
        help: "The secret, whsec_…; also read from PULLCORD_SECRET, where no other user sees it.")
    var secret: String?

    @Option(help: "The sender's public key, whpk_…: its v1a signatures are taken as well.")
    var publicKey: String?

    @Option(help: "Refuse every n-th webhook with 500, to watch the retries.")
    var failEvery: Int?

    @Option(help: "Answer with this status instead of 204.")
    var status = 204

    @Flag(help: "Print one JSON object per webhook.")
    var json = false

    func run() async throws {
        let publicKey = try verifyingKey()
        let secret = try signingSecret(isNeeded: publicKey == nil)
        let form: WebhookPrinter.Form =
            json ? .json : StandardOutput.hasColours ? .coloured : .plain
        let printer = WebhookPrinter(form: form) { StandardOutput.write($0) }
        let server = ReceiverServer(
            host: host, port: port, path: path, secrets: secret.map { [$0] } ?? [],
            publicKeys: publicKey.map { [$0] } ?? [],
            policy: ReplyPolicy(status: status, failEvery: failEvery),
            now: { Workplace.time.wall() },
            onListening: { [host] port in
                StandardError.writeLine("listening on http://\(host):\(port)/ – Ctrl-C ends it")
            },
            onStray: { [path] method, stray in
                StandardError.writeLine(
                    "\(method) \(stray) was answered 404: webhooks are taken at \(path) (--path)")
            },
            onDelivery: { printer.print($0) })
        try await explaining {
            do {
                try await ServiceGroup(
                    services: [server], gracefulShutdownSignals: [.sigterm, .sigint],
                    logger: Logger(label: "pullcord.listen") { _ in SwiftLogNoOpLogHandler() }
                ).run()
            } catch let error as ReceiverError {
                throw Problem(
                    code: error.code.rawValue, message: error.message, place: error.operation,
                    hint: error.hint)
            }
        }
    }

    private func verifyingKey() throws -> Ed25519PublicKey? {
        do {
            return try publicKey.map { try Ed25519PublicKey(parsing: $0) }
        } catch {
            throw ValidationError("\(error)")
        }
    }

    private func signingSecret(isNeeded: Bool) throws -> SigningSecret? {
        guard let text = secret ?? Environment.value(of: "PULLCORD_SECRET") else {
            guard isNeeded else { return nil }
            throw ValidationError(
                "Which secret? Give --secret or PULLCORD_SECRET; `pullcord secret` makes one.")
        }
        do {
            return try SigningSecret(parsing: text)
        } catch {
            throw ValidationError("\(error)")
        }
    }
}
