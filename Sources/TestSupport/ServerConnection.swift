import Glibc

/// One connection of a scripted server, on a thread of its own.
final class ServerConnection: Sendable {
    private let descriptor: CInt
    private let number: Int
    private let shared: SharedState

    init(descriptor: CInt, number: Int, shared: SharedState) {
        self.descriptor = descriptor
        self.number = number
        self.shared = shared
    }

    /// Answers requests until either side has had enough.
    func serve() {
        defer { end() }
        var reader = RequestReader(descriptor: descriptor, stop: shared.stop)
        while let request = reader.next(connection: number) {
            // Answered before it is counted, so that a handler sees what came before only.
            let reply = shared.handler(request)
            shared.log.add(request)
            for step in reply.steps {
                guard perform(step) else { return }
            }
        }
    }

    /// Closes the connection and says so.
    func end() {
        close(descriptor)
        shared.log.endConnection()
    }

    /// Does one step; false if it was the last of this connection.
    private func perform(_ step: ScriptedReply.Step) -> Bool {
        switch step {
        case .bytes(let bytes): return send(bytes)
        case .text(let text): return send(Array(text.utf8))
        case .endless(let bytes):
            while send(bytes) {}
            return false
        case .wait(let gate): return Sockets.wait(gate.readEnd, for: POLLIN, orUntil: shared.stop)
        case .close: return false
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            let size = socklen_t(MemoryLayout.size(ofValue: linger))
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, size)
            return false
        case .never:
            holdOpen()
            return false
        }
    }

    /// Reads and drops until the client hangs up or the server stops.
    private func holdOpen() {
        var sink = [UInt8](repeating: 0, count: 4096)
        while Sockets.wait(descriptor, for: POLLIN, orUntil: shared.stop) {
            guard unsafe recv(descriptor, &sink, sink.count, 0) > 0 else { return }
        }
    }

    private func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            guard Sockets.wait(descriptor, for: POLLOUT, orUntil: shared.stop) else { return false }
            let flags = CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT)
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[sent...])
                return unsafe Glibc.send(descriptor, rest.baseAddress, rest.count, flags)
            }
            if count < 0, errno == EAGAIN { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}

/// Reads HTTP/1.1 requests from a socket.
struct RequestReader {
    let descriptor: CInt
    let stop: Gate
    private var buffer: [UInt8] = []

    init(descriptor: CInt, stop: Gate) {
        self.descriptor = descriptor
        self.stop = stop
    }

    /// The next whole request; nil at the end of the connection or if what came is no HTTP.
    mutating func next(connection: Int) -> ReceivedRequest? {
        guard let head = readHead() else { return nil }
        var lines = head.split(separator: "\r\n", omittingEmptySubsequences: true)
        guard !lines.isEmpty else { return nil }
        let words = lines.removeFirst().split(separator: " ")
        guard words.count == 3 else { return nil }
        let headers = lines.compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            return (String(line[..<colon]), String(value))
        }
        let length = headers.first { $0.name.lowercased() == "content-length" }
        let count = length.flatMap { Int($0.value) } ?? 0
        while buffer.count < count { guard readMore() else { return nil } }
        let body = Array(buffer.prefix(count))
        buffer.removeFirst(count)
        return ReceivedRequest(
            method: String(words[0]), target: String(words[1]), headers: headers, body: body,
            connection: connection)
    }

    private mutating func readHead() -> String? {
        let end: [UInt8] = [13, 10, 13, 10]
        while true {
            for index in buffer.indices where buffer[index] == 13 {
                guard buffer[index...].starts(with: end) else { continue }
                let head = String(decoding: buffer[..<index], as: UTF8.self)
                buffer.removeFirst(index + end.count)
                return head
            }
            guard readMore() else { return nil }
        }
    }

    private mutating func readMore() -> Bool {
        guard Sockets.wait(descriptor, for: POLLIN, orUntil: stop) else { return false }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else { return false }
        buffer.append(contentsOf: chunk.prefix(count))
        return true
    }
}
