import PullcordAdapter
import PullcordJSON

extension APIGuess {
    /// Everything that was guessed, in the order in which a person would decide it.
    package var findings: [Finding] {
        var findings = [
            Finding(
                "format", page.format.kind.rawValue, because: page.evidence, .sure)
        ]
        findings.append(recordsFinding)
        findings.append(keyFinding)
        findings.append(finding(pages: pages))
        findings += cursorFindings
        if let conditional { findings.append(conditional) }
        findings += limits.findings
        if let volatile {
            findings.append(
                Finding(
                    "ignore",
                    volatile.paths.map { PathText.expression($0) }.joined(separator: ", "),
                    because: volatile.evidence, .likely))
        }
        findings += hints
        findings += failures.map { Finding("probe", "failed", because: $0, .unsure) }
        return findings
    }

    /// Whether a person should choose between lists.
    package var otherLists: [String] {
        lists.filter { $0.path != records.path && $0.score * 3 >= records.score * 2 }.prefix(5)
            .map(\.expression)
    }

    /// Keys that would do besides the one chosen.
    package var otherKeys: [String] { key.others }

    /// The key that somebody means who answers so: what was offered as it is, for that may be a
    /// program with commas, or what stands between commas.
    package func key(answered text: String) -> [String] {
        if text == keyFinding.guess { return key.expressions }
        if otherKeys.contains(text) { return [text] }
        return text.split(separator: ",").map { String($0).trimmingBlanks }
    }

    /// Fields that could be the cursor, the best first.
    package var changeFields: [String] { changes.prefix(6).map(\.expression) }

    var recordsFinding: Finding {
        if choices.records != nil {
            return Finding("records", records.expression, because: "--records", .sure)
        }
        var evidence = records.reasons.joined(separator: "; ")
        if !otherLists.isEmpty { evidence += "; others: \(otherLists.joined(separator: ", "))" }
        let sureness: Sureness
        if page.format.kind.isFeed {
            sureness = .sure
        } else if records.records.isEmpty || records.shape == .single || !otherLists.isEmpty {
            sureness = .unsure
        } else {
            sureness = records.score >= 60 ? .sure : .likely
        }
        return Finding(
            "records", records.expression, because: evidence, sureness, flag: "--records")
    }

    var keyFinding: Finding {
        if !choices.key.isEmpty {
            return Finding(
                "key", choices.key.joined(separator: ", "), because: "--key", .sure)
        }
        var evidence = key.evidence
        if key.sureness != .sure, !key.others.isEmpty {
            evidence += "; others: \(key.others.joined(separator: ", "))"
        }
        return Finding(
            "key", key.expressions.joined(separator: ", "), because: evidence, key.sureness,
            flag: "--key")
    }

    func finding(pages: PagesGuess) -> Finding {
        Finding("pages", pages.word, because: pages.evidence, pages.sureness, flag: "--pages")
    }

    var cursorFindings: [Finding] {
        if page.format.kind.isFeed { return [] }
        guard let change else {
            guard let best = changes.first else {
                if let since {
                    return [
                        Finding(
                            "since", "`\(since)` stays as it stands in the URL",
                            because:
                                "no field of the records tells of changes, so nothing moves it",
                            .unsure, flag: "--cursor FIELD")
                    ]
                }
                return [
                    Finding(
                        "cursor", "none",
                        because: "no field tells when a record changed: each poll reads the whole "
                            + "list, and so sees deletes too", .likely, flag: "--cursor")
                ]
            }
            return [
                Finding(
                    "cursor", "none",
                    because: "`\(best.expression)` is a candidate (\(best.evidence)), but no query "
                        + "item is known that asks for what changed since; each poll reads the "
                        + "whole list", .unsure, flag: "--since PARAM, --cursor \(best.expression)")
            ]
        }
        guard let since else {
            return [
                Finding(
                    "cursor", "none", because: "--cursor needs the query item that asks by it",
                    .unsure, flag: "--since PARAM")
            ]
        }
        let expression = choices.cursor ?? change.expression
        var found = [
            Finding(
                "cursor", expression, because: change.evidence,
                choices.cursor == nil ? change.sureness : .sure, flag: "--cursor FIELD"),
            Finding(
                "since", since,
                because: choices.since == nil
                    ? "it stands in the URL and is called so; that it asks for changes and not "
                        + "for creation is a guess"
                    : "--since", choices.since == nil ? .unsure : .sure, flag: "--since PARAM"),
        ]
        if TimeNotation.isZoneless(change.notation) {
            found.append(
                Finding(
                    "zone", "UTC", because: "the times have no offset; ask the API which they mean",
                    .unsure))
        }
        if change.order == .ascending {
            found.append(
                Finding(
                    "order", "`ascending: true` is not said",
                    because: "the list looks sorted by it; say it if the API promises that",
                    .unsure))
        }
        return found
    }

    private var hints: [Finding] {
        var hints: [Finding] = []
        if records.shape == .scalars {
            hints.append(
                Finding(
                    "detail", "not written",
                    because: "the list gives bare values; `detail: { request: "
                        + "\"…/${record.key}\" }` fetches each record", .unsure))
        }
        let names = Set(
            FieldTable(records.records).fields.filter {
                Vocabulary.volatile.contains($0.name.lowercased())
            }.map(\.expression))
        let ignored = Set(volatile?.paths.map { PathText.expression($0) } ?? [])
        let suspects = names.subtracting(ignored).sorted()
        if !suspects.isEmpty {
            hints.append(
                Finding(
                    "ignore", "perhaps \(suspects.joined(separator: ", "))",
                    because: "called like what changes without meaning", .unsure))
        }
        let isLocal = ["127.", "localhost", "[::1]"].contains { url.host.hasPrefix($0) }
        if url.origin.lowercased().hasPrefix("http://"), choices.credential != nil, !isLocal {
            hints.append(
                Finding(
                    "base_url", url.origin, because: "credentials go over it unencrypted", .unsure))
        }
        return hints
    }
}
