import PullcordJSON

/// How one page leads to the next, and why.
struct PagesGuess: Equatable {
    enum Scheme: Equatable {
        case none
        /// A Link header.
        case link
        /// The path of a URL in the body.
        case nextURL([String])
        case nextURLHeader(String)
        /// The path of a token in the body, and the query item that carries it.
        case token([String], item: String)
        case tokenHeader(String, item: String)
        case number(item: String, start: Int)
        case offset(item: String, start: Int)
        /// The query item that carries the last record's field.
        case keyset([String], item: String)
    }

    var scheme: Scheme
    var evidence: String
    var sureness: Sureness
    /// The query item that says how many records a page has, and that number.
    var size: (item: String, count: Int)?
    /// Whether the page has as many records as were asked for: only then is a shorter one the last.
    var isFull = false
    /// The path of how many records there are in all.
    var total: [String]?
    /// The path of a flag that is false on the last page.
    var more: [String]?
    /// What the next page would be asked by, to see whether the guess holds.
    var probe: String?
    /// What would bring other records if pages are counted from 0, and not from 1.
    var zeroProbe: String?

    static func == (left: Self, right: Self) -> Bool {
        left.scheme == right.scheme && left.evidence == right.evidence
            && left.sureness == right.sureness && left.size?.item == right.size?.item
            && left.size?.count == right.size?.count && left.isFull == right.isFull
            && left.total == right.total
            && left.more == right.more && left.probe == right.probe
            && left.zeroProbe == right.zeroProbe
    }

    /// The word of the language for the scheme.
    var word: String {
        switch scheme {
        case .none: "none"
        case .link: "link"
        case .nextURL, .nextURLHeader: "next_url"
        case .token, .tokenHeader: "token"
        case .number: "number"
        case .offset: "offset"
        case .keyset: "keyset"
        }
    }

    /// The kinds that a person may ask for.
    package static let words = [
        "none", "link", "next_url", "token", "number", "offset", "keyset",
    ]

    /// The entry of the draft.
    var draft: DraftValue? {
        var entries: [DraftEntry] = []
        switch scheme {
        case .none: return nil
        case .link: entries.append(DraftEntry("link", text: "next"))
        case .nextURL(let path):
            entries.append(DraftEntry("next_url", text: PathText.expression(path)))
        case .nextURLHeader(let name):
            entries.append(DraftEntry("next_url", .texts([("header", name)])))
        case .token(let path, _):
            entries.append(DraftEntry("token", text: PathText.expression(path)))
        case .tokenHeader(let name, _):
            entries.append(DraftEntry("token", .texts([("header", name)])))
        case .number(_, let start):
            entries.append(DraftEntry("number", .map([DraftEntry("start", .number(start))])))
        case .offset(_, let start):
            entries.append(DraftEntry("offset", .map([DraftEntry("start", .number(start))])))
        case .keyset(let path, _):
            entries.append(DraftEntry("keyset", text: PathText.expression(path)))
        }
        if let size {
            entries.append(DraftEntry("size", .number(size.count)))
            switch scheme {
            case .number, .offset, .keyset:
                if isFull { entries.append(DraftEntry("stop", text: "short")) }
            case .none, .link, .nextURL, .nextURLHeader, .token, .tokenHeader: break
            }
        }
        if let more { entries.append(DraftEntry("more", text: PathText.expression(more))) }
        if let total { entries.append(DraftEntry("total", text: PathText.expression(total))) }
        return .map(entries)
    }

    /// The query items that carry what pages count, with their placeholders.
    var items: [(name: String, value: String)] {
        var items: [(name: String, value: String)] = []
        switch scheme {
        case .none, .link, .nextURL, .nextURLHeader: break
        case .token(_, let item), .tokenHeader(_, let item): items.append((item, "${page.token}"))
        case .number(let item, _): items.append((item, "${page.number}"))
        case .offset(let item, _): items.append((item, "${page.offset}"))
        case .keyset(_, let item): items.append((item, "${page.after}"))
        }
        if let size, scheme != .none { items.append((size.item, "${page.size}")) }
        return items
    }
}
