import PullcordModel
import PullcordYAML

/// What answers mean: error handlers.
extension ManifestReader {
    func readAnswers(_ requester: Component, _ parts: inout StreamParts) {
        guard let handler = requester.component("error_handler") else { return }
        var rules: [DraftValue] = []
        let handlers =
            handler.kind == "CompositeErrorHandler"
            ? handler.components("error_handlers") : [handler]
        for handler in handlers { readHandler(handler, parts.name, &rules) }
        guard !rules.isEmpty else { return }
        parts.answers = DraftEntry("answers", .list(rules))
    }

    private func readHandler(_ handler: Component, _ stream: String, _ rules: inout [DraftValue]) {
        let subject = "stream \(stream), error_handler"
        if handler.isCustom {
            leave(handler.place, subject, "`\(handler.className)` is Python", by: "answers: …")
            return
        }
        let wait = wait(handler, subject)
        for filter in handler.components("response_filters") {
            if let rule = rule(filter, wait, subject), !rules.contains(rule) { rules.append(rule) }
        }
        // A wait without a filter is that of what is tried again anyway.
        if handler.components("response_filters").isEmpty, let wait {
            let rule = DraftValue.map([
                DraftEntry("status", .list([.number(429), .text("5xx")])),
                DraftEntry("then", text: "retry"), DraftEntry("after", wait),
            ])
            if !rules.contains(rule) { rules.append(rule) }
        }
    }

    private func rule(_ filter: Component, _ wait: DraftValue?, _ subject: String) -> DraftValue? {
        guard !filter.isCustom else {
            leave(filter.place, subject, "`\(filter.className)` is Python", by: "answers: …")
            return nil
        }
        var entries: [DraftEntry] = []
        let statuses = filter.texts("http_codes").compactMap(Int.init).filter {
            (100...599).contains($0)
        }
        if !statuses.isEmpty {
            entries.append(
                DraftEntry(
                    "status",
                    statuses.count == 1
                        ? .number(statuses[0]) : .list(statuses.map { .number($0) })))
        }
        do throws(JinjaError) {
            if let condition = try condition(filter) {
                entries.append(DraftEntry("when", text: condition))
            }
        } catch {
            leave(
                filter["predicate"]?.place ?? filter.place, subject,
                "predicate: \(error.reason)", by: "answers: [{ when: …, then: … }]")
            return nil
        }
        guard !entries.isEmpty else {
            note(
                filter.place, subject, "a filter that names no answer is passed over")
            return nil
        }
        guard let meaning = Self.meaning(filter.text("action") ?? "") else {
            leave(
                filter.place, subject, "`\(filter.text("action") ?? "?")` has no counterpart",
                by: "answers: …")
            return nil
        }
        entries.append(DraftEntry("then", text: meaning))
        if let wait, ["retry", "rate_limited"].contains(meaning) {
            entries.append(DraftEntry("after", wait))
        }
        return .map(entries)
    }

    private static func meaning(_ action: String) -> String? {
        switch action.uppercased() {
        case "SUCCESS": "success"
        case "FAIL": "fail"
        case "RETRY": "retry"
        case "IGNORE": "skip"
        case "RATE_LIMITED": "rate_limited"
        case "RESET_PAGINATION": "resync"
        case "REFRESH_TOKEN_THEN_RETRY": "login"
        default: nil
        }
    }

    private func condition(_ filter: Component) throws(JinjaError) -> String? {
        var parts: [String] = []
        if let text = filter.text("predicate"), !text.isEmpty {
            let value = try expression(text, filter)
            parts.append(try JinjaJQ(root: "response").condition(value))
        }
        if let text = filter.text("error_message_contains"), !text.isEmpty {
            parts.append("(tojson | contains(\(Self.jsonText(text))))")
        }
        return parts.isEmpty ? nil : parts.joined(separator: " and ")
    }

    /// A text as a literal of jq that is looked for within JSON.
    private static func jsonText(_ text: String) -> String {
        "\""
            + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: " ") + "\""
    }

    /// How long to wait, where a handler says it.
    private func wait(_ handler: Component, _ subject: String) -> DraftValue? {
        for strategy in handler.components("backoff_strategies") {
            if strategy.isCustom {
                leave(strategy.place, subject, "`\(strategy.className)` is Python", by: "after: …")
                continue
            }
            let header =
                strategy.text("header").flatMap {
                    (try? JinjaConstants(parameters: strategy.parameters).resolved($0))?.literal
                } ?? ""
            switch strategy.kind {
            case "ConstantBackoffStrategy":
                guard let seconds = strategy.text("backoff_time_in_seconds").flatMap(Double.init),
                    seconds >= 0, seconds <= 86_400
                else {
                    leave(strategy.place, subject, "the wait is computed", by: "after: 30s")
                    continue
                }
                return .text(AirbyteTime.duration(Int64(seconds * 1000)))
            case "ExponentialBackoffStrategy": continue
            case "WaitTimeFromHeader":
                if header.lowercased() == "retry-after" || header.isEmpty { continue }
                return .texts([("header", header), ("as", "seconds")])
            case "WaitUntilTimeFromHeader":
                if header.isEmpty { continue }
                return .texts([("header", header), ("as", "epoch_seconds")])
            default:
                leave(strategy.place, subject, "`\(strategy.kind)` is not known", by: "after: …")
            }
        }
        return nil
    }
}
