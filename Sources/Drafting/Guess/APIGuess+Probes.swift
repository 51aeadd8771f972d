import PullcordJSON
import PullcordModel

extension APIGuess {
    /// The requests that would settle what is not sure yet; none of them changes anything.
    package var probes: [DraftProbe] {
        var validators: [DraftHeader] = []
        if let tag = answer.header("etag") {
            validators.append(DraftHeader(name: "If-None-Match", value: tag))
        } else if let date = answer.header("last-modified") {
            validators.append(DraftHeader(name: "If-Modified-Since", value: date))
        }
        var probes = [
            DraftProbe(
                purpose: .again, url: answer.url, headers: validators,
                reason: validators.isEmpty
                    ? "the same again, to see which fields change by themselves"
                    : "the same again, to see whether \(validators[0].name) is understood")
        ]
        if let target = pages.probe, let next = resolved(target) {
            probes.append(
                DraftProbe(
                    purpose: .nextPage, url: next, headers: [],
                    reason: "the next page, to see whether pages are asked for like this"))
        }
        if let zero = pages.zeroProbe {
            probes.append(
                DraftProbe(
                    purpose: .zero, url: zero, headers: [],
                    reason: "to see whether pages are counted from 0"))
        }
        return Array(probes.prefix(DraftLimits.probesMax))
    }

    /// A whole URL on the same host; credentials are sent to no other.
    private func resolved(_ target: String) -> String? {
        let lower = target.lowercased()
        if lower.hasPrefix("http://") || lower.hasPrefix("https://") {
            guard let next = try? DraftURL(target),
                next.origin.lowercased() == url.origin.lowercased()
            else { return nil }
            return target
        }
        if target.hasPrefix("//") { return nil }
        if target.hasPrefix("/") { return url.origin + target }
        if target.hasPrefix("?") { return url.origin + url.path + target }
        let folder = url.path.prefix(through: url.path.lastIndex(of: "/") ?? url.path.startIndex)
        return url.origin + folder + target
    }

    /// Takes in what a probe was answered with.
    package mutating func learn(_ probe: DraftProbe, _ answer: SampleAnswer) {
        switch probe.purpose {
        case .again: learnAgain(probe, answer)
        case .nextPage: learnPage(answer)
        case .zero: learnZero(answer)
        }
    }

    /// Takes in that a probe could not be sent.
    package mutating func fail(_ probe: DraftProbe, _ reason: String) {
        failures.append("\(probe.reason): \(reason)")
    }

    private mutating func learnAgain(_ probe: DraftProbe, _ answer: SampleAnswer) {
        if answer.status == 304 {
            conditional = Finding(
                "conditional", "validators are sent", because: "the API answered 304", .sure)
            return
        }
        if let header = probe.headers.first {
            conditional = Finding(
                "conditional", "validators are sent",
                because: "the API gave \(header.name == "If-None-Match" ? "an ETag" : "a date") "
                    + "but sent the same again with \(answer.status): polls cost the whole answer",
                .likely)
        }
        guard (200...299).contains(answer.status), let again = try? SamplePage.read(answer),
            records.program == nil
        else { return }
        guard let second = records.records(in: again.value), records.shape != .scalars else {
            return
        }
        volatile = VolatileGuess(records.records, second, key: key.paths)
    }

    private mutating func learnPage(_ answer: SampleAnswer) {
        guard (200...299).contains(answer.status) else {
            failures.append("the next page: the API answered \(answer.status)")
            if pages.scheme.isGuessed { refute("the API answered \(answer.status) to it") }
            return
        }
        guard let next = try? SamplePage.read(answer), records.program == nil else { return }
        guard let found = records.records(in: next.value) else {
            refute("the answer to it has no list at `\(records.expression)`")
            return
        }
        if found.isEmpty {
            pages.evidence += "; the next page was asked for, and is empty"
            pages.sureness = .likely
            return
        }
        let before = Set(names(records.records))
        let after = names(found)
        if !after.isEmpty, after.allSatisfy(before.contains) {
            refute("the answer to it held the same records again")
        } else if after.allSatisfy({ !before.contains($0) }) {
            guard after.count == min(found.count, DraftLimits.recordsMax) else {
                pages.evidence += "; tried, but nothing tells whether the records are others"
                return
            }
            pages.evidence += "; tried: the next page has other records"
            pages.sureness = .sure
        } else {
            pages.evidence += "; tried: the next page has some of the same records"
            pages.sureness = .likely
        }
    }

    /// Counted pages mostly begin with 1, some with 0; a page that nobody asks for would be
    /// missing.
    private mutating func learnZero(_ answer: SampleAnswer) {
        guard case .number(let item, 1) = pages.scheme, (200...299).contains(answer.status),
            let zero = try? SamplePage.read(answer), let found = records.records(in: zero.value)
        else { return }
        let before = Set(names(records.records))
        let names = names(found)
        guard !names.isEmpty, names.allSatisfy({ !before.contains($0) }) else { return }
        pages.scheme = .number(item: item, start: 0)
        pages.evidence += "; tried: they are counted from 0"
    }

    /// The keys of records; without a key, all that they say.
    private func names(_ records: [JSONValue]) -> [[String]] {
        let records = records.prefix(DraftLimits.recordsMax)
        let names = records.compactMap { record in
            let parts = key.paths.map { record.value(at: $0)?.scalarText }
            return parts.contains(nil) ? nil : parts.compactMap(\.self)
        }
        guard names.isEmpty else { return names }
        return records.map { [String(decoding: $0.serialized, as: UTF8.self)] }
    }

    /// A guess that does not hold makes room for the next one that nobody has tried.
    private mutating func refute(_ reason: String) {
        let words = "`\(pages.word)` was tried and does not hold: \(reason)"
        pages = PagesGuess(scheme: .none, evidence: words, sureness: .unsure)
    }
}

extension PagesGuess.Scheme {
    /// Whether the names of what is sent are a guess.
    fileprivate var isGuessed: Bool {
        switch self {
        case .token, .tokenHeader, .number, .offset, .keyset: true
        case .none, .link, .nextURL, .nextURLHeader: false
        }
    }
}
