import PullcordAdapter
import PullcordModel

/// What one stream asks, and how its changes are found.
struct StreamExplanation {
    let stream: StreamSpec
    let spec: AdapterSpec
    let words: RequestWords

    var topics: [Explanation.Topic] {
        let costs = CostExplanation(stream: stream, spec: spec)
        return [
            Explanation.Topic("asks", asks),
            Explanation.Topic("pages", PagesExplanation(stream: stream, spec: spec).sentences),
            Explanation.Topic("promises", PagesExplanation(stream: stream, spec: spec).promises),
            Explanation.Topic("changes", changes),
            Explanation.Topic("deletes", deletes),
            Explanation.Topic("requests", costs.requests),
            Explanation.Topic("cannot see", costs.blind),
            Explanation.Topic("how late", costs.late),
            Explanation.Topic("errors", errors),
        ]
    }

    /// What answers mean to this stream alone.
    private var errors: [String] {
        var sentences: [String] = []
        let rules = stream.answers.rules
        if !rules.isEmpty {
            let words = rules.map(LimitsExplanation(spec: spec).words).joined(separator: "; ")
            sentences.append("Rules of the stream go before those of the adapter: \(words).")
        }
        if let path = stream.answers.expected.path {
            sentences.append("A page must have \(Words.of(path)); without it the poll fails.")
        }
        return sentences
    }

    // MARK: What is asked

    private var asks: [String] {
        let first = words.line(stream.request, of: stream, pages: stream.pages, .first)
        let later = words.line(stream.request, of: stream, pages: stream.pages, .later)
        var sentences: [String] = []
        if let parent = stream.parent {
            let visited = parent.visits == .all ? "each" : "each new or changed"
            let which = parent.condition.map { " with \(Words.of($0))" } ?? ""
            sentences.append("It is asked for \(visited) record of `\(parent.stream)`\(which).")
        }
        if case .range(let end) = stream.pages.scheme {
            sentences.append(
                "First it asks how far the numbers go: "
                    + "\(words.text(end.path, of: stream, pages: stream.pages, .first) ?? "").")
        }
        if case .url? = stream.cursor?.kind {
            sentences.append("The first poll begins with \(first)")
            sentences.append("Later polls begin with the URL of \(source(stream.cursor)).")
        } else if first == later {
            sentences.append("Every poll asks \(first)")
        } else {
            sentences.append("The first poll asks \(first)")
            sentences.append("Later polls ask \(later)")
        }
        sentences += stream.cursors.map(cursor)
        if case .single = stream.pages.scheme, stream.isConditional {
            sentences.append(
                "ETag and Last-Modified are sent back, so that an unchanged answer may be a 304.")
        }
        if let detail = stream.detail {
            sentences.append(
                "A new or changed record is asked for by "
                    + words.line(detail.request, of: stream, pages: PagesSpec(), .later))
        }
        return sentences
    }

    private func cursor(_ named: NamedCursor) -> String {
        let cursor = named.spec
        let name = named.name.isEmpty ? "${cursor}" : "${cursor.\(named.name)}"
        if case .url = cursor.kind { return "The URL must be on the same host." }
        var sentence = "`\(name)` is \(source(cursor))"
        if cursor.overlap > 0 { sentence += ", less \(Words.of(cursor, overlap: cursor.overlap))" }
        if case .value(let format) = cursor.kind {
            sentence += ", sent as \(format.sent.words)"
        }
        guard cursor.settle > .zero else { return sentence + "." }
        return sentence + ". It stays \(Words.of(cursor.settle)) behind the clock: what happened "
            + "since then is asked for again by the next poll."
    }

    private func source(_ cursor: CursorSpec?) -> String {
        switch cursor?.source {
        case .record(let from)?: "the greatest \(Words.of(from)) seen"
        case .watermark(let value)?: "how far the last answer says it reaches (\(Words.of(value)))"
        case .pollTime?: "the time when the last complete poll began"
        case .token(let value)?: "the last page's \(Words.of(value))"
        case .url(let value)?: "the last page's \(Words.of(value))"
        case .link(let relation)?: "the last page's Link header with rel=\(relation)"
        case nil: "nothing"
        }
    }

    // MARK: How changes are found

    private var changes: [String] {
        let isWhole = stream.key.map(\.text) == ["."]
        let key = isWhole ? "what they are themselves" : Words.of(stream.key)
        // A record of each parent may have the same key.
        let above = stream.parent.map { "the key of their `\($0.stream)` together with " } ?? ""
        var sentences = ["Records are told apart by \(above)\(key)."]
        switch stream.detect {
        case .snapshot:
            sentences.append(
                "The whole list is compared with the last one: a new key is `created`, another "
                    + "content `updated`, a missing key `deleted`.")
        case .incremental:
            sentences.append(
                "Each record that comes is compared with what is known of it: a new key is "
                    + "`created`, another content `updated`, the same content nothing, however often "
                    + "it comes.")
        case .feed:
            sentences.append(
                stream.changes.feedUpdates
                    ? "Each new item is `created`, and an edited one `updated`."
                    : "Each new item is `created`, once, however it is edited later.")
            sentences.append(
                "Items that are shown no more are forgotten when \(stream.changes.remembers) newer "
                    + "ones have come.")
        }
        sentences += counted
        switch stream.first {
        case .baseline: sentences.append("The first poll only remembers what is there.")
        case .emit: sentences.append("What the first poll finds is sent as `created`.")
        }
        if stream.keep == .record {
            sentences.append("Records are kept whole: events tell what was before.")
        }
        return sentences
    }

    /// What of a record counts.
    private var counted: [String] {
        var sentences: [String] = []
        if let transform = stream.changes.transform {
            sentences.append("\(Words.of(transform)) makes the record of what the API sends.")
        }
        if let condition = stream.condition {
            sentences.append("Only records with \(Words.of(condition)) are looked at.")
        }
        switch stream.mask {
        case .all: break
        case .ignoring(let paths):
            sentences.append("A change of \(Words.of(paths)) alone is no change.")
        case .only(let paths):
            sentences.append("Only a change of \(Words.of(paths)) is a change.")
        }
        if !stream.unordered.isEmpty {
            sentences.append("The order within \(Words.of(stream.unordered)) means nothing.")
        }
        for normal in stream.changes.normal {
            sentences.append("\(Words.of(normal.path)) is compared as a \(normal.kind.rawValue).")
        }
        return sentences
    }

    // MARK: How deletes are seen

    private var deletes: [String] {
        var sentences: [String] = []
        if let tombstone = stream.changes.tombstone {
            sentences.append("A record with \(Words.of(tombstone)) is `deleted`, with each poll.")
        }
        if let deletions = stream.changes.deletions {
            sentences.append(
                "A list of deletes is read with each poll: "
                    + words.line(deletions.request, of: stream, pages: deletions.pages, .later))
        }
        if let reconcile = stream.changes.reconcile {
            sentences.append(
                "The whole list is read \(reconcile.words), and what is missing in it is `deleted`."
            )
        }
        if stream.detect == .snapshot {
            sentences.append("What is missing in the whole list is `deleted`.")
        }
        if stream.seesMissing { sentences += guards }
        if sentences.isEmpty {
            sentences.append(
                stream.detect == .feed
                    ? "An item that is shown no more is not gone." : "Deletes are not seen.")
        }
        if let parent = stream.parent {
            sentences.append("When a record of `\(parent.stream)` is deleted, so is all below it.")
        }
        if stream.detail != nil {
            sentences.append("A record whose details are 404 or 410 is `deleted` too.")
        }
        return sentences
    }

    private var guards: [String] {
        var sentences = [
            "It takes a complete list, and a second look at all of it."
        ]
        let share = stream.deletes.maxShare
        if share < 1 {
            sentences.append(
                "More than \(Words.of(share)) of the records, and more than "
                    + "\(stream.deletes.minimum), gone at once are not believed: the poll fails "
                    + "with `mass_delete`.")
        }
        switch stream.belief.confirmation {
        case nil: break
        case .scans(let count)?:
            sentences.append("\(count) complete polls in a row must miss a record.")
        case .get(let path)?:
            let path = words.text(path, of: stream, pages: stream.pages, .later) ?? ""
            sentences.append("A missing record is asked for (\(path)): only 404 and 410 mean gone.")
        }
        return sentences
    }
}

extension ReconcileSpec {
    /// `every 24h`, `at 0 3 * * *`.
    var words: String {
        switch rhythm {
        case .every(let duration): "every \(Words.of(duration))"
        case .cron(let cron): "at `\(cron.text)` (cron)"
        }
    }
}

extension StreamSpec {
    /// Whether a record that is missing in a list is taken for deleted.
    var seesMissing: Bool { detect == .snapshot || changes.reconcile != nil }
}

extension CursorFormat.Notation {
    fileprivate var words: String {
        switch self {
        case .pattern(let pattern): "`\(pattern.text)`"
        case .rfc3339, .epochSeconds, .epochMilliseconds, .epochMicroseconds, .microsoftDate,
            .integer:
            name
        }
    }
}
