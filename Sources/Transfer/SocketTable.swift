/// What the kernel watches of each socket, beside what libcurl wants watched.
///
/// libcurl wants a socket watched when a request goes out and unwatched when the answer is in. The
/// kernel is left alone in between: a kept connection costs no system call per exchange. An event
/// on a socket that nobody wants (the server hung up) then takes it out for good. That is right
/// only for sockets whose closing is seen, so it is done for those that were opened here.
struct SocketTable {
    /// Bits as in `epoll_event.events`; 0 is unwatched.
    typealias Events = UInt32

    private struct Entry {
        var watched: Events = 0
        var wanted: Events = 0
        var isOurs = false
    }

    /// By descriptor: the kernel hands out the lowest free one, so the array stays dense.
    private var entries: [Entry] = []

    /// What has to be told to the kernel.
    enum Change: Equatable {
        case add(Events)
        case modify(Events)
        case remove
    }

    /// A socket was opened here; whatever its number stood for before is gone.
    mutating func opened(_ socket: CInt) { set(Entry(isOurs: true), of: socket) }

    /// A socket was closed, which makes the kernel forget it.
    mutating func closed(_ socket: CInt) { set(Entry(), of: socket) }

    /// libcurl wants these events, or none.
    mutating func want(_ events: Events, of socket: CInt) -> Change? {
        var entry = self.entry(of: socket)
        entry.wanted = events
        defer { set(entry, of: socket) }
        guard events != 0 else {
            guard !entry.isOurs, entry.watched != 0 else { return nil }
            entry.watched = 0
            return .remove
        }
        guard entry.watched != events else { return nil }
        let change: Change = entry.watched == 0 ? .add(events) : .modify(events)
        entry.watched = events
        return change
    }

    /// Whether an event on the socket is wanted; if not, it is to be taken out of the kernel.
    mutating func isWanted(_ socket: CInt) -> Bool {
        var entry = self.entry(of: socket)
        guard entry.wanted == 0 else { return true }
        entry.watched = 0
        set(entry, of: socket)
        return false
    }

    private func entry(of socket: CInt) -> Entry {
        let index = Int(socket)
        return entries.indices.contains(index) ? entries[index] : Entry()
    }

    private mutating func set(_ entry: Entry, of socket: CInt) {
        let index = Int(socket)
        guard index >= 0 else { return }
        while entries.count <= index { entries.append(Entry()) }
        entries[index] = entry
    }
}
