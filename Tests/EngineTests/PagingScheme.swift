import PullcordTestSupport

/// The ways of paging and of going on that an adapter can say, each with an API to match.
enum PagingScheme: String, CaseIterable, Sendable {
    case number, offset, unconfirmed, keyset, token, link, nextURL, merged
    case ascendingNumber, ascendingLink, tiedKeyset, overlapping
    case delta, syncToken, endlessLink, sequence, range, watermark, withTime
    case ascendingCap, halvedCap, named
    /// Not a way to do it: records slip through, and the test must see that.
    case careless

    /// Those that promise something.
    static let sound = allCases.filter { $0 != .careless }

    /// Whether the API only ever adds records.
    var isAppendOnly: Bool { self == .endlessLink || self == .range }

    /// Whether the API sends its list in an order of its own, in which records move.
    var hasPlaces: Bool { [.number, .offset, .unconfirmed].contains(self) }

    /// Whether a whole list is read, so that deletes are seen.
    var isSnapshot: Bool {
        [.number, .offset, .unconfirmed, .keyset, .token, .link, .nextURL, .merged].contains(self)
    }

    /// Whether a record that is there is never called gone, however much moves.
    var isSureOfDeletes: Bool { self != .unconfirmed }

    private static let epoch = "from: .at, format: epoch_seconds"

    /// The stream as an adapter's author writes it.
    var stream: String {
        let get = #"confirm_deletes: { get: "/orders/${record.key}" }"#
        let numbered =
            #"request: { path: /orders, query: { page: "${page.number}" } }, pages: { number: 1 }"#
        switch self {
        case .number: return "{ \(numbered), key: .id, \(get) }"
        case .unconfirmed: return "{ \(numbered), key: .id }"
        case .offset:
            return """
                { request: { path: /orders, query: { offset: "${page.offset}" } }, \
                pages: { offset: 0 }, key: .id, \(get) }
                """
        case .keyset: return query("after: '${page.after}'", "keyset: .id")
        case .token: return query("after: '${page.token}'", "token: .next", ".items")
        case .link: return query("", "link: next")
        case .nextURL: return query("", "next_url: .url", ".items")
        case .merged: return query("", "continue: .continue", ".items")
        case .ascendingNumber:
            return query(
                "since: '${cursor}', page: '${page.number}'", "number: 1",
                cursor: "\(Self.epoch), ascending: true")
        case .careless:
            return query(
                "since: '${cursor}', page: '${page.number}'", "number: 1", cursor: Self.epoch)
        case .overlapping:
            return query(
                "since: '${cursor}', page: '${page.number}'", "number: 1",
                cursor: "\(Self.epoch), overlap: 10m")
        case .ascendingLink:
            return query(
                "since: '${cursor}'", "link: next", cursor: "\(Self.epoch), ascending: true")
        case .tiedKeyset:
            return query(
                "since: '${cursor}', after: '${page.after}', then: '${page.then}'",
                "keyset: { from: .at, then: .id }", cursor: Self.epoch)
        case .delta: return query("", "next_url: .url", ".items", cursor: "url: .delta")
        case .syncToken:
            return query(
                "sync: '${cursor}', after: '${page.token}'", "token: .next", ".items",
                cursor: "token: .sync")
        case .endlessLink:
            return query("", "link: next, stop: empty", cursor: "link: next, each_page: true")
        case .sequence:
            return query(
                "after: '${page.token}'",
                "token: { from: .last, start: '${cursor}' }, stop: empty", ".items",
                cursor: "token: .last, initial: '0', each_page: true")
        case .range:
            return """
                { request: "/item/${page.number}/${page.last}", records: ., key: .id, \
                pages: { range: { to: /max }, size: 2 }, \
                cursor: { from: .id, format: integer, overlap: 4, initial: "1", ascending: true } }
                """
        case .watermark:
            return query(
                "since: '${cursor}', after: '${page.after}'", "keyset: .id", ".items",
                cursor: "watermark: .latest, format: epoch_seconds")
        case .withTime:
            return query(
                "since: '${cursor}', until: '${cursor.until}', after: '${page.after}'",
                "keyset: .id", cursor: "moves: with_time, format: epoch_seconds")
        case .ascendingCap:
            return query(
                "since: '${cursor}', after: '${page.token}'", "token: .next, cap: 6", ".items",
                cursor: "\(Self.epoch), ascending: true")
        case .halvedCap:
            return query(
                "since: '${cursor}', until: '${cursor.until}', after: '${page.after}'",
                "keyset: .id, cap: 6",
                cursor: "\(Self.epoch), initial: '1767225590'")
        case .named:
            return """
                { request: { path: /orders, query: { since: "${cursor.time}", \
                sync: "${cursor.seen}", after: "${page.after}" } }, records: .items, key: .id, \
                pages: { keyset: .id }, \
                cursors: { time: { \(Self.epoch), overlap: 10m }, seen: { token: .sync } } }
                """
        }
    }

    private func query(
        _ items: String, _ pages: String, _ records: String = ".", cursor: String = ""
    ) -> String {
        let cursor = cursor.isEmpty ? "" : ", cursor: { \(cursor) }"
        return """
            { request: { path: /orders, query: { \(items) } }, records: \(records), key: .id, \
            pages: { \(pages) }\(cursor) }
            """
    }
}
