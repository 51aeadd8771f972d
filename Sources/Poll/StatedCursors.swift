import PullcordAdapter
import PullcordModel
import PullcordTransfer

/// What the pages of a poll say of where the next one starts, beside their records' own values.
struct StatedCursors: Sendable {
    private let plan: PollPlan
    /// In the order of the stream's cursors; nil for those of which nothing was said yet.
    private(set) var marks: [CursorMark?]

    init(_ plan: PollPlan) {
        self.plan = plan
        marks = plan.stream.cursors.map { _ in nil }
    }

    /// Takes what a page says: what it does not say stays as the pages before it said.
    mutating func take(
        _ facts: PageFacts, headers: (String) -> [String], url: String, paginator: Paginator
    ) throws(PollError) {
        var field = plan.cursorIndex
        var other = 0
        for (index, entry) in plan.stream.cursors.enumerated() {
            let body = { (_: Void) -> String? in
                defer { field += 1 }
                return facts.fields.indices.contains(field) ? facts.fields[field] : nil
            }
            switch entry.spec.source {
            case .watermark(.body) where !entry.spec.isStated,
                .token(.body) where !entry.spec.isStated, .url where !entry.spec.isStated:
                _ = body(())
            case .watermark where !entry.spec.isStated, .token where !entry.spec.isStated,
                .link where !entry.spec.isStated:
                continue
            case .record:
                guard index > 0 else { continue }
                defer { other += 1 }
                guard facts.otherCursors.indices.contains(other),
                    let value = facts.otherCursors[other]
                else { continue }
                marks[index] = .value(max(value, marks[index]?.value ?? value))
            case .watermark(.body): try state(body(()), at: index, entry, url)
            case .watermark(.header(let name)):
                try state(headers(name.lowercased()).first, at: index, entry, url)
            case .token(.body): try state(body(()), at: index, entry, url)
            case .token(.header(let name)):
                try state(headers(name.lowercased()).first, at: index, entry, url)
            case .url:
                guard let target = body(()) else { continue }
                try state(paginator.resolve(target, from: url), at: index, entry, url)
            case .link(let relation):
                let target = LinkHeader.target(relation: relation, in: headers("link"))
                guard let target else { continue }
                try state(paginator.resolve(target, from: url), at: index, entry, url)
            case .pollTime: continue
            }
        }
    }

    private mutating func state(
        _ text: String?, at index: Int, _ entry: NamedCursor, _ url: String
    ) throws(PollError) {
        guard let text, !text.isEmpty else { return }
        guard text.utf8.count <= Limits.cursorBytesMax else {
            throw PollError(
                code: .cursor, address: plan.address, place: RequestURL.withoutSecrets(url),
                message: "the answer's cursor has \(text.utf8.count) bytes; "
                    + "\(Limits.cursorBytesMax) are allowed",
                hint: "does `cursor` name the right member?")
        }
        switch entry.spec.kind {
        case .token: marks[index] = .token(text)
        case .url: marks[index] = .url(text)
        case .value(let format):
            guard let value = CursorValue(text, format: format) else {
                throw PollError(
                    code: .cursor, address: plan.address, place: RequestURL.withoutSecrets(url),
                    message: "the answer's watermark is not \(format.name)",
                    hint: "give `format` as the API writes it")
            }
            // What changes while later pages are read may lie before what they state.
            marks[index] = .value(min(value, marks[index]?.value ?? value))
        }
    }

    /// Complains if the poll came to its end without a word of where the next one starts: it
    /// would read the same again and again.
    func checkComplete() throws(PollError) {
        // A tap that has nothing new need not say where it stands.
        guard plan.adapter.origin.program?.language != .singer else { return }
        for (entry, mark) in zip(plan.stream.cursors, marks)
        where mark == nil && entry.spec.isStated {
            let key: String
            switch entry.spec.source {
            case .record, .pollTime: continue
            case .watermark: key = "watermark"
            case .token: key = "token"
            case .url: key = "url"
            case .link: key = "link"
            }
            throw PollError(
                code: .cursor, address: plan.address,
                message: "the last page does not say where the next poll starts",
                hint: "does the API send what `cursor.\(key)` names, and on the last page?")
        }
    }
}
