import PullcordTestSupport

/// What each API answers.
extension PagingScheme {
    typealias Answer = (String?, [(String, String)])
    private typealias Item = PagedWorld.Item

    func answer(_ query: RequestQuery, _ state: PagedWorld.State, now: Int64) -> Answer {
        if query.path.hasPrefix("/orders/") {
            let id = Int(query.path.dropFirst("/orders/".count))
            return (state.items.contains { $0.id == id } ? "{}" : nil, [])
        }
        let byID = state.items.sorted { $0.id < $1.id }
        let byTime = state.items.sorted { ($0.at, $0.id) < ($1.at, $1.id) }
        let since = query["since"] ?? 0
        switch self {
        case .number, .unconfirmed: return page(state.items, query["page"])
        case .offset: return list(state.items.dropFirst(Int(query["offset"] ?? 0)))
        case .keyset: return list(Self.after(query["after"], byID))
        case .token, .link, .nextURL, .merged: return tokens(query, byID)
        case .ascendingNumber, .careless, .overlapping:
            return page(byTime.filter { $0.at >= since }, query["page"])
        case .ascendingLink: return linked(byTime.filter { $0.at >= since }, query, since)
        case .tiedKeyset:
            let (after, then) = (query["after"] ?? 0, query["then"] ?? 0)
            return list(
                byTime.filter { $0.at >= since && ($0.at, Int64($0.id)) > (after, then) })
        case .delta: return delta(query, byID, now)
        case .syncToken, .named: return synced(query, byID, now)
        case .endlessLink:
            let rest = Self.after(query["after"], byID).prefix(PagedWorld.size)
            let last = rest.last.map { Int64($0.id) } ?? query["after"] ?? 0
            return (Self.json(rest), [("Link", "</orders?after=\(last)>; rel=\"next\"")])
        case .sequence:
            let after = query["after"] ?? 0
            let rest = state.items.filter { Int64($0.sequence) > after }
                .sorted { $0.sequence < $1.sequence }.prefix(PagedWorld.size)
            let last = rest.last.map { Int64($0.sequence) } ?? after
            return (#"{"items":\#(Self.json(rest)),"last":\#(last)}"#, [])
        case .range: return numbers(query, state)
        case .watermark:
            let rest = Self.after(query["after"], byID.filter { $0.at >= since && $0.at <= now })
            return (#"{"items":\#(Self.json(rest.prefix(3))),"latest":\#(now)}"#, [])
        case .withTime:
            let until = query["until"] ?? .max
            return list(
                Self.after(query["after"], byID.filter { $0.at >= since && $0.at <= until }))
        case .ascendingCap:
            let all = byTime.filter { $0.at >= since }.prefix(6)
            let start = Int(query["after"] ?? 0)
            let rest = all.dropFirst(start)
            let next = rest.count > 3 ? ",\"next\":\(start + 3)" : ""
            return (#"{"items":\#(Self.json(rest.prefix(3)))\#(next)}"#, [])
        case .halvedCap:
            let until = query["until"] ?? .max
            let all = byID.filter { $0.at >= since && $0.at <= until }.prefix(6)
            return list(Self.after(query["after"], Array(all)))
        }
    }

    private static func json(_ items: some Sequence<Item>) -> String {
        "[" + items.map(\.json).joined(separator: ",") + "]"
    }

    private static func after(_ id: Int64?, _ items: [Item]) -> [Item] {
        items.filter { Int64($0.id) > id ?? 0 }
    }

    private func list(_ items: some Sequence<Item>) -> Answer {
        (Self.json(items.prefix(PagedWorld.size)), [])
    }

    private func page(_ items: [Item], _ number: Int64?) -> Answer {
        list(items.dropFirst((Int(number ?? 1) - 1) * PagedWorld.size))
    }

    /// The same keyset in four shapes.
    private func tokens(_ query: RequestQuery, _ items: [Item]) -> Answer {
        let rest = Self.after(query["after"], items)
        let shown = Self.json(rest.prefix(3))
        guard rest.count > 3 else {
            return (self == .link ? shown : #"{"items":\#(shown)}"#, [])
        }
        let last = rest[2].id
        switch self {
        case .link: return (shown, [("Link", "</orders?after=\(last)>; rel=\"next\"")])
        case .token: return (#"{"items":\#(shown),"next":"\#(last)"}"#, [])
        case .nextURL: return (#"{"items":\#(shown),"url":"/orders?after=\#(last)"}"#, [])
        default:
            return (#"{"items":\#(shown),"continue":{"after":"\#(last)","continue":"-||"}}"#, [])
        }
    }

    /// Pages counted behind the filter, with links: what moves shifts what follows.
    private func linked(_ items: [Item], _ query: RequestQuery, _ since: Int64) -> Answer {
        let start = Int(query["start"] ?? 0)
        let shown = items.dropFirst(start).prefix(3)
        guard items.count > start + 3 else { return (Self.json(shown), []) }
        let link = "</orders?since=\(since)&start=\(start + 3)>; rel=\"next\""
        return (Self.json(shown), [("Link", link)])
    }

    /// A link for the next page, and on the last one the link for the next poll.
    private func delta(_ query: RequestQuery, _ items: [Item], _ now: Int64) -> Answer {
        let begun = query["begun"] ?? now
        let since = query["sync"] ?? 0
        let rest = Self.after(query["after"], items.filter { $0.at >= since })
        let shown = Self.json(rest.prefix(3))
        guard rest.count > 3 else {
            return (#"{"items":\#(shown),"delta":"/orders?sync=\#(begun)"}"#, [])
        }
        let next = "/orders?sync=\(since)&begun=\(begun)&after=\(rest[2].id)"
        return (#"{"items":\#(shown),"url":"\#(next)"}"#, [])
    }

    /// A token for the next page, and on the last one a token for the next poll.
    private func synced(_ query: RequestQuery, _ items: [Item], _ now: Int64) -> Answer {
        let since = max(query["sync"] ?? 0, query["since"] ?? 0)
        // The token of the page carries when the first one was answered.
        let place = query["after"] ?? 0
        let begun = self == .named ? now : (place == 0 ? now : place / 10_000)
        let after = self == .named ? place : place % 10_000
        let rest = Self.after(after, items.filter { $0.at >= since })
        let shown = Self.json(rest.prefix(3))
        if self == .named { return (#"{"items":\#(shown),"sync":"\#(max(0, since - 1))"}"#, []) }
        guard rest.count > 3 else { return (#"{"items":\#(shown),"sync":"\#(begun)"}"#, []) }
        return (#"{"items":\#(shown),"next":\#(begun * 10_000 + Int64(rest[2].id))}"#, [])
    }

    private func numbers(_ query: RequestQuery, _ state: PagedWorld.State) -> Answer {
        guard query.path != "/max" else { return (String(state.nextID - 1), []) }
        let bounds = query.path.split(separator: "/").compactMap { Int($0) }
        guard bounds.count == 2 else { return (nil, []) }
        let shown = state.items.filter { $0.id >= bounds[0] && $0.id <= bounds[1] }
        return (Self.json(shown.sorted { $0.id < $1.id }), [])
    }
}
