import PullcordTestSupport
import Synchronization

/// An API on a real server whose way of answering a test changes as it goes.
final class ChangingAPI: Sendable {
    /// A closure is kept in a box: a bare one would grow a layer each time the lock hands it out.
    private struct Answer: Sendable {
        let handler: ScriptedServer.Handler
    }

    private final class Answers: Sendable {
        let current: Mutex<Answer>

        init(_ answer: Answer) { current = Mutex(answer) }
    }

    let server: ScriptedServer
    private let answers: Answers

    init(_ handler: @escaping ScriptedServer.Handler) throws {
        let answers = Answers(Answer(handler: handler))
        self.answers = answers
        server = try ScriptedServer { request in
            answers.current.withLock { $0 }.handler(request)
        }
    }

    /// Answers every request with this text.
    convenience init(_ text: String) throws { try self.init { _ in .reply(text: text) } }

    func set(_ handler: @escaping ScriptedServer.Handler) {
        answers.current.withLock { $0 = Answer(handler: handler) }
    }

    func set(_ text: String) { set { _ in .reply(text: text) } }

    var requests: [ReceivedRequest] { server.requests }
}

/// A list of orders as JSON: an id and a value each.
func orders(_ values: [(id: Int, value: String)]) -> String {
    "[" + values.map { #"{"id":\#($0.id),"value":"\#($0.value)"}"# }.joined(separator: ",") + "]"
}

/// Orders `ids`, all with one value.
func orders(_ ids: some Sequence<Int>, value: String = "new") -> String {
    orders(ids.map { (id: $0, value: value) })
}

extension ReceivedRequest {
    /// The first query item of that name, as it was sent.
    func query(_ name: String) -> String? {
        guard let start = target.firstIndex(of: "?") else { return nil }
        let items = target[target.index(after: start)...].split(separator: "&")
        return items.first { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    func number(_ name: String) -> Int? { query(name).flatMap { Int($0) } }
}
