/// One request as a server read it.
package struct ReceivedRequest: Sendable {
    package let method: String
    /// The request target as it stood in the request line.
    package let target: String
    /// All header fields, in order.
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]
    /// Which connection it came over, from 1.
    package let connection: Int

    /// The value of the first field of that name, whatever its case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The body as text.
    package var text: String { String(decoding: body, as: UTF8.self) }
}

/// What a server does about one request.
package struct ScriptedReply: Sendable {
    /// What is done, in order; after the last step the connection waits for another request.
    package var steps: [Step]

    package init(steps: [Step]) { self.steps = steps }

    /// One thing that a server does.
    package enum Step: Sendable {
        case bytes([UInt8])
        case text(String)
        /// The same bytes again and again, until the client hangs up or the server stops.
        case endless([UInt8])
        /// Goes on when the gate is open.
        case wait(Gate)
        /// Closes the connection in good order.
        case close
        /// Closes it with a reset (SO_LINGER of 0).
        case reset
        /// Holds the connection open until the client hangs up or the server stops.
        case never
    }

    /// An ordinary answer with its Content-Length, after which the connection stays open for more
    /// requests unless told otherwise.
    package static func reply(
        status: Int = 200, headers: [(String, String)] = [], body: [UInt8] = [],
        keepsAlive: Bool = true
    ) -> ScriptedReply {
        var head = "HTTP/1.1 \(status) Scripted\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if status >= 200, status != 204, status != 304 {
            head += "Content-Length: \(body.count)\r\n"
        }
        if !keepsAlive { head += "Connection: close\r\n" }
        var steps: [Step] = [.bytes(Array((head + "\r\n").utf8) + body)]
        if !keepsAlive { steps.append(.close) }
        return ScriptedReply(steps: steps)
    }

    /// An ordinary answer whose body is text.
    package static func reply(
        status: Int = 200, headers: [(String, String)] = [], text: String
    ) -> ScriptedReply {
        reply(status: status, headers: headers, body: Array(text.utf8))
    }

    /// Exactly these steps.
    package static func script(_ steps: Step...) -> ScriptedReply { ScriptedReply(steps: steps) }
}
