import Glibc

/// What the thread of an engine begins with.
final class ThreadStart: Sendable {
    private let mailbox: Mailbox
    private let limits: TransferLimits
    private let userAgent: String

    init(mailbox: Mailbox, limits: TransferLimits, userAgent: String) {
        self.mailbox = mailbox
        self.limits = limits
        self.userAgent = userAgent
    }

    /// Starts the thread; nil if the system has none left.
    ///
    /// The thread holds this object, and through it the mailbox, until it ends.
    func run() -> pthread_t? {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self)
        let code = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue().work()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            unsafe context.release()
            return nil
        }
        return thread
    }

    private func work() {
        // Signals are for other threads; a broken pipe shows as the error of a write. Resolver
        // threads inherit this.
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_BLOCK, &all, nil)
        runLoop()
        for order in mailbox.threadEnded() {
            order.reply.resume(returning: .failure(.stopped(order.request)))
        }
    }

    /// The loop is gone, with all its connections, when this returns.
    private func runLoop() {
        guard let loop = TransferLoop(mailbox: mailbox, limits: limits, userAgent: userAgent)
        else { return }
        loop.run()
    }
}
