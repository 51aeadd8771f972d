import NIOCore
import NIOPosix

/// A client that sends whatever bytes a test wants to send to a server on loopback.
package enum Wire {
    /// Sends bytes over a connection of their own, and reads until the server closes it.
    ///
    /// The request has to make the server close, for example with `Connection: close`.
    package static func send(_ bytes: [UInt8], to port: Int) async throws -> WireAnswer {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var received: [UInt8] = []
            do {
                try await outbound.write(ByteBuffer(bytes: bytes))
                for try await buffer in inbound {
                    received.append(contentsOf: buffer.readableBytesView)
                }
            } catch is IOError {
                // The server may close before it has read everything: what it said counts.
            }
            return WireAnswer(received)
        }
    }

    /// Sends one request and asks the server to close afterwards.
    package static func request(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8] = [],
        to port: Int
    ) async throws -> WireAnswer {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if !body.isEmpty || method == "POST" { head += "Content-Length: \(body.count)\r\n" }
        return try await send(Array((head + "\r\n").utf8) + body, to: port)
    }
}

/// What came back; a status of 0 is no HTTP answer at all.
package struct WireAnswer: Sendable {
    package let status: Int
    package let headers: [(name: String, value: String)]
    package let body: String

    init(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self)
            .split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = lines.first?.split(separator: " ") ?? []
        status = words.count > 1 ? Int(words[1]) ?? 0 : 0
        let head = lines.dropFirst().prefix { !$0.isEmpty }
        headers = head.map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            let value = parts.count == 2 ? parts[1].drop { $0 == " " } : ""
            return (parts.first.map { $0.lowercased() } ?? "", String(value))
        }
        body = lines.dropFirst(head.count + 2).joined(separator: "\r\n")
    }

    package func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}
