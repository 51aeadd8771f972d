import PullcordJSON
import PullcordModel

/// How a text or number tells a time.
enum TimeNotation {
    /// What `cursor.format` says of a text; nil if it tells no time.
    static func text(_ text: String) -> String? {
        guard text.utf8.count >= 8, text.utf8.count <= 40 else { return nil }
        for format in [CursorFormat.rfc3339, .microsoftDate]
        where CursorValue(text, format: format) != nil {
            return format.name
        }
        return patterns.first { TimePattern($0).read(text) != nil }
    }

    /// What `cursor.format` says of a number since 1970, of the years 2001 to 2100.
    static func number(_ text: String) -> String? {
        let whole = text.prefix { $0 != "." }
        guard let number = Int64(whole), whole.count < text.count || whole.count == text.count
        else { return nil }
        let seconds: ClosedRange<Int64> = 978_307_200...4_102_444_800
        if seconds.contains(number) { return "epoch_seconds" }
        guard whole.count == text.count else { return nil }
        if seconds.contains(number / 1000) { return "epoch_milliseconds" }
        return seconds.contains(number / 1_000_000) ? "epoch_microseconds" : nil
    }

    static let patterns = [
        "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%L", "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d %H:%M:%S.%L", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d",
        "%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S %Z", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d",
        "%Y%m%dT%H%M%SZ", "%Y%m%dT%H%M%S", "%a, %d %b %Y %H:%M:%S %Z",
        "%a, %d %b %Y %H:%M:%S %z", "%a %b %d %H:%M:%S %z %Y", "%d.%m.%Y %H:%M:%S",
        "%d.%m.%Y %H:%M", "%d.%m.%Y", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y",
        "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y", "%b %d, %Y", "%d %b %Y",
    ]

    /// Whether times in this notation are meant in a zone that only the account knows.
    static func isZoneless(_ notation: String) -> Bool {
        notation.contains("%") && !notation.contains("%z") && !notation.contains("%Z")
            && !notation.hasSuffix("Z")
    }

    static func format(_ notation: String) -> CursorFormat {
        CursorFormat.named.first { $0.name == notation }
            ?? CursorFormat(.pattern(TimePattern(notation)))
    }
}

/// The field that grows when a record changes, and why.
struct ChangeGuess: Equatable {
    enum Order: Equatable {
        case ascending, descending, none
    }

    let path: [String]
    let notation: String
    let score: Int
    let order: Order
    let evidence: String
    let sureness: Sureness

    var expression: String { PathText.expression(path) }

    /// The candidates, the best first.
    static func all(in records: [JSONValue]) -> [ChangeGuess] {
        let table = FieldTable(records)
        return table.fields.compactMap { guess($0, count: table.count) }
            .sorted { $0.score > $1.score }
    }

    /// The number that grows from each record to the next, of several the one that is called most
    /// like a key; nil if there is none.
    static func counted(in records: [JSONValue], from start: Int64) -> ChangeGuess? {
        let table = FieldTable(records)
        guard table.count > 1 else { return nil }
        let fields = table.fields.filter { field in
            let numbers = field.values.compactMap { $0?.number.flatMap { Int64($0) } }
            return numbers.count == table.count && numbers.allSatisfy { $0 >= start }
                && zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
        }
        let best = fields.max { KeyGuess.score($0, subject: "") < KeyGuess.score($1, subject: "") }
        guard let best else { return nil }
        return ChangeGuess(
            path: best.path, notation: CursorFormat.integer.name, score: 50, order: .ascending,
            evidence:
                "a number that grows from record to record, as what the URL asks since is one",
            sureness: .likely)
    }

    private static func guess(_ field: FieldTable.Field, count: Int) -> ChangeGuess? {
        let score = nameScore(field.path)
        guard score > 0 else { return nil }
        let values = field.values.compactMap(\.self)
        guard !values.isEmpty, values.count * 10 >= count * 9 else { return nil }
        guard let notation = notation(of: values, score) else { return nil }
        let format = TimeNotation.format(notation)
        let positions = values.compactMap { value in
            value.scalarText.flatMap { CursorValue($0, format: format)?.position }
        }
        guard positions.count * 10 >= values.count * 9 else { return nil }
        let order = order(positions)
        var words = "called like a time of change, written as \(notation)"
        if score < 50 { words = "a time, though not called one of change; \(notation)" }
        switch order {
        case .ascending: words += "; the list is sorted by it, oldest first"
        case .descending: words += "; the list is sorted by it, newest first"
        case .none: break
        }
        return ChangeGuess(
            path: field.path, notation: notation, score: score + (order == .none ? 0 : 5),
            order: order, evidence: words,
            sureness: score >= 80 && values.count == count ? .likely : .unsure)
    }

    /// Whether a name is one of a time, and of a change: 0 for neither.
    static func nameScore(_ path: [String]) -> Int {
        guard let name = path.last else { return 0 }
        let words = Set(Names.words(name))
        let lower = name.lowercased()
        var score = 0
        if !words.isDisjoint(with: Vocabulary.changeWords)
            || ["updatedat", "lastupdate", "mtime", "modstamp", "systemmodstamp", "updatetime"]
                .contains(lower)
        {
            score = words.contains("by") ? 0 : 90
        } else if !words.isDisjoint(with: Vocabulary.creationWords) || lower == "ctime" {
            score = words.contains("created") ? 45 : 40
        }
        if words.contains("due") || words.contains("birth") || words.contains("expires") {
            score = 0
        }
        return score > 0 ? max(1, score - 10 * (path.count - 1)) : 0
    }

    private static func notation(of values: [JSONValue], _ score: Int) -> String? {
        var counts: [String: Int] = [:]
        for value in values.prefix(100) {
            let found: String?
            if let text = value.string {
                found = TimeNotation.text(text) ?? TimeNotation.number(text)
            } else {
                found = value.number.flatMap(TimeNotation.number)
            }
            if let found { counts[found, default: 0] += 1 }
        }
        // Days up to the 12th fit both orders of day and month: what fits all of them counts.
        let best = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
        guard let best else { return nil }
        let texts = values.prefix(100).compactMap(\.scalarText)
        let fitting = TimeNotation.patterns.first { pattern in
            texts.allSatisfy { TimePattern(pattern).read($0) != nil }
        }
        if best.key.contains("%"), let fitting { return fitting }
        return best.value * 10 >= min(values.count, 100) * 9 ? best.key : nil
    }

    private static func order(_ positions: [Int64]) -> Order {
        guard positions.count >= 3, Set(positions).count >= 3 else { return .none }
        let pairs = zip(positions, positions.dropFirst())
        if pairs.allSatisfy({ $0 <= $1 }) { return .ascending }
        return pairs.allSatisfy { $0 >= $1 } ? .descending : .none
    }
}
