import PullcordModel
import PullcordYAML

/// How pages follow one another.
extension ManifestReader {
    func readPages(_ retriever: Component, _ parts: inout StreamParts) throws(StreamSkip) {
        guard let paginator = retriever.component("paginator"), paginator.kind != "NoPagination"
        else { return }
        let cut = "without its pages the list would be cut, and what is missing seem deleted"
        guard !paginator.isCustom, let strategy = paginator.component("pagination_strategy"),
            !strategy.isCustom
        else {
            let found = paginator.component("pagination_strategy") ?? paginator
            throw StreamSkip(
                place: found.place, reason: "its paging is Python (`\(found.className)`); \(cut)",
                remedy: "write the stream with `pages`")
        }
        let option = paginator.component("page_token_option")
        let isPath = option?.kind == "RequestPath" || option?.text("inject_into") == "path"
        var entries: [DraftEntry] = []
        let size = pageSize(strategy, parts.scope)
        switch strategy.kind {
        case "OffsetIncrement":
            entries.append(DraftEntry("offset", .map([DraftEntry("start", .number(0))])))
            parts.scope.pageToken = "page.offset"
        case "PageIncrement":
            let start = strategy.text("start_from_page").flatMap(Int.init) ?? 0
            entries.append(
                DraftEntry("number", .map([DraftEntry("start", .number(max(0, start)))])))
            parts.scope.pageToken = "page.number"
        case "CursorPagination":
            entries = try cursorPages(strategy, isPath: isPath, parts)
            parts.scope.pageToken = Self.token(entries)
        default:
            throw StreamSkip(
                place: strategy.place, reason: "`\(strategy.kind)` has no counterpart; \(cut)")
        }
        addSize(size, paginator, &entries, &parts)
        if !isPath, let token = parts.scope.pageToken,
            let injection = injection(option, "${\(token)}", parts.scope.with(paginator))
        {
            parts.injections.append(injection)
        }
        parts.pages = DraftEntry("pages", .map(entries))
    }

    /// The placeholder that a scheme gives; nil for those that lead to whole URLs.
    private static func token(_ entries: [DraftEntry]) -> String? {
        switch entries.first?.key {
        case "token": "page.token"
        case "keyset": "page.after"
        case "number": "page.number"
        case "offset": "page.offset"
        default: nil
        }
    }

    private enum Size {
        case none
        case fixed(Int)
        /// A placeholder of a parameter.
        case stated(String)
    }

    private func pageSize(_ strategy: Component, _ scope: JinjaScope) -> Size {
        guard let text = strategy.text("page_size"), !text.isEmpty else { return .none }
        let resolved = try? JinjaConstants(parameters: strategy.parameters).resolved(text)
        if let size = (resolved?.literal ?? text).asSize { return .fixed(size) }
        let scope = scope.with(strategy)
        guard let stated = try? JinjaText(scope: scope, parameters: parameters).text(text) else {
            leave(
                strategy["page_size"]?.place ?? strategy.place, "page_size",
                "the size of a page is computed", by: "pages: { size: 100 }")
            return .none
        }
        return .stated(stated)
    }

    private func addSize(
        _ size: Size, _ paginator: Component, _ entries: inout [DraftEntry],
        _ parts: inout StreamParts
    ) {
        let option = paginator.component("page_size_option")
        let isCounted = entries.contains { ["offset", "number"].contains($0.key) }
        switch size {
        case .none: break
        case .fixed(let count):
            let injection = injection(option, "${page.size}", parts.scope.with(paginator))
            if injection != nil || isCounted { entries.append(DraftEntry("size", .number(count))) }
            if let injection { parts.injections.append(injection) }
            if isCounted { entries.append(DraftEntry("stop", text: "short")) }
        case .stated(let text):
            if let injection = injection(option, text, parts.scope.with(paginator)) {
                parts.injections.append(injection)
            }
        }
    }

    // MARK: Pages by what an answer hands out

    private func cursorPages(
        _ strategy: Component, isPath: Bool, _ parts: StreamParts
    ) throws(StreamSkip) -> [DraftEntry] {
        let place = strategy["cursor_value"]?.place ?? strategy.place
        let value: Jinja
        do throws(JinjaError) {
            value = try expression(strategy.text("cursor_value") ?? "", strategy)
        } catch {
            throw StreamSkip(place: place, reason: "`cursor_value`: \(error.reason)")
        }
        if Self.isLink(value) {
            // A stop that does more than look for the link: some send one on the last page, too.
            let stop = strategy.text("stop_condition") ?? "not in"
            return [DraftEntry("link", text: "next")]
                + (stop.contains("not in") ? [] : [DraftEntry("stop", text: "empty")])
        }
        if let header = Self.header(value) {
            guard !isPath else {
                throw StreamSkip(
                    place: place, reason: "the next page's URL stands in the header `\(header)`")
            }
            return [DraftEntry("token", .texts([("header", header)]))]
        }
        if case .binary("+", let before, .number("1")) = value,
            Self.names(before, "next_page_token")
        {
            let start = Self.number(in: before) ?? 1
            var entries = [DraftEntry("number", .map([DraftEntry("start", .number(start))]))]
            addStop(strategy, token: "", &entries)
            return entries
        }
        do throws(JinjaError) {
            if Self.names(value, "last_record"), !Self.names(value, "response") {
                let program = try JinjaJQ(root: "last_record").value(value)
                guard !isPath else {
                    throw JinjaError(reason: "the next page's URL stands in the last record")
                }
                var entries = [DraftEntry("keyset", text: program)]
                addStop(strategy, token: program, &entries)
                return entries
            }
            let program = try JinjaJQ(root: "response", others: ["decoded_response"]).value(value)
            var entries = [DraftEntry(isPath ? "next_url" : "token", text: program)]
            addStop(strategy, token: program, &entries)
            return entries
        } catch {
            throw StreamSkip(place: place, reason: "`cursor_value`: \(error.reason)")
        }
    }

    /// The stop condition as `more`, unless it says no more than that there is no token.
    private func addStop(_ strategy: Component, token: String, _ entries: inout [DraftEntry]) {
        guard let node = strategy["stop_condition"], let text = node.scalar?.text else { return }
        let jq = JinjaJQ(root: "response", others: ["decoded_response"])
        do throws(JinjaError) {
            let condition = try expression(text, strategy)
            switch condition {
            case .not(let inner):
                let program = try jq.value(inner)
                if program == token { return }
                entries.append(
                    DraftEntry(
                        "more",
                        text: program.allSatisfy({ $0.isLetter || $0.isNumber || "._".contains($0) }
                        )
                            ? program : try jq.condition(inner)))
            case .binary("==", .name("last_page_size"), .number("0")):
                entries.append(DraftEntry("stop", text: "empty"))
            case .test(let inner, let name, isDenied: let isDenied)
            where name == "none" && !isDenied || name == "defined" && isDenied:
                if try jq.value(inner) == token { return }
                entries.append(
                    DraftEntry("more", text: "\(try jq.condition(condition)) | not"))
            default:
                entries.append(DraftEntry("more", text: "\(try jq.condition(condition)) | not"))
            }
        } catch {
            note(
                node.place, "stop_condition",
                "\(error.reason); the last page is the one without a token")
        }
    }

    /// A template as one expression.
    func expression(_ text: String, _ component: Component) throws(JinjaError) -> Jinja {
        let resolved = try JinjaConstants(parameters: component.parameters).resolved(text)
        if let single = resolved.single { return single }
        var sum: Jinja?
        for part in resolved.parts {
            let next: Jinja
            switch part {
            case .text(let text): next = .text(text)
            case .value(let value): next = value
            }
            sum = sum.map { .binary("~", $0, next) } ?? next
        }
        return sum ?? .text("")
    }

    /// `headers['link']['next']` in any form.
    private static func isLink(_ value: Jinja) -> Bool {
        guard let path = try? JinjaText.path(value) else { return false }
        return path.count >= 3 && path[0] == "headers" && path[1].lowercased() == "link"
            && path[2] == "next"
    }

    private static func header(_ value: Jinja) -> String? {
        guard let path = try? JinjaText.path(value), path.count == 2, path[0] == "headers" else {
            return nil
        }
        return path[1].lowercased() == "link" ? nil : path[1]
    }

    /// Whether a name stands anywhere in an expression.
    static func names(_ value: Jinja, _ name: String) -> Bool {
        switch value {
        case .name(let own): own == name
        case .text, .number, .bool, .none: false
        case .member(let inner, _), .not(let inner), .negative(let inner), .test(let inner, _, _):
            names(inner, name)
        case .index(let inner, let key): names(inner, name) || names(key, name)
        case .call(let function, let values, let named):
            names(function, name) || values.contains { names($0, name) }
                || named.values.contains { names($0, name) }
        case .filter(let inner, _, let values):
            names(inner, name) || values.contains { names($0, name) }
        case .binary(_, let left, let right): names(left, name) || names(right, name)
        case .choice(let test, let first, let second):
            names(test, name) || names(first, name) || names(second, name)
        case .list(let items): items.contains { names($0, name) }
        case .map(let entries):
            entries.contains { names($0.key, name) || names($0.value, name) }
        }
    }

    private static func number(in value: Jinja) -> Int? {
        switch value {
        case .binary(_, let left, let right): number(in: right) ?? number(in: left)
        case .number(let text): Int(text)
        case .call(_, let values, _): values.last.flatMap(number)
        case .filter(let inner, _, _): number(in: inner)
        default: nil
        }
    }
}

extension String {
    fileprivate var asSize: Int? {
        Int(trimmingBlanks).flatMap { (1...1_000_000).contains($0) ? $0 : nil }
    }
}
