import PullcordAdapter
import PullcordModel

/// What an adapter does at limits and when something goes wrong.
struct LimitsExplanation {
    let spec: AdapterSpec

    var limits: [String] {
        var sentences = [
            "Retry-After and the RateLimit fields of the drafts are obeyed; a limit that is reached "
                + "in the middle of a poll is waited out, up to an hour."
        ]
        if let remaining = spec.limits.remaining {
            let reset = spec.limits.reset.map { ", and \(Words.of($0)) when there are more" } ?? ""
            sentences.append("\(Words.of(remaining)) says how many requests are left\(reset).")
        }
        let budget = spec.limits.budget
        if !budget.rates.isEmpty {
            sentences.append(
                "At most \(Words.list(budget.rates.map { Words.of($0) })) are sent, counted "
                    + "for \(share(budget.share)).")
        }
        if let concurrency = budget.concurrency {
            sentences.append("At most \(concurrency) are under way at once.")
        }
        switch budget.reserve {
        case .count(0): break
        case .count(let count): sentences.append("\(count) of the remaining are left to others.")
        case .share(let share): sentences.append("\(Words.of(share)) are left to others.")
        }
        let advice = spec.limits.respected.map(\.rawValue).sorted()
        if !advice.isEmpty {
            sentences.append("\(Words.list(advice)) of an answer puts the next poll off.")
        }
        return sentences
    }

    private func share(_ share: BudgetSpec.Share) -> String {
        switch share {
        case .host: "all sources of one host"
        case .credential: "all sources with one host and credential"
        case .source: "each source by itself"
        }
    }

    var errors: [String] {
        let statuses = spec.retry.statuses.map(String.init).joined(separator: ", ")
        let again = spec.retry.attempts - 1
        var sentences =
            again == 0
            ? ["A request that fails is not tried again within a poll."]
            : [
                "A request that fails on the way, or with \(statuses), is tried "
                    + "\(Words.count(again, "time", "times")) more."
            ]
        sentences.append(
            "Then the poll fails: what was read before is kept, and nothing counts as deleted. The "
                + "next poll comes after the interval or, where that is shorter, after a pause "
                + "that grows up to five minutes.")
        let rules = spec.answers.rules
        if !rules.isEmpty {
            sentences.append(
                "Rules of the adapter go first: \(rules.map(words).joined(separator: "; ")).")
        }
        if let path = spec.answers.expected.path {
            sentences.append("A page must have \(Words.of(path)); without it the poll fails.")
        }
        return sentences
    }

    func words(_ rule: AnswerRuleSpec) -> String {
        var conditions: [String] = []
        if !rule.statuses.isEmpty {
            let ranges = rule.statuses.map { range in
                range.count == 1
                    ? "\(range.lowerBound)" : "\(range.lowerBound)–\(range.upperBound)"
            }
            conditions.append("status \(Words.list(ranges, "or"))")
        }
        conditions += rule.headers.map { "\($0.name): \($0.pattern)" }
        if let condition = rule.condition { conditions.append(Words.of(condition)) }
        return Words.list(conditions) + " means " + meaning(rule.meaning)
    }

    private func meaning(_ meaning: AnswerRuleSpec.Meaning) -> String {
        switch meaning {
        case .success: "a page"
        case .retry: "ask again"
        case .rateLimited: "the limit is reached"
        case .login: "log in again"
        case .resync: "read all from the start"
        case .skip: "leave the page out"
        case .stop: "no more pages"
        case .fail: "the poll fails"
        }
    }
}
