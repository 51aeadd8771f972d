import PullcordCommit
import PullcordEngine
import PullcordModel
import PullcordTestSupport
import Synchronization

/// An API of parents with children: a list of the parents, and a list below each.
final class FanOutWorld: Sendable {
    struct State {
        /// The children of each parent, with their values.
        var parents: [String: [Int: String]] = [:]
        /// What a parent's own record says besides its name.
        var notes: [String: Int] = [:]
        /// Statuses that are answered for parents instead of their children.
        var faults: [String: Int] = [:]
        /// How often each path was asked for.
        var asked: [String: Int] = [:]
    }

    let state: Mutex<State>

    init(_ parents: [String: [Int: String]] = [:]) {
        state = Mutex(State(parents: parents))
    }

    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    /// How often each path was asked for since the last call, under `/orders` left out.
    func takeAsked() -> [String: Int] {
        state.withLock { state in
            defer { state.asked = [:] }
            return state.asked.filter { $0.key != "/orders" }
        }
    }

    func answer(_ request: ReceivedRequest) -> ScriptedReply {
        state.withLock { state in
            let path = String(request.target.prefix { $0 != "?" })
            state.asked[path, default: 0] += 1
            let parts = path.split(separator: "/").map(String.init)
            guard parts.count > 1 else {
                let list = state.parents.keys.sorted().map {
                    #"{"id":"\#($0)","note":\#(state.notes[$0] ?? 0)}"#
                }
                return .reply(text: "[\(list.joined(separator: ","))]")
            }
            if let fault = state.faults[parts[1]] {
                let headers = fault == 429 ? [("Retry-After", "600")] : []
                return .reply(status: fault, headers: headers)
            }
            guard let children = state.parents[parts[1]] else { return .reply(status: 404) }
            let list = children.keys.sorted().map {
                #"{"id":\#($0),"value":"\#(children[$0] ?? "")"}"#
            }
            return .reply(text: "[\(list.joined(separator: ","))]")
        }
    }

    /// Every child as `["parent","child"]`, with its value.
    var children: [String: String] {
        state.withLock { state in
            var result: [String: String] = [:]
            for (parent, children) in state.parents {
                for (child, value) in children { result["[\"\(parent)\",\"\(child)\"]"] = value }
            }
            return result
        }
    }
}

extension FanOutWorld {
    /// A bridge text with the parents as `orders` and what is below them as `lines`.
    func text(
        _ api: ChangingAPI, time: ManualTime = ManualTime(), parent: String = "",
        below: String = "", folder: TemporaryFolder? = nil
    ) throws -> BridgeText {
        var text = try BridgeText(api, time: time, folder: folder)
        let more = parent.isEmpty ? "" : ", \(parent)"
        let rest = below.isEmpty ? "" : ", \(below)"
        text.streams = [
            "lines: { request: \"/orders/${parent.id}/lines\", key: .id, "
                + "parent: { stream: orders, fields: { id: .id, note: .note }\(more) }\(rest) }"
        ]
        return text
    }
}

extension Bridge {
    /// Polls every stream once, parents first, and lets a minute pass.
    @discardableResult
    func pollInTurn(acceptsDeletes: Bool = false) async throws -> [String] {
        var outcomes: [String] = []
        for index in assembly.streams.indices {
            outcomes.append(
                try await poll(index, acceptsDeletes: acceptsDeletes).outcome)
        }
        time.advance(by: .seconds(60))
        return outcomes
    }

    /// The changes of one stream as `kind key version`, the oldest first.
    func changes(of stream: String) async throws -> [String] {
        try await events().filter { $0.address.stream.text == stream }
            .map { "\($0.kind.rawValue) \($0.key) v\($0.version)" }
    }

    /// How many parents are written down for a stream.
    func parents(of index: Int) async throws -> Int {
        try await store.dueParents(
            of: assembly.streams[index].id, before: .init(milliseconds: .max), after: nil,
            limit: 1_000_000
        ).count
    }

    func live(_ index: Int) async throws -> Int { try await state(of: index).liveCount }

    func state(of index: Int) async throws -> StreamState {
        try await store.state(of: assembly.streams[index].address)
    }
}
