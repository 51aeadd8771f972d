import CCurl
import Glibc

/// The kernel's watch over many sockets (epoll), with one descriptor that wakes it.
@safe struct Poller: ~Copyable {
    private let descriptor: CInt
    private let wakeup: CInt
    private var table = SocketTable()
    private let events: UnsafeMutableBufferPointer<epoll_event>

    /// Events taken out of the kernel at once.
    private static let batch = 256

    /// - Parameter wakeup: a descriptor whose readability ends ``wait(milliseconds:)``; not owned.
    init?(wakeup: CInt) {
        let made = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard made >= 0 else { return nil }
        var event = unsafe epoll_event(events: Self.readable, data: epoll_data_t(fd: wakeup))
        guard unsafe epoll_ctl(made, EPOLL_CTL_ADD, wakeup, &event) == 0 else {
            close(made)
            return nil
        }
        descriptor = made
        self.wakeup = wakeup
        unsafe events = .allocate(capacity: Self.batch)
    }

    deinit {
        unsafe events.deallocate()
        close(descriptor)
    }

    static var readable: UInt32 { UInt32(EPOLLIN.rawValue) }
    static var writable: UInt32 { UInt32(EPOLLOUT.rawValue) }
    private static var broken: UInt32 { UInt32(EPOLLERR.rawValue | EPOLLHUP.rawValue) }

    mutating func opened(_ socket: CInt) { table.opened(socket) }

    mutating func closed(_ socket: CInt) { table.closed(socket) }

    /// Watches a socket for these events, or, with 0, no longer.
    mutating func want(_ events: UInt32, of socket: CInt) {
        switch table.want(events, of: socket) {
        case nil: break
        case .add(let events):
            if !control(EPOLL_CTL_ADD, socket, events), errno == EEXIST {
                control(EPOLL_CTL_MOD, socket, events)
            }
        case .modify(let events):
            if !control(EPOLL_CTL_MOD, socket, events), errno == ENOENT {
                control(EPOLL_CTL_ADD, socket, events)
            }
        case .remove: control(EPOLL_CTL_DEL, socket, 0)
        }
    }

    /// Waits for events; -1 waits without end.
    ///
    /// Returns the number of events, which ``event(_:)`` then gives one by one.
    func wait(milliseconds: CInt) -> Int {
        let count = unsafe epoll_wait(
            descriptor, events.baseAddress, CInt(Self.batch), milliseconds)
        return max(0, Int(count))
    }

    /// What one event of the last wait says; nil if it is only the wakeup or is not wanted.
    mutating func event(_ index: Int) -> (socket: CInt, isReadable: Bool, isWritable: Bool)? {
        let event = unsafe events[index]
        let socket = unsafe event.data.fd
        if socket == wakeup {
            var count: UInt64 = 0
            _ = unsafe read(wakeup, &count, MemoryLayout<UInt64>.size)
            return nil
        }
        guard table.isWanted(socket) else {
            control(EPOLL_CTL_DEL, socket, 0)
            return nil
        }
        // A broken socket is reported by the read or write that comes of it.
        let isBroken = unsafe event.events & Self.broken != 0
        return (
            socket, unsafe isBroken || event.events & Self.readable != 0,
            unsafe isBroken || event.events & Self.writable != 0
        )
    }

    @discardableResult
    private func control(_ operation: CInt, _ socket: CInt, _ events: UInt32) -> Bool {
        var event = unsafe epoll_event(events: events, data: epoll_data_t(fd: socket))
        return unsafe epoll_ctl(descriptor, operation, socket, &event) == 0
    }
}
