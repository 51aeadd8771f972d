import PullcordJSON

// Pages and records that are counted.
extension PagesFinder {
    /// Pages or records that are counted, by names in the query, then by names in the body.
    func counted(_ facts: [Fact]) -> [PagesGuess] {
        guard records.shape != .single else { return [] }
        var found: [PagesGuess] = []
        for item in url.query {
            guard let value = Int(item.value) else { continue }
            if Vocabulary.countsPages(item.name) {
                found.append(
                    number(
                        item.name, start: value, "it stands in the URL",
                        zeroValue: value == 1 ? "0" : nil))
            } else if Vocabulary.countsRecords(item.name) {
                found.append(offset(item.name, start: value, "it stands in the URL"))
            }
        }
        guard found.isEmpty else { return found }
        let hasPages = facts.first {
            [
                "total_pages", "totalpages", "page_count", "pagecount", "pages", "last_page",
                "lastpage",
            ]
            .contains($0.name) && $0.value.integer != nil
        }
        let page = facts.first { fact in
            (Vocabulary.pageNumbers.contains(fact.name)
                || fact.name == "number" && fact.path.count > 1) && fact.value.integer != nil
        }
        if let page, let start = page.value.integer, (0...1).contains(start) {
            let name =
                page.name == "current_page" || page.name == "number" ? "page" : page.path.last
            found.append(
                number(
                    name ?? "page", start: start,
                    "the answer says `\(PathText.expression(page.path))`"))
        } else if let hasPages {
            found.append(
                number(
                    "page", start: 1, "the answer says `\(PathText.expression(hasPages.path))`"))
        }
        let place = facts.first {
            Vocabulary.offsets.contains($0.name) && $0.value.integer != nil && $0.name != "from"
        }
        if let place, let start = place.value.integer, start == 0 || start == 1 {
            found.append(
                offset(
                    place.path.last ?? "offset", start: start,
                    "the answer says `\(PathText.expression(place.path))`"))
        }
        return found
    }

    /// `zeroValue` is what would bring other records if pages are counted from 0.
    private func number(
        _ item: String, start: Int, _ reason: String, zeroValue: String? = nil
    ) -> PagesGuess {
        let first = (0...1).contains(start) ? start : 1
        var guess = PagesGuess(
            scheme: .number(item: item, start: first),
            evidence: "`\(item)` counts pages: \(reason)" + Self.moved(start, first),
            sureness: .unsure,
            probe: count == 0 || start == .max
                ? nil : url.text(setting: item, to: String(start + 1)))
        // In a URL without it, what is shown is the first page, whatever its number.
        if count > 0, let value = zeroValue {
            guess.zeroProbe = url.text(setting: item, to: value)
        }
        return guess
    }

    /// A poll begins with the first page, whichever the sample is.
    private static func moved(_ start: Int, _ first: Int) -> String {
        start == first ? "" : ", there \(start); a poll begins with \(first)"
    }

    /// What asks for the next page where the sample holds as many records as its URL asks for, and
    /// says nothing of others.
    var partner: PagesGuess? {
        guard let size, isFull, let partner = Vocabulary.partners[size.item.lowercased()] else {
            return nil
        }
        let reason = "\(count) records came as asked for, and `\(size.item)` mostly goes with it"
        return partner.start == 0
            ? offset(partner.item, start: 0, reason)
            : number(partner.item, start: 1, reason, zeroValue: "1")
    }

    /// What stands beside the records and could be a token, where a person says that there is one.
    var likeToken: PagesGuess? {
        let fact = facts.first { fact in
            guard let text = fact.value.string, text.utf8.count >= 8, !isAddress(text) else {
                return false
            }
            return !text.contains(where: \.isWhitespace) && TimeNotation.text(text) == nil
        }
        guard let fact, let name = fact.path.last, let token = fact.value.string else {
            return nil
        }
        return PagesGuess(
            scheme: .token(fact.path, item: name),
            evidence: "--pages; `\(PathText.expression(fact.path))` could be the token; that it "
                + "is sent as `\(name)` is a guess",
            sureness: .unsure, probe: url.text(setting: name, to: token))
    }

    private func offset(_ item: String, start: Int, _ reason: String) -> PagesGuess {
        let (next, overflow) = start.addingReportingOverflow(count)
        let first = (0...1).contains(start) ? start : 0
        return PagesGuess(
            scheme: .offset(item: item, start: first),
            evidence: "`\(item)` counts records: \(reason)" + Self.moved(start, first),
            sureness: .unsure,
            probe: count == 0 || overflow ? nil : url.text(setting: item, to: String(next)))
    }
}
