import CCurl
import Glibc

/// The thread's work: hands orders to libcurl, waits, and hands results back.
///
/// It is made, run and let go on one thread. libcurl holds an unretained pointer to it, which is
/// good for as long as `run` is on the stack and in `deinit`, where connections are closed.
@safe final class TransferLoop {
    private let mailbox: Mailbox
    private let multi: UnsafeMutableRawPointer
    private let share: UnsafeMutableRawPointer?
    private let userAgent: String
    private let spoolFolder: String
    private var poller: Poller
    private var active: [UInt64: Transfer] = [:]
    private var idle: [Transfer] = []
    /// When libcurl wants to be called; nil if it waits for sockets only.
    private var curlDue: Int64?
    /// No deadline of an active exchange passes before this.
    private var deadlineDue = Int64.max
    private var isStopping = false

    /// Handles kept for the next exchanges; each is worth about 6 KB.
    private static let idleMax = 512

    init?(mailbox: Mailbox, limits: TransferLimits, userAgent: String) {
        guard Self.isLibraryReady, let poller = Poller(wakeup: mailbox.wakeup),
            let made = unsafe curl_multi_init()
        else { return nil }
        self.mailbox = mailbox
        self.poller = poller
        self.userAgent = userAgent
        spoolFolder = limits.spoolFolder
        unsafe multi = made
        unsafe share = unsafe UnsafeMutableRawPointer(pullcord_session_share())
        unsafe pullcord_multi_set_long(
            multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, max(1, limits.connections))
        unsafe pullcord_multi_set_long(
            multi, CURLMOPT_MAX_HOST_CONNECTIONS, max(1, limits.connectionsPerHost))
        unsafe pullcord_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(1, limits.connections))
        unsafe pullcord_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        let own = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe pullcord_multi_set_socket(multi, Self.socketChanged, own)
        unsafe pullcord_multi_set_timer(multi, Self.timerChanged, own)
    }

    deinit {
        idle.removeAll()
        unsafe curl_multi_cleanup(multi)
        unsafe curl_share_cleanup(share)
    }

    /// Works until the mailbox says stop; then every exchange has had its reply.
    func run() {
        while true {
            let contents = mailbox.take()
            if contents.isStopping {
                stopAll(contents.orders)
                return
            }
            let begin = monotonicNanoseconds()
            for order in contents.orders { start(order, now: begin) }
            for number in contents.cancelled { cancel(number) }
            let now = monotonicNanoseconds()
            if let due = curlDue, due <= now {
                curlDue = nil
                act(on: CURL_SOCKET_TIMEOUT, events: 0)
            }
            if deadlineDue <= now { endOverdue(now) }
            finishDone()
            wait(isHurried: !contents.orders.isEmpty || !contents.cancelled.isEmpty)
        }
    }

    private func wait(isHurried: Bool) {
        var milliseconds: CInt = -1
        if isHurried {
            milliseconds = 0
        } else {
            let due = min(curlDue ?? .max, deadlineDue)
            if due < .max {
                // Rounded up: a wait that ends too early would be followed by many short ones.
                let left = due - monotonicNanoseconds()
                milliseconds = left <= 0 ? 0 : CInt(clamping: left / 1_000_000 + 1)
            }
        }
        for index in 0..<poller.wait(milliseconds: milliseconds) {
            guard let event = poller.event(index) else { continue }
            let mask =
                (event.isReadable ? CURL_CSELECT_IN : 0)
                | (event.isWritable ? CURL_CSELECT_OUT : 0)
            act(on: event.socket, events: mask)
        }
        finishDone()
    }

    private func act(on socket: CInt, events: CInt) {
        var running: CInt = 0
        unsafe curl_multi_socket_action(multi, socket, events, &running)
    }

    private func start(_ order: Mailbox.Order, now: Int64) {
        guard let transfer = idle.popLast() ?? makeTransfer() else {
            mailbox.exchangeEnded()
            order.reply.resume(
                returning: .failure(
                    TransferError(
                        code: .overloaded, url: RequestURL.withoutSecrets(order.request.url),
                        phase: .queue, message: "no memory for another exchange")))
            return
        }
        transfer.begin(order, now: now)
        do throws(TransferError) {
            try transfer.prepare(order.request)
        } catch {
            finish(transfer, .failure(error))
            return
        }
        guard transfer.easy.failure == CURLE_OK,
            unsafe curl_multi_add_handle(multi, transfer.easy.raw) == CURLM_OK
        else {
            let reason = transfer.easy.message(of: transfer.easy.failure)
            transfer.isSpent = true
            finish(transfer, .failure(transfer.error(.overloaded, "not started: \(reason)")))
            return
        }
        active[order.number] = transfer
        deadlineDue = min(deadlineDue, transfer.timer.nextDue(at: now))
    }

    private func makeTransfer() -> Transfer? {
        guard let transfer = Transfer(spoolFolder: spoolFolder) else { return nil }
        let own = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe transfer.configure(userAgent: userAgent, loop: own, share: share)
        transfer.openedSocket = { [unowned self] in self.poller.opened($0) }
        return transfer
    }

    private func cancel(_ number: UInt64) {
        guard let transfer = active[number] else { return }
        end(transfer, .failure(transfer.error(.cancelled, "the exchange was cancelled")))
    }

    private func endOverdue(_ now: Int64) {
        var next = Int64.max
        for transfer in active.values {
            if let expiry = transfer.timer.expiry(at: now) {
                end(transfer, transfer.outcome(expiry))
            } else {
                next = min(next, transfer.timer.nextDue(at: now))
            }
        }
        deadlineDue = next
    }

    private func finishDone() {
        var code = CURLE_OK
        while let raw = unsafe pullcord_next_finished(multi, &code) {
            var context: UnsafeMutableRawPointer?
            unsafe pullcord_get_private(raw, &context)
            guard let transfer = unsafe TransferCallbacks.transfer(context) else { continue }
            end(transfer, transfer.outcome(code))
        }
    }

    private func stopAll(_ orders: [Mailbox.Order]) {
        for transfer in active.values {
            end(transfer, .failure(transfer.error(.stopped, "the engine was shut down")))
        }
        for order in orders {
            mailbox.exchangeEnded()
            order.reply.resume(returning: .failure(.stopped(order.request)))
        }
    }

    /// Takes a handle out of libcurl, which closes a connection that is in the middle of
    /// something, and replies.
    private func end(_ transfer: Transfer, _ result: Result<HTTPResponse, TransferError>) {
        unsafe curl_multi_remove_handle(multi, transfer.easy.raw)
        active.removeValue(forKey: transfer.number)
        finish(transfer, result)
    }

    private func finish(_ transfer: Transfer, _ result: Result<HTTPResponse, TransferError>) {
        mailbox.exchangeEnded()
        transfer.end(result)
        if !transfer.isSpent, idle.count < Self.idleMax { idle.append(transfer) }
    }
}

/// What libcurl calls on behalf of the loop.
extension TransferLoop {
    /// Once per process, whoever comes first.
    private static let isLibraryReady = pullcord_global_init() == CURLE_OK

    @unsafe private static func loop(_ context: UnsafeMutableRawPointer?) -> TransferLoop? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<TransferLoop>.fromOpaque(context).takeUnretainedValue()
    }

    /// CURLMOPT_SOCKETFUNCTION: watch a socket, or stop to.
    private static let socketChanged: curl_socket_callback = { _, socket, what, context, _ in
        guard let loop = unsafe loop(context) else { return -1 }
        switch what {
        case CURL_POLL_IN: loop.poller.want(Poller.readable, of: socket)
        case CURL_POLL_OUT: loop.poller.want(Poller.writable, of: socket)
        case CURL_POLL_INOUT: loop.poller.want(Poller.readable | Poller.writable, of: socket)
        default: loop.poller.want(0, of: socket)
        }
        return 0
    }

    /// CURLMOPT_TIMERFUNCTION: call back in so many milliseconds, or, with -1, not at all.
    private static let timerChanged: curl_multi_timer_callback = { _, milliseconds, context in
        guard let loop = unsafe loop(context) else { return -1 }
        loop.curlDue =
            milliseconds < 0 ? nil : monotonicNanoseconds() + Int64(milliseconds) &* 1_000_000
        return 0
    }

    /// CURLOPT_CLOSESOCKETFUNCTION: a connection is at its end.
    static let closeSocket: curl_closesocket_callback = { context, socket in
        unsafe loop(context)?.poller.closed(socket)
        return close(socket)
    }
}
