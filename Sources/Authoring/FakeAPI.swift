import PullcordJSON
import PullcordModel
import Synchronization

/// The lists of a case, served and changed from poll to poll.
final class FakeAPI: Sendable {
    private struct State {
        var lists: [FakeList]
        var changes: [FakeChange] = []
        var faults: [FakeFault] = []
        var requests = 0
        /// What could not be done, with its place.
        var complaints: [(place: Place, message: String)] = []
    }

    private let state: Mutex<State>

    init(_ lists: [FakeList]) { state = Mutex(State(lists: lists)) }

    /// Makes the changes that come before the poll, and keeps those that come within it.
    func begin(_ changes: [FakeChange], _ faults: [FakeFault]) {
        state.withLock { state in
            state.requests = 0
            state.faults = faults
            state.changes = changes.filter { $0.during != nil }
            for change in changes where change.during == nil { Self.carryOut(change, &state) }
        }
    }

    /// What comes of a request; nil if it is for none of the lists.
    func answer(to request: SeenRequest) -> CannedAnswer? {
        state.withLock { state in
            let number = state.requests + 1
            let fault = state.faults.first {
                ($0.request..<$0.request + $0.times).contains(number)
            }
            let answer = state.lists.lazy.compactMap {
                FakePage(list: $0, request: request).answer()
            }.first
            guard let answer else { return nil }
            state.requests = number
            for change in state.changes where change.during == number {
                Self.carryOut(change, &state)
            }
            return fault?.answer ?? answer
        }
    }

    /// Changes and faults that never came, because the poll has asked less often; they are made
    /// now.
    func end() -> [(place: Place, message: String)] {
        state.withLock { state in
            let count = state.requests
            let asked = "the poll has asked \(count) \(count == 1 ? "time" : "times")"
            for change in state.changes where change.during ?? 0 > count {
                state.complaints.append((change.place, "the change never came: \(asked)"))
                Self.carryOut(change, &state)
            }
            for fault in state.faults where fault.request + fault.times - 1 > count {
                state.complaints.append((fault.place, "the fault never came: \(asked)"))
            }
            defer { state.complaints = [] }
            return state.complaints
        }
    }

    /// The lists' names, for a request that fits none.
    var names: [String] { state.withLock { $0.lists.map(\.name) } }

    private static func carryOut(_ change: FakeChange, _ state: inout State) {
        let place = change.list.map { name in
            state.lists.firstIndex { $0.name == name }
        }
        guard let index = place ?? 0, state.lists.indices.contains(index) else { return }
        var list = state.lists[index]
        let message: String?
        switch change.kind {
        case .insert(let record):
            let key = list.key(of: record)
            message =
                key.map { list.contains($0) } ?? false ? "there is a record \(key ?? "")" : nil
            list.records.append(record)
        case .update(let members):
            let key = list.key(of: members)
            if let place = list.records.firstIndex(where: { list.key(of: $0) == key }) {
                list.records[place] = list.records[place].merging(members)
                message = nil
            } else {
                message = "there is no record \(key ?? "without a key") to update"
            }
        case .delete(let key):
            message = list.contains(key) ? nil : "there is no record \(key) to delete"
            list.records = list.records.filter { list.key(of: $0) != key }
        }
        state.lists[index] = list
        if let message { state.complaints.append((change.place, message)) }
    }
}
