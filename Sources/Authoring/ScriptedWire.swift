import PullcordJSON
import PullcordModel
import PullcordTransfer
import Synchronization

/// Answers requests from the exchanges of a poll, and remembers those that fit none.
final class ScriptedWire: Exchange {
    private struct State {
        var exchanges: [ExpectedExchange] = []
        var uses: [Int] = []
        var strays: [StrayRequest] = []
        var lastFault: Fault?
    }

    private let state = Mutex(State())

    /// Puts up the exchanges of the next poll.
    func begin(_ exchanges: [ExpectedExchange]) {
        state.withLock {
            $0 = State(exchanges: exchanges, uses: exchanges.map { _ in 0 })
        }
    }

    /// What has gone wrong with the last request that failed; nil if none has.
    var lastFault: Fault? { state.withLock { $0.lastFault } }
    var strays: [StrayRequest] { state.withLock { $0.strays } }

    /// Exchanges that should have been used more often.
    var leftOver: [(exchange: ExpectedExchange, uses: Int)] {
        state.withLock { state in
            zip(state.exchanges, state.uses).filter { exchange, uses in
                exchange.times.map { uses < $0 } ?? false
            }.map { ($0, $1) }
        }
    }

    func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
        let seen = SeenRequest(request)
        let found = state.withLock { state -> CannedAnswer? in
            for (index, exchange) in state.exchanges.enumerated()
            where exchange.times.map({ state.uses[index] < $0 }) ?? true {
                guard exchange.differences(from: seen).isEmpty else { continue }
                state.uses[index] += 1
                state.lastFault = exchange.answer.fault ?? state.lastFault
                return exchange.answer
            }
            if state.strays.count < StrayRequest.keptMax {
                state.strays.append(
                    StrayRequest(seen, among: state.exchanges, uses: state.uses))
            }
            return nil
        }
        guard let answer = found else {
            // Stopped, and so not tried again: the test fails whatever comes.
            throw TransferError(
                code: .stopped, url: RequestURL.withoutSecrets(request.url), phase: .send,
                message: "the request fits no exchange of the poll")
        }
        if let fault = answer.fault { throw fault.error(url: request.url) }
        return HTTPResponse(
            status: answer.status, headers: HTTPHeaders(answer.headers), body: answer.body)
    }
}

/// A request as far as it is compared.
struct SeenRequest: Sendable {
    let method: HTTPMethod
    let url: URLShape
    let headers: [HTTPField]
    let body: [UInt8]

    init(_ request: HTTPRequest) {
        method = request.method
        url = URLShape(request.url)
        headers = request.headers
        body = request.body ?? []
    }

    /// Its headers of a name, joined as RFC 9110, section 5.3, allows.
    func header(_ name: String) -> String? {
        let values = headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    var isForm: Bool {
        header("content-type")?.hasPrefix("application/x-www-form-urlencoded") ?? false
    }

    var text: String { String(decoding: body, as: UTF8.self) }
}

/// A request that fits no exchange, beside the one that comes nearest.
struct StrayRequest: Sendable {
    /// A poll that goes wrong mostly asks for the same again and again.
    static let keptMax = 20

    let method: HTTPMethod
    let url: String
    let body: String
    let nearest: ExpectedExchange?
    /// Whether it would fit if it had not been used up.
    let isUsedUp: Bool
    let differences: [Difference]

    init(_ request: SeenRequest, among exchanges: [ExpectedExchange], uses: [Int]) {
        method = request.method
        url = request.url.description
        body = request.text
        var best: (exchange: ExpectedExchange, differences: [Difference], score: Int)?
        for exchange in exchanges {
            let differences = exchange.differences(from: request)
            let score = differences.reduce(0) { $0 + $1.weight }
            if score < best?.score ?? .max { best = (exchange, differences, score) }
        }
        nearest = best?.exchange
        differences = best?.differences ?? []
        isUsedUp = best?.differences.isEmpty ?? false
    }
}

extension ExpectedExchange {
    /// What of a request differs from what is expected; empty if it fits.
    func differences(from request: SeenRequest) -> [Difference] {
        var result: [Difference] = []
        if method != request.method {
            result.append(
                Difference(
                    "method", expected: method.rawValue, found: request.method.rawValue, weight: 4))
        }
        result += url.differences(from: request.url)
        for header in headers {
            let found = request.header(header.name)
            let fits =
                switch (header.value, found) {
                case (nil, nil): true
                case ("*"?, _?): true
                case (let value?, let found?): value == found
                default: false
                }
            guard !fits else { continue }
            result.append(
                Difference("header \(header.name)", expected: header.value, found: found))
        }
        return result + (body.map { $0.differences(from: request) } ?? [])
    }
}

extension ExpectedExchange.Body {
    fileprivate func differences(from request: SeenRequest) -> [Difference] {
        switch self {
        case .json(let value):
            guard let found = try? JSONValue(parsing: request.body) else {
                return [
                    Difference(
                        "body", expected: JSONPattern.shown(value),
                        found: request.body.isEmpty ? nil : request.text)
                ]
            }
            return JSONPattern(value: value, isSubset: false).differences(from: found, at: "body")
        case .text("*"): return []
        case .text(let text) where request.isForm:
            return URLShape.differences(
                URLShape.items(ofForm: text), from: URLShape.items(ofForm: request.text),
                in: "form")
        case .text(let text):
            guard text != request.text else { return [] }
            return [Difference("body", expected: text, found: request.text)]
        }
    }
}
