import CSpawn
import Glibc

/// The way in which a task ends a run that a thread is waiting for.
final class StopSwitch: Sendable {
    /// Readable from ``stop()`` on; negative if the system has none left.
    let number = eventfd(0, CInt(EFD_CLOEXEC) | CInt(EFD_NONBLOCK))

    deinit { if number >= 0 { close(number) } }

    func stop() {
        guard number >= 0 else { return }
        _ = eventfd_write(number, 1)
    }
}

/// A thread for work that blocks.
enum WorkThread {
    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts a thread; false if the system has none left.
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(Work(body))
        let code = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                // Signals are for other threads; a broken pipe shows as the error of a write.
                var all = sigset_t()
                unsafe sigfillset(&all)
                unsafe pthread_sigmask(SIG_BLOCK, &all, nil)
                unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            unsafe context.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}
