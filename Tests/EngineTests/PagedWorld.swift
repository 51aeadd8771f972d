import PullcordModel
import PullcordTestSupport
import PullcordTransfer
import Synchronization

/// A small API in memory that changes between any two requests.
///
/// Its clock is the test's: each stamp is a whole second, and at most two records share one.
final class PagedWorld: Exchange {
    struct Item: Sendable {
        let id: Int
        var at: Int64
        var value: Int
        /// Which change of the world made it what it is.
        var sequence: Int

        var json: String { #"{"id":\#(id),"at":\#(at),"value":\#(value)}"# }
    }

    struct State {
        var random: SeededRandom
        /// In the order of the list, which is nobody's but the API's.
        var items: [Item] = []
        /// Ids that were given out, and are still hidden.
        var hidden: [Int] = []
        var nextID = 1
        var stamp: Int64 = 0
        var changesOfStamp = 0
        var isRestless = false
        var requests = 0
        var changes = 0
    }

    static let size = 3
    let scheme: PagingScheme
    let time: ManualTime
    private let state: Mutex<State>

    init(_ scheme: PagingScheme, seed: UInt64, time: ManualTime = ManualTime()) {
        self.scheme = scheme
        self.time = time
        state = Mutex(State(random: SeededRandom(seed: seed)))
        for _ in 1...7 { change(insertsOnly: true) }
        settle()
    }

    var items: [Item] { state.withLock { $0.items } }
    var requests: Int { state.withLock { $0.requests } }
    var changes: Int { state.withLock { $0.changes } }

    /// From now on it changes between requests, or no more.
    func setRestless(_ isRestless: Bool) { state.withLock { $0.isRestless = isRestless } }

    /// Shows all that was hidden, and lets some time pass.
    func settle() {
        state.withLock { state in
            for id in state.hidden { Self.show(id, &state) }
            state.hidden = []
        }
        time.advance(by: .seconds(3))
    }

    func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
        let (body, headers) = answer(
            RequestQuery(String(request.url.dropFirst("https://api.example.com".count))))
        return HTTPResponse(
            status: body == nil ? 404 : 200,
            headers: HTTPHeaders(headers.map { HTTPField($0.0, $0.1) }),
            body: Array((body ?? "").utf8))
    }

    /// The same for a server on a real socket.
    func reply(to request: ReceivedRequest) -> ScriptedReply {
        let (body, headers) = answer(RequestQuery(request.target))
        return .reply(
            status: body == nil ? 404 : 200, headers: headers, body: Array((body ?? "").utf8))
    }

    private func answer(_ query: RequestQuery) -> PagingScheme.Answer {
        var answer = state.withLock { state in
            state.requests += 1
            return scheme.answer(query, state, now: time.wall().seconds)
        }
        answer.1.append(("Content-Type", "application/json"))
        let isRestless = state.withLock { state in
            state.isRestless && Int.random(in: 0..<2, using: &state.random) == 0
        }
        if isRestless { change(insertsOnly: false) }
        return answer
    }

    /// Inserts, updates, deletes or moves one record, as far as the scheme's API does such things.
    func change(insertsOnly: Bool) {
        let needsTime = state.withLock { $0.changesOfStamp >= 2 }
        if needsTime || state.withLock({ Int.random(in: 0..<3, using: &$0.random) == 0 }) {
            time.advance(by: .seconds(1))
        }
        let now = time.wall().seconds
        state.withLock { state in
            if state.stamp != now { (state.stamp, state.changesOfStamp) = (now, 0) }
            state.changesOfStamp += 1
            state.changes += 1
            let index = state.items.indices.randomElement(using: &state.random)
            let luck = insertsOnly ? 0 : Int.random(in: 0..<4, using: &state.random)
            guard let index, luck > 0, !scheme.isAppendOnly else { return insert(&state) }
            switch luck {
            case 1 where state.items.count > 4: state.items.remove(at: index)
            case 2 where scheme.hasPlaces:
                state.items.insert(
                    state.items.remove(at: index),
                    at: Int.random(in: 0..<state.items.count, using: &state.random))
            default:
                state.items[index].value = (state.items[index].value + 1) % 5
                state.items[index].at = now
                state.items[index].sequence = state.changes
            }
        }
    }

    private func insert(_ state: inout State) {
        let id = state.nextID
        state.nextID += 1
        guard scheme == .range else { return Self.show(id, &state) }
        // Numbers are given out a moment before their records can be read.
        for id in state.hidden { Self.show(id, &state) }
        state.hidden = [id]
    }

    private static func show(_ id: Int, _ state: inout State) {
        let place = Int.random(in: 0...state.items.count, using: &state.random)
        state.items.insert(
            Item(id: id, at: state.stamp, value: 0, sequence: state.changes), at: place)
    }
}

/// What a request asks for.
struct RequestQuery {
    let path: String
    private var items: [String: String] = [:]

    init(_ target: String) {
        let address = target.split(separator: "?", maxSplits: 1)
        path = String(address.first ?? "")
        guard address.count > 1 else { return }
        for item in address[1].split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { items[String(parts[0])] = String(parts[1]) }
        }
    }

    subscript(_ name: String) -> Int64? { items[name].flatMap { Int64($0) } }
}
