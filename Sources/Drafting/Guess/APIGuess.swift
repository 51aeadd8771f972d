import PullcordAdapter
import PullcordJSON
package import PullcordModel

/// What one answer of an API, and some probes, let guess about it.
///
/// Pure: the caller makes the requests that ``probes`` names, and hands the answers back.
package struct APIGuess: Sendable {
    let answer: SampleAnswer
    let url: DraftURL
    let choices: DraftChoices
    let page: SamplePage
    /// The candidates, the best first.
    let lists: [RecordsGuess]
    let records: RecordsGuess
    let key: KeyGuess
    let changes: [ChangeGuess]
    let limits: LimitsGuess
    var pages: PagesGuess
    let pagesFound: [PagesGuess]
    var volatile: VolatileGuess?
    /// What a probe has told of conditional requests.
    var conditional: Finding?
    /// Probes that failed, in words.
    var failures: [String] = []

    /// Reads the first answer.
    ///
    /// - Throws: ``Problem`` if it is no answer that a draft could be made from.
    package init(_ answer: SampleAnswer, _ choices: DraftChoices) throws(Problem) {
        self.answer = answer
        self.choices = choices
        url = try DraftURL(answer.url)
        guard (200...299).contains(answer.status) else {
            throw Self.refusal(answer)
        }
        page = try SamplePage.read(answer)
        lists = Self.lists(in: page, url)
        records = try Self.chosen(lists, in: page.value, choices)
        let subject = records.path.last.flatMap { name in
            Vocabulary.lists.contains(name.lowercased()) ? nil : name
        }
        key = Self.key(records, choices, subject: subject ?? url.lastWord, page)
        changes = page.format.kind.isFeed ? [] : ChangeGuess.all(in: records.records)
        limits = LimitsGuess(answer)
        let finder = PagesFinder(
            answer: answer, value: page.value, url: url, records: records, key: key,
            isFeed: page.format.kind.isFeed)
        pagesFound = finder.all()
        pages = try Self.chosen(pagesFound, choices, finder)
    }

    private static func refusal(_ answer: SampleAnswer) -> Problem {
        let hint: String
        switch answer.status {
        case 300...399:
            hint =
                answer.header("location").map {
                    "it leads to \(StrangerText.location($0)); redirects are not followed: ask for "
                        + "that URL"
                } ?? "ask for the URL that it leads to"
        case 401, 403: hint = "give credentials: --bearer, --basic or --api-key"
        case 404: hint = "is the path right?"
        case 406: hint = "say what you take: --header 'Accept: application/json'"
        case 429: hint = "the API wants fewer requests: try again later"
        default: hint = "ask for it with curl to see what it wants"
        }
        return Problem(
            code: "sample_refused", message: "the API answered \(answer.status)", hint: hint)
    }

    private static func lists(in page: SamplePage, _ url: DraftURL) -> [RecordsGuess] {
        guard page.format.kind.isFeed else { return RecordsGuess.all(in: page.value, url: url) }
        let items = page.value["items"]?.elements ?? []
        return [
            RecordsGuess(
                path: ["items"], shape: .array, records: items, score: 100,
                reasons: ["all feeds have one shape"])
        ]
    }

    private static func chosen(
        _ lists: [RecordsGuess], in value: JSONValue, _ choices: DraftChoices
    ) throws(Problem) -> RecordsGuess {
        if let text = choices.records {
            if let known = lists.first(where: { $0.expression == text }) { return known }
            guard let path = JSONPath(parsing: text) else {
                // Any other program is libjq's business, and a draft does not run it.
                return RecordsGuess(
                    path: [], shape: .array, records: [], score: 0, reasons: ["--records"],
                    program: text)
            }
            let keys = path.steps.compactMap { step -> String? in
                if case .key(let key) = step { key } else { nil }
            }
            let found = keys.count == path.steps.count ? value.value(at: keys) : nil
            guard let found, found.elements != nil || found.isObject else {
                throw Problem(
                    code: "records_missing", message: "there is no list at `\(text)`",
                    hint: lists.isEmpty
                        ? "" : "found: " + lists.prefix(5).map(\.expression).joined(separator: ", ")
                )
            }
            if path.iterates, let members = found.members {
                return RecordsGuess(
                    path: keys, shape: .values, records: members.map(\.value), score: 100,
                    reasons: ["--records"])
            }
            return RecordsGuess(
                path: keys, shape: found.elements == nil ? .single : .array,
                records: found.elements ?? [found], score: 100, reasons: ["--records"])
        }
        guard let best = lists.first else {
            throw Problem(
                code: "records_missing", message: "there is no list of records in the answer",
                hint: "say where it is with --records, as in --records .data.items")
        }
        return best
    }

    private static func key(
        _ records: RecordsGuess, _ choices: DraftChoices, subject: String, _ page: SamplePage
    ) -> KeyGuess {
        if !choices.key.isEmpty {
            let paths = choices.key.compactMap { text -> [String]? in
                guard let path = JSONPath(parsing: text) else { return nil }
                let keys = path.steps.compactMap { step -> String? in
                    if case .key(let key) = step { key } else { nil }
                }
                return keys.count == path.steps.count ? keys : nil
            }
            if paths.count == choices.key.count {
                return KeyGuess(
                    paths: paths, score: 100, evidence: "--key", sureness: .sure, others: [])
            }
        }
        if page.format.kind.isFeed {
            return KeyGuess(
                paths: [["id"]], score: 100,
                evidence: "guid, else the link, else a hash of title and date", sureness: .sure,
                others: [])
        }
        if records.shape == .scalars {
            return KeyGuess(
                paths: [[]], score: 60, evidence: "each value is different", sureness: .likely,
                others: [])
        }
        return KeyGuess.best(records.records, subject: subject)
    }

    private static func chosen(
        _ found: [PagesGuess], _ choices: DraftChoices, _ finder: PagesFinder
    ) throws(Problem) -> PagesGuess {
        guard let word = choices.pages else {
            return found.first ?? PagesGuess(scheme: .none, evidence: "", sureness: .unsure)
        }
        if var guess = found.first(where: { $0.word == word }) {
            guess.sureness = .sure
            guess.evidence = "--pages; " + guess.evidence
            return guess
        }
        if word == "token", let guess = finder.likeToken { return guess }
        let scheme: PagesGuess.Scheme
        switch word {
        case "none": scheme = .none
        case "link": scheme = .link
        case "number": scheme = .number(item: "page", start: 1)
        case "offset": scheme = .offset(item: "offset", start: 0)
        case "next_url": scheme = .nextURL(["next"])
        case "token": scheme = .token(["next_page_token"], item: "page_token")
        case "keyset": scheme = .keyset(["id"], item: "after")
        default:
            throw Problem(
                code: "pages_unknown", message: "there is no paging of the kind `\(word)`",
                hint: "one of " + PagesGuess.words.joined(separator: ", "))
        }
        return PagesGuess(
            scheme: scheme,
            evidence: "--pages; nothing in the answer says under which names: look at them",
            sureness: .unsure)
    }
}
