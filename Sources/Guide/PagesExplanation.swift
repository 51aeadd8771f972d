import PullcordAdapter
import PullcordModel

/// How a stream's pages go on and end, and what that can promise.
struct PagesExplanation {
    let stream: StreamSpec
    let spec: AdapterSpec

    private var pages: PagesSpec { stream.pages }

    var sentences: [String] {
        guard pages.scheme != .single else { return ["There is one page."] + single }
        var sentences = [scheme]
        sentences += ends
        sentences.append(
            "More than \(spec.limits.pages) pages in one poll are an error.")
        return sentences
    }

    private var scheme: String {
        switch pages.scheme {
        case .single: "There is one page."
        case .link(let relation):
            "The next page is the Link header with rel=\(relation); without one, the page is the last."
        case .nextURL(let path):
            "The next page is the URL in \(Words.of(path)); without one, the page is the last."
        case .token(let value, _):
            "`${page.token}` of the next page is \(Words.of(value)); without one, the page is the "
                + "last."
        case .number(let start): "`${page.number}` counts pages from \(start)."
        case .offset(let start):
            "`${page.offset}` counts records from \(start), as the API sent them."
        case .keyset(let from, nil, _):
            "The next page begins behind the last record's \(Words.of(from))."
        case .keyset(let from, let then?, _):
            "The next page begins behind the last record's \(Words.of(from)), and of equal ones "
                + "behind its \(Words.of(then))."
        case .merged(let path, let target):
            "What \(Words.of(path)) holds goes into the \(target.rawValue) of the next request; "
                + "without it, the page is the last."
        case .range: "`${page.number}` counts from the cursor to the end that the API tells."
        }
    }

    /// What makes one page an error.
    private var single: [String] {
        var sentences: [String] = []
        if let more = pages.more {
            sentences.append(
                "An answer is not complete unless \(Words.of(more)) is absent, false or 0.")
        }
        if let total = pages.total { sentences.append(count(total)) }
        return sentences
    }

    private func count(_ total: AnswerValue) -> String {
        "A list with fewer records than \(Words.of(total)) says is not complete."
    }

    private var ends: [String] {
        var sentences: [String] = []
        if isCounted {
            sentences.append("The first empty page is the end.")
        }
        for stop in PagesSpec.Stop.allCases where pages.stops.contains(stop) {
            switch stop {
            case .empty where !isCounted: sentences.append("So is an empty page.")
            case .empty: break
            case .short:
                sentences.append(
                    "So is a page with fewer than \(pages.sizeParameter == nil ? String(pages.size ?? 0) : "`size`") records, counted before `when`."
                )
            case .unchanged: sentences.append("So is a page that leads to itself.")
            case .known: sentences.append("So is a page of known, unchanged records.")
            }
        }
        if let more = pages.more {
            sentences.append("So is a page in which \(Words.of(more)) is absent, false or 0.")
        }
        if !pages.endStatuses.isEmpty {
            let statuses = pages.endStatuses.map(String.init)
            sentences.append("\(Words.list(statuses, "or")) behind the first page is the end.")
        }
        if let total = pages.total { sentences.append(count(total)) }
        if let cap = pages.cap {
            sentences.append(
                stream.cursor?.isAscending == true
                    ? "After \(cap) records it asks anew from the greatest cursor."
                    : "A window with more than \(cap) records is halved until each half fits.")
        }
        return sentences
    }

    private var isCounted: Bool {
        switch pages.scheme {
        case .number, .offset, .keyset: true
        case .single, .link, .nextURL, .token, .merged, .range: false
        }
    }

    // MARK: What is promised while the list changes

    /// The rows of the guide's table under "What paging can promise" that hold for the stream.
    var promises: [String] {
        if let promise = feedPromise ?? cursorPromise { return promise }
        let isAscending = stream.cursor?.isAscending ?? false
        switch pages.scheme {
        case .single: return ["One answer holds all: nothing can slip between pages."]
        case .keyset:
            return ["Every record is found and none is falsely deleted, however the list moves."]
        case .range:
            return [
                "Every number up to the end is read; one that was empty is read again within the "
                    + "overlap."
            ]
        case .number, .offset: return counted(isAscending: isAscending)
        case .link, .nextURL, .token, .merged:
            if stream.cursor != nil { return counted(isAscending: isAscending) }
            return [
                "Every record is found. Where the API's links or tokens only count, a record that "
                    + "moves past both looks at the list is called deleted, and created again by "
                    + "the next poll."
            ]
        }
    }

    /// Of a log that is read without a cursor, in which nothing is called deleted.
    private var feedPromise: [String]? {
        guard stream.detect == .feed, stream.cursors.isEmpty, pages.scheme != .single else {
            return nil
        }
        return [
            pages.stops.contains(.known)
                ? "Every new item is found, if the API lists new ones first."
                : "Every item that stays in the list is found, by the next poll at the latest."
        ]
    }

    private var cursorPromise: [String]? {
        switch stream.cursor?.source {
        case .token?, .url?, .link?:
            [
                "As much as the API promises of its tokens. What it forgets is not found again, but "
                    + "by a rule `then: resync`, which finds what is there and not what was deleted."
            ]
        case .watermark?:
            ["Every record is found, if what the API states is true of the poll's first page."]
        case .pollTime?:
            ["Every record whose stamp is true is found; `settle` and `overlap` cover late ones."]
        case .record?, nil: nil
        }
    }

    private func counted(isAscending: Bool) -> [String] {
        guard let cursor = stream.cursor else {
            return [
                "Every record is found. One that moves past both looks at the list is called "
                    + "deleted, and created again by the next poll."
            ]
        }
        if isAscending {
            return ["Every record is found: each page is asked for from the last one's cursor."]
        }
        guard cursor.overlap > 0 else {
            return [
                "A record that moves to a page already read can be lost: there is no `overlap`."
            ]
        }
        let overlap = Words.of(cursor, overlap: cursor.overlap)
        return [
            "Every record that moves within the overlap of \(overlap) is found; beyond it one can "
                + "slip through."
        ]
    }
}
