import Foundation
import PullcordModel

/// Rows under a heading, in columns as wide as their widest cell.
struct Table {
    private let headings: [String]
    private var rows: [[String]] = []

    init(_ headings: String...) { self.headings = headings }

    init(headings: [String]) { self.headings = headings }

    mutating func add(_ cells: String...) { add(row: cells) }

    /// Keys and names come from strangers, and could drive a terminal.
    mutating func add(row: [String]) { rows.append(row.map(StrangerText.line)) }

    /// The lines; cut to `width` columns where a terminal could not show more.
    func lines(width: Int?, palette: Palette) -> [String] {
        var widths = headings.map(\.count)
        for row in rows {
            for (index, cell) in row.enumerated() where index < widths.count {
                widths[index] = max(widths[index], cell.count)
            }
        }
        let line = { (cells: [String]) in
            var text = ""
            for (index, cell) in cells.enumerated() {
                let isLast = index == cells.count - 1
                let gap = isLast ? 0 : widths[index] - cell.count + 2
                text += cell + String(repeating: " ", count: gap)
            }
            guard let width, text.count > width else { return text }
            return text.prefix(max(width - 1, 1)) + "…"
        }
        if let width { Self.shrink(&widths, to: width - 2 * (widths.count - 1)) }
        let rows = rows.map { row in
            zip(row, widths).map { cell, width in
                cell.count > width ? cell.prefix(max(width - 1, 1)) + "…" : cell
            }
        }
        return [palette.bold(line(headings))] + rows.map(line)
    }

    /// Columns that are cut keep so many characters.
    private static let widthMin = 12

    /// Takes from the widest columns what is too much.
    private static func shrink(_ widths: inout [Int], to room: Int) {
        while widths.reduce(0, +) > room,
            let widest = widths.indices.max(by: { widths[$0] < widths[$1] }),
            widths[widest] > widthMin
        {
            widths[widest] -= 1
        }
    }
}

/// Times and counts as people read them.
enum Shown {
    /// `14:03:09` today, with the date on any other day; all in UTC.
    static func time(_ time: Timestamp?, now: Timestamp) -> String {
        guard let time else { return "–" }
        let text = time.description
        let clock = text.dropFirst(11).prefix(8)
        return text.prefix(10) == now.description.prefix(10)
            ? String(clock) : "\(text.prefix(10)) \(clock)"
    }

    /// `in 42s`, `3m ago`, `now`.
    static func relative(_ time: Timestamp?, now: Timestamp) -> String {
        guard let time else { return "–" }
        let distance = time - now
        if distance.wholeMilliseconds.magnitude < 1000 { return "now" }
        return distance > .zero ? "in \(span(distance))" : "\(span(.zero - distance)) ago"
    }

    /// `512 B`, `3.4 MB`, in powers of 1,000.
    static func bytes(_ count: Int) -> String {
        var value = Double(count)
        for unit in ["B", "kB", "MB", "GB"] {
            if value < 1000 || unit == "GB" {
                let digits = unit == "B" || value >= 100 ? 0 : 1
                return
                    "\(value.formatted(.number.precision(.fractionLength(digits)).grouping(.never))) \(unit)"
            }
            value /= 1000
        }
        return "\(count) B"
    }

    static func span(_ duration: Duration) -> String {
        let milliseconds = duration.wholeMilliseconds
        switch milliseconds {
        case ..<1000: return "\(milliseconds)ms"
        case ..<120_000: return "\(milliseconds / 1000)s"
        case ..<7_200_000: return "\(milliseconds / 60_000)m"
        case ..<172_800_000: return "\(milliseconds / 3_600_000)h"
        default: return "\(milliseconds / 86_400_000)d"
        }
    }
}
