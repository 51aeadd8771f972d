import PullcordJSON

/// What the order API answers to a request, decided without a server.
struct OrderAnswer: Equatable {
    let status: Int
    /// nil where the status has no body.
    let body: String?
    let entityTag: String?

    private static let perPageDefault = 20
    private static let perPageMax = 100
    private static let pageMax = 1_000_000

    static func answer(
        method: String, path: String, query: String, ifNoneMatch: String?, book: OrderBook
    ) -> OrderAnswer {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts[0].isEmpty, parts[1] == "orders" else {
            return refuse(404, "not_found", "try /orders?page=1&per_page=20")
        }
        guard method == "GET" else {
            return refuse(405, "method_not_allowed", "the orders can only be read")
        }
        if parts.count == 2 { return page(query, ifNoneMatch, book) }
        guard let id = number(parts[2], upTo: Int.max), let order = book.order(id) else {
            return refuse(404, "not_found", "there is no such order")
        }
        return found(order.json, ifNoneMatch)
    }

    private static func page(
        _ query: String, _ ifNoneMatch: String?, _ book: OrderBook
    ) -> OrderAnswer {
        var page = 1
        var perPage = perPageDefault
        for parameter in query.split(separator: "&") {
            let parts = parameter.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? parts[1] : ""
            switch parts.first {
            case "page":
                guard let number = number(value, upTo: pageMax), number >= 1 else {
                    return refuse(400, "bad_page", "page is a number from 1 to \(pageMax)")
                }
                page = number
            case "per_page":
                guard let number = number(value, upTo: perPageMax), number >= 1 else {
                    return refuse(
                        400, "bad_per_page", "per_page is a number from 1 to \(perPageMax)")
                }
                perPage = number
            default:
                continue
            }
        }
        let total = book.orders.count
        let shown = book.orders.dropFirst((page - 1) * perPage).prefix(perPage)
        let meta =
            "{\"page\":\(page),\"pages\":\((total + perPage - 1) / perPage),"
            + "\"total\":\(total)}"
        let data = shown.map(\.json).joined(separator: ",")
        return found("{\"data\":[\(data)],\"meta\":\(meta)}", ifNoneMatch)
    }

    private static func found(_ body: String, _ ifNoneMatch: String?) -> OrderAnswer {
        let tag = entityTag(of: body)
        let isKnown = ifNoneMatch.map { matches($0, tag) } ?? false
        return OrderAnswer(status: isKnown ? 304 : 200, body: isKnown ? nil : body, entityTag: tag)
    }

    private static func refuse(_ status: Int, _ code: String, _ message: String) -> OrderAnswer {
        let body = "{\"error\":\(JSONText.quoted(code)),\"message\":\(JSONText.quoted(message))}"
        return OrderAnswer(status: status, body: body, entityTag: nil)
    }

    /// If-None-Match compares weakly (RFC 9110, section 13.1.2).
    private static func matches(_ header: String, _ tag: String) -> Bool {
        header.split(separator: ",").contains { candidate in
            let text = candidate.drop { $0 == " " }
            let end = text.lastIndex { $0 != " " } ?? text.startIndex
            let trimmed = text.isEmpty ? "" : text[...end]
            return trimmed == "*"
                || (trimmed.hasPrefix("W/") ? trimmed.dropFirst(2) : trimmed) == tag
        }
    }

    /// 64 bits of FNV-1a: enough to tell the states of one small shop apart.
    private static func entityTag(of body: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in body.utf8 {
            hash ^= UInt64(byte)
            hash &*= 0x100_0000_01B3
        }
        return "\"\(String(hash, radix: 16))\""
    }

    private static func number(_ text: Substring, upTo most: Int) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 15,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
            number <= most
        else { return nil }
        return number
    }
}
