import PullcordJSON

/// Looks for signs of paging in an answer.
struct PagesFinder {
    let answer: SampleAnswer
    let value: JSONValue
    let url: DraftURL
    let records: RecordsGuess
    let key: KeyGuess
    /// Whether the answer is a feed, whose form says itself what is next.
    let isFeed: Bool

    var count: Int { records.records.count }

    /// Scalars beside the records: path, lower-case name, value (nil for null).
    var facts: [Fact] {
        var facts: [Fact] = []
        collect(value, [], &facts)
        return facts
    }

    struct Fact {
        let path: [String]
        let value: JSONValue
        var name: String { (path.last ?? "").lowercased() }
        var isNull: Bool { value == .null }
    }

    private func collect(_ value: JSONValue, _ path: [String], _ facts: inout [Fact]) {
        guard path.count <= 3, facts.count < DraftLimits.fieldsMax else { return }
        for member in (value.members ?? []).prefix(DraftLimits.membersMax) {
            let inner = path + [member.key]
            if inner == records.path { continue }
            if member.value.isObject {
                collect(member.value, inner, &facts)
            } else if member.value.elements == nil {
                facts.append(Fact(path: inner, value: member.value))
            }
        }
    }

    /// All schemes that something speaks for, the best first; never empty.
    func all() -> [PagesGuess] {
        var found: [PagesGuess] = []
        let facts = records.shape == .single ? [] : facts
        if let link = link() { found.append(link) }
        if let next = nextURL(facts) { found.append(next) }
        if let next = nextURLHeader() { found.append(next) }
        if let token = token(facts) { found.append(token) }
        if let header = tokenHeader() { found.append(header) }
        found += counted(facts)
        if let keyset = keyset(facts) { found.append(keyset) }
        let size = size
        if found.isEmpty, let partner = partner { found.append(partner) }
        for index in found.indices {
            found[index].size = size
            found[index].isFull = isFull
            if let size, !isFull, found[index].scheme.needsFlag {
                found[index].evidence +=
                    "; \(count) came of the \(size.count) asked for, so a short page may not be "
                    + "the last"
            }
            found[index].more = found[index].scheme.needsFlag ? more(facts) : nil
            if case .number = found[index].scheme { found[index].total = total(facts) }
            if case .offset = found[index].scheme { found[index].total = total(facts) }
        }
        return found + [none(facts)]
    }

    private func none(_ facts: [Fact]) -> PagesGuess {
        if isFeed {
            return PagesGuess(
                scheme: .none, evidence: "a feed shows its newest items in one answer",
                sureness: .likely)
        }
        let isRound =
            [10, 12, 15, 20, 24, 25, 30, 40, 50, 60, 75].contains(count)
            || count >= 100 && count % 50 == 0
        let hasMore = total(facts) != nil
        var guess = PagesGuess(
            scheme: .none, evidence: "nothing in the answer speaks of another page",
            sureness: count == 0 ? .unsure : .likely)
        if isRound || hasMore || isFull {
            guess.evidence =
                hasMore
                ? "the answer speaks of more records than it holds, but not how to ask for them"
                : "nothing speaks of another page, but \(count) is what a full page "
                    + (isFull ? "has here" : "often has")
            guess.sureness = .unsure
        }
        return guess
    }

    private func link() -> PagesGuess? {
        let values = answer.headers.filter { $0.name.lowercased() == "link" }.map(\.value)
        guard !values.isEmpty else { return nil }
        if let target = LinkTarget.of("next", in: values) {
            return PagesGuess(
                scheme: .link, evidence: "the Link header names the next page (RFC 8288)",
                sureness: .likely, probe: target)
        }
        guard ["prev", "first", "last"].contains(where: { LinkTarget.of($0, in: values) != nil })
        else { return nil }
        return PagesGuess(
            scheme: .link, evidence: "the Link header names pages, and this is the last",
            sureness: .likely)
    }

    private func nextURL(_ facts: [Fact]) -> PagesGuess? {
        for fact in facts where isNextName(fact.path) {
            if let text = fact.value.string, isAddress(text) {
                return PagesGuess(
                    scheme: .nextURL(fact.path),
                    evidence: "`\(PathText.expression(fact.path))` is the next page's address",
                    sureness: .likely, probe: text)
            }
        }
        for fact in facts where isNextName(fact.path) && fact.isNull {
            let words = Set(fact.path.flatMap(Names.words))
            let names = Set(facts.map(\.name))
            let isLink =
                !words.isDisjoint(with: ["link", "links", "url", "uri", "href", "paging"])
                || !names.isDisjoint(with: ["previous", "prev"])
            guard isLink else { continue }
            return PagesGuess(
                scheme: .nextURL(fact.path),
                evidence: "`\(PathText.expression(fact.path))` is null: this is the only page, and "
                    + "on others it is probably an address",
                sureness: .unsure)
        }
        return nil
    }

    /// The address of the next page in a header that is no Link header.
    private func nextURLHeader() -> PagesGuess? {
        let found = answer.headers.first { header in
            Names.words(header.name).contains("next") && header.name.lowercased() != "link"
                && isAddress(header.value.trimmingBlanks)
        }
        guard let found else { return nil }
        return PagesGuess(
            scheme: .nextURLHeader(found.name.lowercased()),
            evidence: "the header \(found.name) is the next page's address", sureness: .likely,
            probe: found.value.trimmingBlanks)
    }

    private func isNextName(_ path: [String]) -> Bool {
        guard let name = path.last?.lowercased() else { return false }
        if Vocabulary.nextURLs.contains(name) { return true }
        return path.count > 1 && ["href", "url"].contains(name)
            && path[path.count - 2].lowercased() == "next"
    }

    func isAddress(_ text: String) -> Bool {
        let lower = text.lowercased()
        return lower.hasPrefix("http://") || lower.hasPrefix("https://") || lower.hasPrefix("/")
            || lower.hasPrefix("?")
    }

    private func token(_ facts: [Fact]) -> PagesGuess? {
        for fact in facts {
            guard var item = Vocabulary.tokens[fact.name] else { continue }
            let isBare = Vocabulary.bareTokens.contains(fact.name)
            // A number there counts records.
            if Vocabulary.offsets.contains(fact.name),
                fact.value.string.map({ Int($0) != nil }) ?? true
            {
                continue
            }
            if let text = fact.value.string, isAddress(text) { continue }
            guard let token = fact.value.scalarText, !token.isEmpty, token != "false",
                token != "true"
            else {
                // A member that stands for a token only by a word that means much else.
                guard !isBare, fact.isNull || fact.value.string == "" else { continue }
                return PagesGuess(
                    scheme: .token(fact.path, item: item),
                    evidence: "`\(PathText.expression(fact.path))` is empty: this is the only "
                        + "page, and on others it is probably a token",
                    sureness: .unsure)
            }
            let known = url.query.first { candidate in
                let name = candidate.name.lowercased()
                return name == item.lowercased() || name == fact.name
                    || Vocabulary.tokens[name] != nil && !Vocabulary.sizes.contains(name)
                        && !Vocabulary.offsets.contains(name)
            }
            if let known { item = known.name }
            return PagesGuess(
                scheme: .token(fact.path, item: item),
                evidence: "`\(PathText.expression(fact.path))` looks like a token"
                    + (known == nil ? "; that it is sent as `\(item)` is a guess" : ""),
                sureness: .unsure, probe: url.text(setting: item, to: token))
        }
        return nil
    }

    private func tokenHeader() -> PagesGuess? {
        for (header, item) in Vocabulary.tokenHeaders {
            guard let value = answer.header(header), !isAddress(value.trimmingBlanks) else {
                continue
            }
            let token = value.trimmingBlanks
            return PagesGuess(
                scheme: .tokenHeader(header, item: item),
                evidence: "the header \(header) says what the next page is",
                sureness: .unsure,
                probe: token.isEmpty ? nil : url.text(setting: item, to: token))
        }
        return nil
    }

    private func keyset(_ facts: [Fact]) -> PagesGuess? {
        guard let path = key.paths.first, key.paths.count == 1, key.isGood, !path.isEmpty,
            let flag = more(facts), value.value(at: flag) == .bool(true),
            let last = records.records.last?.value(at: path)?.scalarText
        else { return nil }
        return PagesGuess(
            scheme: .keyset(path, item: "starting_after"),
            evidence: "`\(PathText.expression(flag))` is true and there is no token; that the last "
                + "`\(path.last ?? "id")` is sent as `starting_after` is a guess",
            sureness: .unsure, probe: url.text(setting: "starting_after", to: last))
    }

    private func more(_ facts: [Fact]) -> [String]? {
        facts.first { fact in
            if case .bool = fact.value { return Vocabulary.more.contains(fact.name) }
            return false
        }?.path
    }

    func total(_ facts: [Fact]) -> [String]? {
        facts.first { fact in
            guard let total = fact.value.integer else { return false }
            return Vocabulary.totals.contains(fact.name) && total > count
        }?.path
    }

    var isFull: Bool { size.map { count == $0.count } ?? false }

    var size: (item: String, count: Int)? {
        for item in url.query where Vocabulary.sizesPages(item.name) {
            guard let size = Int(item.value), (1...100_000).contains(size), count <= size else {
                continue
            }
            return (item.name, size)
        }
        return nil
    }
}

extension PagesGuess.Scheme {
    /// Whether the scheme itself does not say which page is the last.
    fileprivate var needsFlag: Bool {
        switch self {
        case .number, .offset, .keyset, .token: true
        case .none, .link, .nextURL, .nextURLHeader, .tokenHeader: false
        }
    }
}
