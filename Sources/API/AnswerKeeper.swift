import Crypto
import PullcordCommit
import PullcordModel
import Synchronization

/// Gives the same answer to a request that comes again under the same `Idempotency-Key`.
struct AnswerKeeper: Sendable {
    /// Bytes of a key.
    static let keyBytesMax = 255
    /// How long an answer counts; later the same key is a new one.
    static let ageMax = Limits.keptAnswerAgeMax

    private let store: any AccessStore & AccessReader
    private let time: any TimeSource
    private let running = Running()

    private final class Running: Sendable {
        let keys = Mutex<Set<Fingerprint>>([])
    }

    init(store: any AccessStore & AccessReader, time: any TimeSource) {
        self.store = store
        self.time = time
    }

    /// Answers from what was kept, or by `work`, whose answer is kept unless the server failed;
    /// it gets the request with its number.
    func answer(
        _ key: String, _ request: APIRequest, _ route: Route, target: String,
        work: (APIRequest) async throws -> APIAnswer
    ) async throws -> APIAnswer {
        guard (1...Self.keyBytesMax).contains(key.utf8.count),
            key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw APIProblem(
                400, "idempotency_key_invalid",
                "a key has 1 to \(Self.keyBytesMax) visible characters", field: "Idempotency-Key")
        }
        let name = Self.hash([request.principal.name, key])
        let asked = Self.hash(
            [route.method.rawValue, target, request.headers["if-match"] ?? ""], request.body)
        guard running.keys.withLock({ $0.insert(name).inserted }) else {
            throw APIProblem(
                409, "idempotency_key_running",
                "a request with this key is still being carried out", field: "Idempotency-Key")
        }
        defer { running.keys.withLock { _ = $0.remove(name) } }
        if let kept = try await store.keptAnswer(name), time.wall() - kept.made < Self.ageMax {
            guard kept.request == asked else {
                throw APIProblem(
                    422, "idempotency_key_reused", "the key was used for another request",
                    field: "Idempotency-Key", hint: "make a new key for a new request")
            }
            return Self.answer(kept)
        }
        var numbered = request
        numbered.number = Self.number(name, asked)
        let answer: APIAnswer
        do {
            answer = try await work(numbered)
        } catch let problem as APIProblem {
            if problem.status < 500 { try await keep(APIAnswer(problem), name, asked) }
            throw problem
        }
        try await keep(answer, name, asked)
        return answer
    }

    private func keep(
        _ answer: APIAnswer, _ name: Fingerprint, _ request: Fingerprint
    ) async throws {
        guard case .bytes(let body) = answer.body, body.count <= Limits.keptAnswerBytesMax else {
            return
        }
        try await store.keep(
            KeptAnswer(
                key: name, request: request, status: answer.status,
                contentType: answer.contentType, body: body, made: time.wall()))
    }

    private static func answer(_ kept: KeptAnswer) -> APIAnswer {
        var answer = APIAnswer(
            contentType: kept.contentType, headers: [("idempotency-replayed", "true")],
            .bytes(kept.body))
        answer.status = kept.status
        return answer
    }

    /// Below zero, where no number of a request at the command line is.
    private static func number(_ name: Fingerprint, _ asked: Fingerprint) -> Int64 {
        -1 - Int64(hash(["\(name)", "\(asked)"]).high >> 2)
    }

    private static func hash(_ texts: [String], _ bytes: [UInt8] = []) -> Fingerprint {
        var hash = SHA256()
        for text in texts {
            hash.update(data: Array("\(text.utf8.count) \(text)".utf8))
        }
        hash.update(data: bytes)
        let words = Array(hash.finalize())
        func word(_ range: Range<Int>) -> UInt64 {
            words[range].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        return Fingerprint(high: word(0..<8), low: word(8..<16))
    }
}
