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
        let lists = RecordsGuess.all(in: again.value, url: url)
        let second = lists.first { $0.path == records.path && $0.shape == records.shape }
        guard let second, records.shape != .scalars else { return }
        volatile = VolatileGuess(records.records, second.records, key: key.paths)
    }

    private mutating func learnPage(_ answer: SampleAnswer) {
        guard (200...299).contains(answer.status) else {
            failures.append("the next page: the API answered \(answer.status)")
            if pages.scheme.isGuessed { refute("the API answered \(answer.status) to it") }
            return
        }
        guard let next = try? SamplePage.read(answer), records.program == nil else { return }
        let value = next.value.value(at: records.path)
        let found =
            value?.elements ?? (records.shape == .single ? [] : value?.members?.map(\.value))
        guard let found else {
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
            pages.evidence += "; tried: the next page has other records"
            pages.sureness = .sure
        } else {
            pages.evidence += "; tried: the next page has some of the same records"
            pages.sureness = .likely
        }
    }

    private func names(_ records: [JSONValue]) -> [[String]] {
        records.prefix(DraftLimits.recordsMax).compactMap { record in
            let parts = key.paths.map { record.value(at: $0)?.scalarText }
            return parts.contains(nil) ? nil : parts.compactMap(\.self)
        }
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
        case .none, .link, .nextURL: false
        }
    }
}
