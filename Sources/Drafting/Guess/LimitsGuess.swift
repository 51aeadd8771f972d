/// What the headers of an answer say of limits, and what they mean.
struct LimitsGuess: Equatable {
    var entries: [DraftEntry] = []
    var findings: [Finding] = []

    init(_ answer: SampleAnswer) {
        if let header = answer.header("x-shopify-shop-api-call-limit") {
            entries.append(reading("remaining", "x-shopify-shop-api-call-limit", "n_of_m"))
            note("x-shopify-shop-api-call-limit", "it says \(header): used of all")
            return
        }
        let remaining = first(answer, ["remaining", "left"]) { Int($0) != nil }
        guard let remaining else {
            noteObeyed(answer)
            return
        }
        entries.append(DraftEntry("remaining", text: remaining.name))
        if let limit = first(answer, ["limit"], like: remaining.name, where: { Int($0) != nil }) {
            entries.append(DraftEntry("limit", text: limit.name))
        }
        note(remaining.name, "it says \(remaining.value)")
        readReset(answer, remaining.name)
    }

    private mutating func readReset(_ answer: SampleAnswer, _ remaining: String) {
        let reset = first(answer, ["reset", "after"], like: remaining) { _ in true }
        guard let reset else { return }
        let meaning: String
        let evidence: String
        if let number = Double(reset.value) {
            switch number {
            case 1_000_000_000..<10_000_000_000:
                (meaning, evidence) = ("epoch_seconds", "\(reset.value) is a time since 1970")
            case 1_000_000_000_000..<10_000_000_000_000:
                (meaning, evidence) = ("epoch_milliseconds", "\(reset.value) is a time since 1970")
            case 0..<1_000_000:
                (meaning, evidence) = ("seconds", "\(reset.value) is too small for a time")
            default: return
            }
        } else if TimeNotation.text(reset.value) == "rfc3339" {
            (meaning, evidence) = ("rfc3339", "\(reset.value) is a time")
        } else if reset.value.hasSuffix("GMT") {
            (meaning, evidence) = ("http_date", "\(reset.value) is a time")
        } else {
            return
        }
        entries.append(self.reading("reset", reset.name, meaning))
        findings.append(
            Finding("limits", "reset \(reset.name) as \(meaning)", because: evidence, .likely))
    }

    private mutating func noteObeyed(_ answer: SampleAnswer) {
        let obeyed = ["ratelimit", "ratelimit-policy", "x-poll-interval", "retry-after"]
        for name in obeyed where answer.header(name) != nil {
            note(name, "obeyed without a word in the adapter")
        }
    }

    private mutating func note(_ name: String, _ evidence: String) {
        findings.append(Finding("limits", name, because: evidence, .likely))
    }

    private func reading(_ key: String, _ header: String, _ meaning: String) -> DraftEntry {
        DraftEntry(key, .texts([("header", header), ("as", meaning)]))
    }

    /// The first header about a rate whose name ends in one of the words; those that begin as
    /// `like` does come first.
    private func first(
        _ answer: SampleAnswer, _ words: [String], like: String = "",
        where fits: (String) -> Bool
    ) -> (name: String, value: String)? {
        let prefix =
            like.prefix { $0 != "-" } + "-"
            + like.drop { $0 != "-" }.dropFirst()
            .prefix { $0 != "-" }
        let found = answer.headers.map { ($0.name.lowercased(), $0.value.trimmingBlanks) }
            .filter { name, value in
                let parts = name.split(separator: "-").map(String.init)
                let isRate =
                    name.contains("ratelimit") || name.contains("rate-limit")
                    || name.contains("throttle") || name.contains("quota")
                    || name.contains("api-limit") || name.contains("call-limit")
                return isRate && words.contains(parts.last ?? "") && fits(value)
                    // The drafts' own fields need no word.
                    && !name.hasPrefix("ratelimit")
            }
        return (like.isEmpty ? nil : found.first { $0.0.hasPrefix(prefix) }) ?? found.first
    }
}
