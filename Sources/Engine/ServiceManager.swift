import Glibc
package import PullcordModel
import ServiceLifecycle
import Synchronization

/// Tells the service manager how the process fares, by datagrams as sd_notify(3) describes them.
///
/// Nothing is lost if nobody listens: a datagram that cannot be sent is left out.
package final class ServiceManager: Service, ReloadListener {
    private let address: [UInt8]
    private let time: any TimeSource
    /// Half of the time after which a silent process is taken for dead; nil if nobody watches.
    private let watchdog: Duration?
    /// Microseconds of the machine's monotonic clock.
    private let uptime: @Sendable () -> Int64
    private let status: @Sendable () -> String
    private let reloads = Mutex(0)

    /// Between two messages of the status where nobody watches.
    private static let rest: Duration = .seconds(30)

    /// nil without `NOTIFY_SOCKET` in the environment, or with one that is no socket's address: a
    /// path, or `@` and an abstract name.
    ///
    /// `WATCHDOG_USEC` counts only if `WATCHDOG_PID` names this process or nothing.
    package init?(
        environment: [String: String], time: any TimeSource,
        uptime: @escaping @Sendable () -> Int64, status: @escaping @Sendable () -> String
    ) {
        guard let text = environment["NOTIFY_SOCKET"], text.hasPrefix("/") || text.hasPrefix("@"),
            text.utf8.count > 1, text.utf8.count < Self.addressBytesMax
        else { return nil }
        var address = Array(text.utf8)
        // An abstract name begins with a zero byte.
        if address[0] == UInt8(ascii: "@") { address[0] = 0 }
        self.address = address
        self.time = time
        self.uptime = uptime
        self.status = status
        let isMeant = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
        let period = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdog = isMeant && period > 0 ? .microseconds(max(period / 2, 1000)) : nil
    }

    /// Says that the process is ready, and then that it lives, until it stops.
    package func run() async throws {
        send(["READY=1", "STATUS=\(status())"])
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let next = time.monotonic() + (watchdog ?? Self.rest)
            try? await cancelWhenGracefulShutdown { try await self.time.sleep(until: next) }
            guard !Task.isShuttingDownGracefully, !Task.isCancelled else { break }
            send((watchdog == nil ? [] : ["WATCHDOG=1"]) + ["STATUS=\(status())"])
        }
        stopping()
    }

    package func reloading() {
        reloads.withLock { $0 += 1 }
        send(["RELOADING=1", "MONOTONIC_USEC=\(uptime())", "STATUS=reading the configuration"])
    }

    package func reloaded() {
        let isLast = reloads.withLock { count in
            count -= 1
            return count == 0
        }
        guard isLast else { return }
        send(["READY=1", "STATUS=\(status())"])
    }

    /// Says that the process is about to end.
    package func stopping() { send(["STOPPING=1", "STATUS=stopping"]) }

    private static let addressBytesMax = MemoryLayout.size(ofValue: sockaddr_un().sun_path)

    private func send(_ lines: [String]) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let message = Array(lines.joined(separator: "\n").utf8)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let address = address
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { path in
            for (index, byte) in address.enumerated() { unsafe path[index] = byte }
        }
        // Without the end of text: a zero byte more would be another abstract name.
        let length = MemoryLayout<sa_family_t>.size + address.count
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        unsafe withUnsafePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { target in
                _ = unsafe message.withUnsafeBytes { bytes in
                    unsafe sendto(
                        descriptor, bytes.baseAddress, bytes.count, flags, target,
                        socklen_t(length))
                }
            }
        }
    }
}
