import PullcordAuth
import PullcordModel
import PullcordTransfer
import Synchronization

/// Stands in for the network: answers by script, and remembers what was asked.
final class Stage: Exchange {
    typealias Handler = @Sendable (HTTPRequest) -> Result<HTTPResponse, TransferError>

    private struct Script: Sendable {
        let handler: Handler
    }

    private let script: Script
    private let seen = Mutex<[HTTPRequest]>([])

    init(_ handler: @escaping Handler) { script = Script(handler: handler) }

    /// Answers with these texts, one after the other; the last one stays.
    convenience init(status: Int = 200, _ texts: String...) {
        let next = Counter()
        self.init { _ in
            let index = min(next.next(), texts.count) - 1
            return .success(HTTPResponse(status: status, body: Array(texts[index].utf8)))
        }
    }

    func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
        seen.withLock { $0.append(request) }
        return try script.handler(request).get()
    }

    var requests: [HTTPRequest] { seen.withLock { $0 } }

    /// The bodies that were sent, as text.
    var bodies: [String] { requests.map { String(decoding: $0.body ?? [], as: UTF8.self) } }
}

/// A counter that threads share.
final class Counter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}

/// Keeps credentials in memory, unless it is told to fail.
final class MemoryVault: CredentialVault {
    struct Full: Error {}

    let isWritable: Bool
    private let state = Mutex((kept: [String: [UInt8]](), isFull: false))

    init(isWritable: Bool = true) { self.isWritable = isWritable }

    func load(_ name: String) async throws -> [UInt8]? { state.withLock { $0.kept[name] } }

    func save(_ bytes: [UInt8], as name: String) async throws {
        try state.withLock { state in
            if state.isFull { throw Full() }
            state.kept[name] = bytes
        }
    }

    func setFull(_ isFull: Bool) { state.withLock { $0.isFull = isFull } }

    var kept: [String: [UInt8]] { state.withLock { $0.kept } }
}

extension Stage {
    static func failure(_ code: TransferError.Code) -> Result<HTTPResponse, TransferError> {
        .failure(
            TransferError(
                code: code, url: "https://a.example", phase: .connect, mayHaveBeenSent: false,
                message: "it failed"))
    }
}
