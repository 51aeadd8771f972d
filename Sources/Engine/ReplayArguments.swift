package import PullcordCommit
package import PullcordModel

/// A replay as it is asked for: texts in a request, values on either side.
package struct ReplayArguments: Sendable {
    /// Events a second unless somebody asks for another rate.
    package static let rateDefault = 50

    package var query: ReplayQuery
    package var target: SubscriptionName
    package var rate: Int

    package init(query: ReplayQuery, target: SubscriptionName, rate: Int = rateDefault) {
        self.query = query
        self.target = target
        self.rate = rate
    }

    /// Throws ``Problem`` for what ``texts`` would not have written.
    package init(_ texts: [String: String]) throws(Problem) {
        func invalid(_ name: String) -> Problem {
            Problem(code: "argument_invalid", message: "`\(name)` is no value for a replay")
        }
        guard let target = texts["to"] else { throw invalid("to") }
        var query = ReplayQuery(
            events: (texts["events"] ?? "").split(separator: " ").map { EventID(String($0)) },
            subscription: texts["subscription"].map { SubscriptionName($0) },
            source: texts["source"].map { SourceName($0) },
            stream: texts["stream"].map { StreamName($0) },
            key: texts["key"].map { RecordKey($0) },
            isDeadOnly: texts["dead"] != nil, filter: texts["filter"])
        if let text = texts["kind"] {
            guard let kind = EventKind(rawValue: text) else { throw invalid("kind") }
            query.kind = kind
        }
        for (name, path) in [("since", \ReplayQuery.since), ("until", \ReplayQuery.until)] {
            guard let text = texts[name] else { continue }
            guard let time = Timestamp(rfc3339: text) else { throw invalid(name) }
            query[keyPath: path] = time
        }
        guard let rate = Int(texts["rate"] ?? String(Self.rateDefault)),
            (1...Limits.replayRateMax).contains(rate)
        else { throw invalid("rate") }
        if query.isDeadOnly, query.subscription == nil { throw invalid("subscription") }
        self.init(query: query, target: SubscriptionName(target), rate: rate)
    }

    package var texts: [String: String] {
        var texts = ["to": target.text, "rate": String(rate)]
        if !query.events.isEmpty {
            texts["events"] = query.events.map(\.text).joined(separator: " ")
        }
        texts["subscription"] = query.subscription?.text
        texts["source"] = query.source?.text
        texts["stream"] = query.stream?.text
        texts["key"] = query.key?.text
        texts["kind"] = query.kind?.rawValue
        texts["since"] = query.since?.description
        texts["until"] = query.until?.description
        texts["dead"] = query.isDeadOnly ? "yes" : nil
        texts["filter"] = query.filter
        return texts
    }
}
