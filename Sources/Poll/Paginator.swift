package import PullcordAdapter
package import PullcordJSON
import PullcordModel
import PullcordTransfer

/// Which page of a poll is meant.
package struct PagePosition: Sendable, Equatable {
    /// What `${page.…}` stands for.
    package var values: [Placeholder.PageValue: String]
    /// The whole URL, for schemes in which the answer gives it.
    package var url: String?
    /// What `${cursor}` stands for instead of where the poll started; see ``Paginator/restart(at:sent:)``.
    package var cursor: String?
    /// What `${cursor.until}` stands for instead of how far the poll looks.
    package var until: String?
    /// What a continuation adds to the request.
    package var merged: [JSONValue.Member]

    package init(
        values: [Placeholder.PageValue: String] = [:], url: String? = nil, cursor: String? = nil,
        until: String? = nil, merged: [JSONValue.Member] = []
    ) {
        self.values = values
        self.url = url
        self.cursor = cursor
        self.until = until
        self.merged = merged
    }
}

/// The pure rules of paging: what the first page is, and what follows a page.
struct Paginator: Sendable {
    enum Next: Equatable {
        case page(PagePosition)
        case end
    }

    let plan: PollPlan

    var first: PagePosition {
        switch plan.stream.pages.scheme {
        case .single, .link, .nextURL, .token, .keyset, .merged, .range: PagePosition()
        case .number(let start): PagePosition(values: [.number: String(start)])
        case .offset(let start): PagePosition(values: [.offset: String(start)])
        }
    }

    /// The page after `position`, of which `facts` are known.
    ///
    /// `url` is what the page was read from; relative links refer to it.
    func next(
        after position: PagePosition, facts: PageFacts, headers: (String) -> [String], url: String
    ) throws(PollError) -> Next {
        let pages = plan.stream.pages
        if isFlaggedLast(facts, headers) || isStopped(facts) { return .end }
        switch pages.scheme {
        case .single:
            guard pages.more != nil else { return .end }
            throw PollError(
                code: .incomplete, address: plan.address, place: RequestURL.withoutSecrets(url),
                message: "the API says that there is more than this one page",
                hint: "say under `pages` how one page leads to the next")
        case .link(let relation):
            guard let target = LinkHeader.target(relation: relation, in: headers("link")) else {
                return .end
            }
            return .page(PagePosition(url: try resolve(target, from: url)))
        case .nextURL(let source):
            guard let target = text(of: source, at: 0, facts, headers), !target.isEmpty else {
                return .end
            }
            return .page(PagePosition(url: try resolve(target, from: url)))
        case .token(let source, _):
            guard let token = text(of: source, at: 0, facts, headers), !token.isEmpty else {
                return .end
            }
            return .page(PagePosition(values: [.token: token]))
        case .number:
            return facts.records == 0 ? .end : try count(.number, from: position, by: 1)
        case .offset:
            return facts.records == 0
                ? .end : try count(.offset, from: position, by: facts.records)
        case .keyset:
            return try nextKey(after: position, facts: facts)
        case .merged:
            return try nextMerged(facts, url: url)
        case .range:
            // The machine knows the end.
            return .end
        }
    }

    /// The first page behind the greatest cursor value so far, instead of the next page.
    ///
    /// Where pages are counted, a record that changes while they are read leaves its place, all
    /// behind it move up, and the next page begins one too late. If the API sends records in
    /// the cursor's order, asking again from the greatest value seen has no such gap. It needs
    /// a page that moved the cursor; one full of equal values is followed by its successor.
    func restart(at cursor: CursorValue, sent: String?) -> PagePosition? {
        switch plan.stream.pages.scheme {
        case .link, .number, .offset: break
        // What an API with a cap hands out as a token is mostly an offset in disguise.
        case .nextURL, .token, .merged: guard plan.stream.pages.cap != nil else { return nil }
        case .single, .keyset, .range: return nil
        }
        guard let spec = plan.stream.cursor, spec.isAscending else { return nil }
        let text = spec.sent(cursor).description
        guard text != sent else { return nil }
        var position = first
        position.cursor = text
        return position
    }

    /// The number of records in all that the API stated with a page; nil if it states none.
    func statedTotal(_ facts: PageFacts, headers: (String) -> [String]) -> Int? {
        text(of: plan.stream.pages.total, at: plan.totalIndex, facts, headers).flatMap { Int($0) }
    }

    private func isFlaggedLast(_ facts: PageFacts, _ headers: (String) -> [String]) -> Bool {
        guard let more = plan.stream.pages.more else { return false }
        guard let flag = text(of: more, at: plan.moreIndex, facts, headers) else { return true }
        return flag == "0" || flag.lowercased() == "false"
    }

    private func text(
        of value: AnswerValue?, at index: Int?, _ facts: PageFacts, _ headers: (String) -> [String]
    ) -> String? {
        if case .header(let name)? = value {
            let text = headers(name.lowercased()).first?.trimmingSpaces()
            return text?.isEmpty == true ? nil : text
        }
        guard let index, facts.fields.indices.contains(index) else { return nil }
        return facts.fields[index]
    }

    /// Whether the adapter says of such a page that it is the last, wherever it leads.
    private func isStopped(_ facts: PageFacts) -> Bool {
        let pages = plan.stream.pages
        if pages.stops.contains(.empty), facts.records == 0 { return true }
        guard pages.stops.contains(.short), let size = pages.size else { return false }
        return facts.records < size
    }

    private func nextMerged(_ facts: PageFacts, url: String) throws(PollError) -> Next {
        guard let text = facts.fields.first ?? nil else { return .end }
        guard let value = try? JSONValue(parsing: text), case .object(let members) = value else {
            throw PollError(
                code: .nextPage, address: plan.address, place: RequestURL.withoutSecrets(url),
                message: "the continuation is no object",
                hint: "`pages.continue` names an object; for a single text write `token`")
        }
        return members.isEmpty ? .end : .page(PagePosition(merged: members))
    }

    private func count(
        _ value: Placeholder.PageValue, from position: PagePosition, by step: Int
    ) throws(PollError) -> Next {
        guard let current = position.values[value].flatMap(Int.init) else {
            throw PollError(
                code: .nextPage, address: plan.address,
                message: "page \(value.rawValue) is not a number")
        }
        let (sum, overflow) = current.addingReportingOverflow(step)
        return overflow ? .end : .page(PagePosition(values: [value: String(sum)]))
    }

    private func nextKey(
        after position: PagePosition, facts: PageFacts
    ) throws(PollError) -> Next {
        if facts.records == 0 { return .end }
        guard let key = facts.lastFields.first ?? nil else {
            throw PollError(
                code: .nextPage, address: plan.address,
                message: "the last record of a page has no value for `pages.keyset`",
                hint: "name a field that every record has")
        }
        var values: [Placeholder.PageValue: String] = [.after: key]
        if facts.lastFields.count > 1 {
            guard let then = facts.lastFields[1] else {
                throw PollError(
                    code: .nextPage, address: plan.address,
                    message: "the last record of a page has no value for `then`",
                    hint: "name a field that every record has")
            }
            values[.then] = then
        }
        let isSame = values.allSatisfy { position.values[$0.key] == $0.value }
        guard isSame else { return .page(PagePosition(values: values)) }
        // An inclusive API sends the last record again. That is the end, unless a full page
        // of records shares one value: then there is no way past it.
        if facts.records <= 1 || plan.stream.pages.size.map({ facts.records < $0 }) ?? false {
            return .end
        }
        throw PollError(
            code: .pageLoop, address: plan.address,
            message: "a page of \(facts.records) records ended at the value it began with: "
                + "`\(key)`",
            hint: "page by a field that is unique, or ask for larger pages and give `size`")
    }

    func resolve(_ target: String, from url: String) throws(PollError) -> String {
        guard let text = RequestURL.resolve(target, against: url),
            let next = try? RequestURL(text), let here = try? RequestURL(url)
        else {
            throw PollError(
                code: .nextPage, address: plan.address, place: RequestURL.withoutSecrets(url),
                message: "the next page's address is no URL")
        }
        guard next.origin == here.origin else {
            throw PollError(
                code: .foreignHost, address: plan.address, place: RequestURL.withoutSecrets(url),
                message: "the next page is at \(next.origin), not at \(here.origin)",
                hint: "credentials are sent to the adapter's own host only; "
                    + "if the API has moved, change base_url")
        }
        return text
    }
}
