import Glibc

/// The few socket calls that the scripted server is made of.
enum Sockets {
    /// Takes a free port of an IPv4 address, and listens on it or only keeps others from it.
    static func take(
        _ address: String, listens: Bool = true
    ) throws -> (descriptor: CInt, port: UInt16) {
        let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw TestSupportError.system("socket") }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        guard unsafe inet_pton(AF_INET, address, &name.sin_addr) == 1 else {
            close(descriptor)
            throw TestSupportError.system("inet_pton")
        }
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isOpen = unsafe withUnsafeMutableBytes(of: &name) { bytes in
            guard let start = bytes.baseAddress else { return false }
            let generic = unsafe start.assumingMemoryBound(to: sockaddr.self)
            return unsafe bind(descriptor, generic, size) == 0
                && (!listens || listen(descriptor, 4096) == 0)
                && getsockname(descriptor, generic, &size) == 0
        }
        guard isOpen else {
            close(descriptor)
            throw TestSupportError.system("listen")
        }
        return (descriptor, UInt16(bigEndian: name.sin_port))
    }

    /// Keeps a descriptor out of the tools that a test starts.
    static func closeOnExec(_ descriptor: CInt) { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }

    /// Waits for a descriptor to be ready; false as soon as the gate is open.
    static func wait(_ descriptor: CInt, for events: CInt, orUntil stop: Gate) -> Bool {
        var watched = [
            pollfd(fd: descriptor, events: Int16(events), revents: 0),
            pollfd(fd: stop.readEnd, events: Int16(POLLIN), revents: 0),
        ]
        while unsafe poll(&watched, 2, -1) < 0 {
            guard errno == EINTR else { return false }
        }
        return watched[1].revents == 0
    }
}

/// Threads beside the pool of Swift tasks, which must not be blocked.
enum PosixThread {
    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts a thread with a small stack; nil if the system has none left.
    static func start(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setstacksize(&attributes, 256 << 10)
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(Work(body))
        let code = unsafe pthread_create(
            &thread, &attributes,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            unsafe context.release()
            return nil
        }
        return thread
    }
}
