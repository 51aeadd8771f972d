import PullcordJSON
import PullcordModel
import PullcordTransfer

/// Answers one request to a list of a fake.
struct FakePage {
    let list: FakeList
    let request: SeenRequest

    /// A page, or nil if the request is not one for this list.
    func answer() -> CannedAnswer? {
        if let one = oneKey() { return answer(one: one) }
        guard list.method == request.method, isForList else { return nil }
        guard isWelcome else { return refusal(401, "no credentials that count") }
        var records = list.sorted
        let isAll = records
        if let since = list.since { records = records.filter { isWanted($0, since) } }
        let span = self.span(of: records)
        let shown = records[span].map { self.shown($0) }
        var body: JSONValue = .array(shown)
        if let items = list.items {
            body = (list.extra ?? .object([])).setting(items, to: body)
        }
        if let total = list.total {
            let count = list.since == nil ? isAll.count : records.count
            body = object(body).setting(total, to: .number(String(count)))
        }
        var answer = CannedAnswer()
        answer.headers = list.headers + [HTTPField("content-type", "application/json")]
        if let pages = list.pages {
            body = paged(body, pages, records, span, &answer.headers)
        }
        answer.body = body.serialized
        return tagged(answer)
    }

    // MARK: Whether it is meant

    private var isForList: Bool {
        let known = Set(
            [list.since?.param, list.pages?.param, list.pages?.sizeParam].compactMap { $0 })
        let stated = Set(list.url.query.map(\.name))
        let rest = request.url.query.filter { !known.contains($0.name) || stated.contains($0.name) }
        let shape = URLShape(origin: request.url.origin, path: request.url.path, query: rest)
        return list.url.differences(from: shape).isEmpty
    }

    private var isWelcome: Bool {
        list.wants.allSatisfy { wanted in
            let found = request.header(wanted.name)
            return wanted.value == "*" ? found != nil : found == wanted.value
        }
    }

    private func oneKey() -> String? {
        guard let one = list.one, request.method == .get, one.origin == request.url.origin,
            one.path.count == request.url.path.count
        else { return nil }
        var key: String?
        for (wanted, found) in zip(one.path, request.url.path) {
            if let hole = wanted.firstRange(of: "{key}") {
                let (head, tail) = (wanted[..<hole.lowerBound], wanted[hole.upperBound...])
                guard found.count > head.count + tail.count, found.hasPrefix(head),
                    found.hasSuffix(tail)
                else { return nil }
                key = String(found.dropFirst(head.count).dropLast(tail.count))
            } else if wanted != found {
                return nil
            }
        }
        return key
    }

    private func answer(one key: String) -> CannedAnswer {
        guard isWelcome else { return refusal(401, "no credentials that count") }
        guard let record = list.records.first(where: { list.key(of: $0) == key }) else {
            return refusal(404, "there is no such record")
        }
        var answer = CannedAnswer()
        answer.headers = list.headers + [HTTPField("content-type", "application/json")]
        answer.body =
            (list.item.map { (list.extra ?? .object([])).setting($0, to: record) } ?? record)
            .serialized
        return tagged(answer)
    }

    private func refusal(_ status: Int, _ message: String) -> CannedAnswer {
        var answer = CannedAnswer()
        answer.status = status
        answer.headers = [HTTPField("content-type", "application/json")]
        answer.body = JSONValue.object([.init("message", .string(message))]).serialized
        return answer
    }

    /// With a validator, or as not modified.
    private func tagged(_ answer: CannedAnswer) -> CannedAnswer {
        guard list.hasTags else { return answer }
        var hasher = IdentityHasher()
        hasher.add(String(decoding: answer.body, as: UTF8.self))
        hasher.add(answer.headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n"))
        let tag = "\"\(hasher.finish())\""
        var answer = answer
        answer.headers.append(HTTPField("etag", tag))
        guard request.header("if-none-match") == tag else { return answer }
        answer.status = 304
        answer.body = []
        return answer
    }

    // MARK: What is in it

    private func isWanted(_ record: JSONValue, _ since: FakeList.Since) -> Bool {
        guard let value = parameter(since.param), value.hasPrefix(since.prefix) else { return true }
        let least = JSONValue.string(String(value.dropFirst(since.prefix.count)))
        let order = FakeOrder.compare(record.member(at: since.field), least)
        return since.isInclusive ? order >= 0 : order > 0
    }

    private func shown(_ record: JSONValue) -> JSONValue {
        guard let fields = list.fields, case .object(let members) = record else { return record }
        return .object(members.filter { fields.contains($0.key) })
    }

    private func object(_ body: JSONValue) -> JSONValue {
        if case .object = body { body } else { .object([]) }
    }

    // MARK: Pages

    private var size: Int {
        guard let pages = list.pages else { return .max }
        let asked = pages.sizeParam.flatMap { parameter($0) }.flatMap { Int($0) }
        return max(1, min(asked ?? pages.size, pages.size))
    }

    /// Which of the records are on the page.
    private func span(of records: [JSONValue]) -> Range<Int> {
        guard let pages = list.pages else { return records.indices }
        let value = parameter(pages.param)
        let first: Int
        switch pages.pager {
        case .link, .url, .number:
            let number = value.flatMap { Int($0) } ?? pages.start
            first = max(0, min(number, 1_000_000) - pages.start) * size
        case .offset: first = value.flatMap { Int($0) } ?? 0
        case .keyset:
            let field = pages.field ?? list.key
            let last = JSONValue.string(value ?? "")
            first =
                value == nil
                ? 0
                : records.firstIndex {
                    let order = FakeOrder.compare($0.member(at: field), last)
                    return list.isDescending && field == list.sort ? order < 0 : order > 0
                } ?? records.count
        case .token:
            // It stands for the last record that was read, so that inserts move nothing.
            let last = value.flatMap { Base64.decode($0) }.map {
                String(decoding: $0, as: UTF8.self)
            }
            first = last.map { place(after: $0, in: records) } ?? 0
        }
        let start = min(max(0, first), records.count)
        return start..<min(records.count, start + min(size, records.count))
    }

    /// Behind the record of the key, or where it would stand if it is gone.
    private func place(after token: String, in records: [JSONValue]) -> Int {
        let parts = token.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        if let place = records.firstIndex(where: { list.key(of: $0) == String(parts[0]) }) {
            return place + 1
        }
        guard let sort = list.sort, parts.count == 2 else { return records.count }
        let last = JSONValue.string(String(parts[1]))
        return records.firstIndex {
            let order = FakeOrder.compare($0.member(at: sort), last)
            return list.isDescending ? order < 0 : order > 0
        } ?? records.count
    }

    /// The body and headers with what leads to the next page.
    private func paged(
        _ body: JSONValue, _ pages: FakeList.Pages, _ records: [JSONValue], _ span: Range<Int>,
        _ headers: inout [HTTPField]
    ) -> JSONValue {
        var body = body
        let hasMore = span.upperBound < records.count
        if let more = pages.more { body = object(body).setting(more, to: .bool(hasMore)) }
        if let last = pages.last {
            let count = (records.count + size - 1) / size
            body = object(body).setting(last, to: .number(String(count)))
        }
        guard hasMore, let end = span.last else { return body }
        let next: String
        switch pages.pager {
        case .link, .url:
            let number = parameter(pages.param).flatMap { Int($0) } ?? pages.start
            next = request.url.setting(pages.param, to: String(number + 1))
        case .token:
            let last = records[end]
            let sort = list.sort.flatMap { last.member(at: $0)?.plainText } ?? ""
            next = Base64.encode(Array("\(list.key(of: last) ?? "")\n\(sort)".utf8))
        case .number, .offset, .keyset: return body
        }
        if pages.pager == .link {
            headers.append(HTTPField("link", "<\(next)>; rel=\"next\""))
        } else if let header = pages.nextHeader {
            headers.append(HTTPField(header, next))
        } else {
            body = object(body).setting(pages.next, to: .string(next))
        }
        return body
    }

    /// A parameter of the query, of a form, or of a JSON body.
    private func parameter(_ name: String) -> String? {
        if let item = request.url.query.first(where: { $0.name == name }) { return item.value }
        if request.isForm {
            return URLShape.items(ofForm: request.text).first { $0.name == name }?.value
        }
        return (try? JSONValue(parsing: request.body))?.member(at: name)?.plainText
    }
}
