import Foundation
import Glibc

/// The server of `Peers/server.c`, in a process of its own: what it takes is not counted.
final class PeerServer {
    let port: Int
    private let child: Child

    init(_ places: Places) throws {
        child = try Child(places.peer("server"), [])
        let line = child.read().split(separator: "\n").first ?? ""
        guard let port = Int(line) else { throw BenchError("the server did not start") }
        self.port = port
    }

    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    /// What the orders are from now on.
    func serve(
        records: Int, pageSize: Int, changedEvery: Int = 0, generation: Int = 0,
        isRandom: Bool = false
    ) throws {
        _ = try get(
            "/set?records=\(records)&size=\(pageSize)&every=\(changedEvery)"
                + "&generation=\(generation)&random=\(isRandom ? 1 : 0)")
    }

    /// How many requests came, and how many of them were POSTs to the hook.
    func counts() throws -> (requests: Int, hooks: Int) {
        let words = String(decoding: try get("/count"), as: UTF8.self).split(separator: " ")
        guard words.count == 2, let requests = Int(words[0]), let hooks = Int(words[1]) else {
            throw BenchError("the server does not say its counts")
        }
        return (requests, hooks)
    }

    /// When each marked event came for the first time, in nanoseconds of CLOCK_MONOTONIC; 0 for
    /// one that did not.
    func receipts(_ marks: Range<Int>) throws -> [Int64] {
        let bytes = try get("/receipts?from=\(marks.lowerBound)&count=\(marks.count)")
        guard bytes.count == marks.count * 8 else { throw BenchError("receipts are missing") }
        return unsafe bytes.withUnsafeBytes { buffer in
            (0..<marks.count).map {
                unsafe buffer.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self)
            }
        }
    }

    func forgetReceipts() throws { _ = try get("/forget") }

    /// Asks over a connection of its own; the answer's length is what the server says.
    private func get(_ path: String) throws -> [UInt8] {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        let request = Array("GET \(path) HTTP/1.1\r\n\r\n".utf8)
        guard connected == 0, unsafe write(descriptor, request, request.count) == request.count
        else { throw BenchError("the server is gone") }
        var answer: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = unsafe bytes.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { throw BenchError("the server does not answer") }
            answer += bytes.prefix(count)
            if let body = Self.body(of: answer) { return body }
        }
    }

    private static func body(of answer: [UInt8]) -> [UInt8]? {
        let head = String(decoding: answer.prefix(512), as: UTF8.self)
        guard let end = head.range(of: "\r\n\r\n"),
            let length = head.range(of: "Content-Length: ")
        else { return nil }
        let digits = head[length.upperBound...].prefix { $0.isASCII && $0.isNumber }
        let start = head[..<end.upperBound].utf8.count
        guard let count = Int(digits), answer.count >= start + count else { return nil }
        return Array(answer[start..<start + count])
    }
}
