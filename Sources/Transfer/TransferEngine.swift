import Glibc
import Synchronization

/// Carries thousands of HTTP exchanges at once on one thread of its own (libcurl's multi
/// interface), for sources and subscribers alike.
///
/// Connections are kept and used again, HTTP/2 streams share one. TLS is 1.2 or newer and always
/// verified. Redirects are returned, cookies and the environment's proxies and netrc ignored. If a
/// kept connection turns out to be dead before a byte of an answer came, libcurl sends the request
/// again on a new one, a POST too.
package final class TransferEngine: Exchange {
    private let mailbox: Mailbox
    private let thread: Mutex<pthread_t?>

    /// Starts the thread.
    ///
    /// - Throws: ``TransferError`` with `overloaded` if the system has no thread or descriptor
    ///   left.
    package init(
        policy: AddressPolicy, limits: TransferLimits = TransferLimits(),
        userAgent: String = "Pullcord"
    ) throws(TransferError) {
        guard let mailbox = Mailbox(policy: policy, inFlightMax: limits.inFlight) else {
            throw Self.noResources()
        }
        self.mailbox = mailbox
        thread = Mutex(nil)
        let start = ThreadStart(mailbox: mailbox, limits: limits, userAgent: userAgent)
        guard let started = start.run() else { throw Self.noResources() }
        thread.withLock { $0 = started }
    }

    /// Lets the thread go, which ends by itself; exchanges still in flight throw `stopped`.
    deinit {
        mailbox.stop()
        if let thread = takeThread() { pthread_detach(thread) }
    }

    package func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
        try RequestURL.check(request.url)
        let number = mailbox.nextNumber()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (reply: Mailbox.Reply) in
                if let rejection = mailbox.submit(number, request, reply) {
                    reply.resume(returning: .failure(Self.error(rejection, request)))
                } else if Task.isCancelled {
                    // The handler may have run before the order was in.
                    mailbox.cancel(number)
                }
            }
        } onCancel: {
            mailbox.cancel(number)
        }
        return try result.get()
    }

    /// Judges every connect and every request from now on by another policy; kept connections are
    /// no exception.
    package func setPolicy(_ policy: AddressPolicy) { mailbox.setPolicy(policy) }

    /// Ends all exchanges with `stopped`, closes all connections, and returns when the thread has
    /// ended; a second call is no error.
    package func shutdown() async {
        await mailbox.stopAndWait()
        // It has said that it is done: there is no time to lose in joining it.
        if let thread = takeThread() { pthread_join(thread, nil) }
    }

    private func takeThread() -> pthread_t? {
        thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
    }

    private static func error(_ rejection: Mailbox.Rejection, _ request: HTTPRequest)
        -> TransferError
    {
        switch rejection {
        case .stopped: .stopped(request)
        case .full:
            TransferError(
                code: .overloaded, url: RequestURL.withoutSecrets(request.url), phase: .queue,
                message: "too many exchanges are in flight", hint: "send fewer at once")
        }
    }

    private static func noResources() -> TransferError {
        TransferError(
            code: .overloaded, url: "", phase: .queue,
            message: "the system has no thread or file descriptor left",
            hint: "raise the limit of open files (ulimit -n) or of tasks")
    }
}

/// How much one engine does at once.
package struct TransferLimits: Sendable, Hashable {
    /// Open connections; exchanges beyond it wait within their total deadline.
    package var connections: Int
    /// Open connections to one host and port.
    package var connectionsPerHost: Int
    /// Exchanges taken on, waiting ones included; beyond it they throw `overloaded`.
    package var inFlight: Int
    /// Where the files of large bodies are made; they have no names there.
    package var spoolFolder: String

    /// On disk, which `/tmp` often is not.
    package static let spoolFolderDefault = "/var/tmp"

    package init(
        connections: Int = 512, connectionsPerHost: Int = 64, inFlight: Int = 8192,
        spoolFolder: String = TransferLimits.spoolFolderDefault
    ) {
        self.spoolFolder = spoolFolder
        self.connections = connections
        self.connectionsPerHost = connectionsPerHost
        self.inFlight = inFlight
    }
}

extension TransferError {
    /// The engine takes no more orders.
    static func stopped(_ request: HTTPRequest) -> TransferError {
        TransferError(
            code: .stopped, url: RequestURL.withoutSecrets(request.url), phase: .queue,
            message: "the engine was shut down")
    }
}
