package import PullcordAdapter
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

    package init(
        values: [Placeholder.PageValue: String] = [:], url: String? = nil, cursor: String? = nil
    ) {
        self.values = values
        self.url = url
        self.cursor = cursor
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
        case .single, .link, .nextURL, .token, .keyset: PagePosition()
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
        if isFlaggedLast(facts) { return .end }
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
        case .nextURL:
            guard let target = facts.fields.first ?? nil else { return .end }
            return .page(PagePosition(url: try resolve(target, from: url)))
        case .token(let source):
            let token: String?
            switch source {
            case .body: token = facts.fields.first ?? nil
            case .header(let name): token = headers(name.lowercased()).first
            }
            guard let token, !token.isEmpty else { return .end }
            return .page(PagePosition(values: [.token: token]))
        case .number:
            return isLast(facts) ? .end : try count(.number, from: position, by: 1)
        case .offset:
            return isLast(facts)
                ? .end : try count(.offset, from: position, by: facts.records)
        case .keyset:
            return try nextKey(after: position, facts: facts)
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
        case .single, .nextURL, .token, .keyset: return nil
        }
        guard plan.stream.cursor?.isAscending == true, cursor.description != sent else {
            return nil
        }
        var position = first
        position.cursor = cursor.description
        return position
    }

    /// The number of records in all that the API stated with a page; nil if it states none.
    func statedTotal(_ facts: PageFacts) -> Int? {
        guard plan.stream.pages.total != nil, let text = facts.fields.last ?? nil else {
            return nil
        }
        return Int(text)
    }

    private func isFlaggedLast(_ facts: PageFacts) -> Bool {
        let pages = plan.stream.pages
        guard pages.more != nil else { return false }
        let index = facts.fields.count - (pages.total == nil ? 1 : 2)
        guard facts.fields.indices.contains(index), let flag = facts.fields[index] else {
            return true
        }
        return flag == "false" || flag == "0"
    }

    private func isLast(_ facts: PageFacts) -> Bool {
        if facts.records == 0 { return true }
        guard plan.stream.pages.stops.contains(.short), let size = plan.stream.pages.size else {
            return false
        }
        return facts.records < size
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
        if isLast(facts) { return .end }
        guard let key = facts.lastFields.first ?? nil else {
            throw PollError(
                code: .nextPage, address: plan.address,
                message: "the last record of a page has no value for `pages.keyset`",
                hint: "name a field that every record has")
        }
        guard key == position.values[.after] else {
            return .page(PagePosition(values: [.after: key]))
        }
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

    private func resolve(_ target: String, from url: String) throws(PollError) -> String {
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
