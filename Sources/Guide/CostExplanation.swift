import PullcordAdapter
import PullcordModel

/// What a stream's polls cost, what they cannot see, and how late they see the rest.
struct CostExplanation {
    let stream: StreamSpec
    let spec: AdapterSpec

    // MARK: Requests

    var requests: [String] {
        if stream.parent != nil { return below }
        var sentences = ["First poll: \(whole)."]
        if stream.cursor != nil || stream.pages.stops.contains(.known) {
            let more = overlap.map { ", more if the overlap of \($0) fills several pages" } ?? ""
            let quiet = quiet + (stream.pages.scheme == .single ? "" : more)
            sentences.append("Nothing changed: \(quiet). One changed: the same.")
        } else if stream.pages.scheme == .single, stream.isConditional {
            sentences.append(
                "Nothing changed: \(whole), which may be a 304. One changed: the same.")
        } else {
            sentences.append("Nothing changed: \(whole). One changed: the same.")
        }
        if stream.detect == .snapshot {
            sentences.append("Something missing: all of it twice, for the second look.")
        }
        sentences += others
        return sentences
    }

    /// The whole list, or all that the first poll asks for.
    private var whole: String {
        switch stream.pages.scheme {
        case .single: return "1 request"
        case .range:
            return stream.cursor?.initial == nil
                ? "2 requests" : "1 request, and one for each step of the range"
        case .link, .nextURL, .token, .merged: return "one request for each page"
        case .number, .offset, .keyset:
            guard let size = stream.pages.size else {
                return isLastTold
                    ? "one request for each page"
                    : "one request for each page, and one for the empty page behind them"
            }
            return isLastTold
                ? "one request for each \(size) records"
                : "one request for each \(size) records, and one for the empty page behind them"
        }
    }

    /// Whether the last page of those that are counted tells that it is the last.
    private var isLastTold: Bool {
        stream.pages.stops.contains(.short) || stream.pages.more != nil
    }

    /// What each poll reads again of a stream with a cursor; nil for nothing.
    private var overlap: String? {
        guard let cursor = stream.cursor, cursor.overlap > 0 else { return nil }
        return Words.of(cursor, overlap: cursor.overlap)
    }

    private var quiet: String {
        switch stream.pages.scheme {
        case .single, .link, .nextURL, .token, .merged: return "1 request"
        case .range: return "1 request, and one for each number of the overlap"
        case .number, .offset, .keyset:
            return isLastTold
                ? "1 request" : "1 or 2 requests (the second is the empty page)"
        }
    }

    private var others: [String] {
        var sentences: [String] = []
        if stream.changes.deletions != nil {
            sentences.append(
                "Each poll: 1 more for the list of deletes, or one for each of its pages.")
        }
        if let reconcile = stream.changes.reconcile {
            sentences.append("The whole list \(reconcile.words): its pages come on top.")
        }
        if case .get? = stream.belief.confirmation {
            sentences.append("Each missing record: 1 more, at most 100 in a poll.")
        }
        if let detail = stream.detail {
            sentences.append(
                "Details: 1 for each record at first, then 1 for each new or changed one.")
            if let refresh = detail.refresh {
                sentences.append("Each record once more every \(Words.of(refresh)).")
            }
        }
        return sentences
    }

    private var below: [String] {
        guard let parent = stream.parent else { return [] }
        let each = stream.pages.scheme == .single ? "1 request" : "at least 1 request"
        var sentences = ["First poll: \(each) for each record of `\(parent.stream)`."]
        switch parent.visits {
        case .all: sentences.append("Nothing changed, or one changed: the same again.")
        case .changed:
            sentences.append("Nothing changed: none. One parent changed: \(each).")
            if let every = parent.every {
                sentences.append("Each parent once more every \(Words.of(every)).")
            }
        }
        return sentences + others
    }

    // MARK: What is never seen

    var blind: [String] {
        var sentences: [String] = []
        let hasDeletes =
            stream.seesMissing || stream.changes.tombstone != nil
            || stream.changes.deletions != nil
        if !hasDeletes { sentences.append("Deletes.") }
        if let from = stream.cursor?.from, stream.detect == .incremental {
            let older = overlap.map { ", of records more than \($0) behind the newest" } ?? ""
            let until = stream.changes.reconcile == nil ? "" : ", until the whole list is read"
            sentences.append("Changes that do not move \(Words.of(from))\(older)\(until).")
            if let initial = stream.cursor?.initial, initial.literalText != "0" {
                sentences.append("What did not change since the `initial` value of the cursor.")
            }
        }
        if stream.detect == .feed, !stream.changes.feedUpdates {
            sentences.append("Edits of items that came before.")
        }
        if stream.detect == .feed {
            sentences.append("Items that come and drop out between two polls.")
        }
        if stream.pages.stops.contains(.known) {
            sentences.append("Changes behind the first page of known records.")
        }
        if case .ignoring(let paths) = stream.mask {
            sentences.append("Changes of \(Words.of(paths)) alone.")
        }
        if case .only(let paths) = stream.mask {
            sentences.append("Changes of anything but \(Words.of(paths)).")
        }
        if let detail = stream.detail {
            let until = detail.refresh.map { ", for up to \(Words.of($0))" } ?? ""
            let what = detail.watch.isEmpty ? "the list" : Words.of(detail.watch)
            sentences.append("Changes that \(what) does not show\(until).")
        }
        if let parent = stream.parent, parent.visits == .changed {
            let until = parent.every.map { ", for up to \(Words.of($0))" } ?? ""
            sentences.append("Changes below a parent that has not changed itself\(until).")
        }
        return sentences
    }

    // MARK: How late an event may come

    var late: [String] {
        var sentences = [
            "An event comes at most one interval of its source (`every`) and one poll after the "
                + "change."
        ]
        if let reconcile = stream.changes.reconcile {
            let what =
                stream.changes.tombstone == nil && stream.changes.deletions == nil
                ? "Deletes, and changes that the cursor does not see,"
                : "What the cursor does not see"
            sentences.append("\(what) wait for the whole list, which is read \(reconcile.words).")
        }
        if case .scans(let count)? = stream.belief.confirmation {
            sentences.append("A delete comes after \(count) polls.")
        }
        if let detail = stream.detail, let refresh = detail.refresh {
            sentences.append(
                "What the list does not show comes up to \(Words.of(refresh)) later.")
        }
        if let parent = stream.parent {
            if let every = parent.every, parent.visits == .changed {
                sentences.append(
                    "What a parent does not show comes up to \(Words.of(every)) later.")
            }
            sentences.append("A new parent is asked for in the poll that finds it.")
        }
        if let settle = stream.cursor?.settle, settle > .zero {
            sentences.append(
                "A record that shows up to \(Words.of(settle)) after its stamp is still found.")
        }
        if !spec.limits.respected.isEmpty {
            sentences.append("An API that asks for more time between polls gets it.")
        }
        return sentences
    }
}
