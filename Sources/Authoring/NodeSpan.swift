import PullcordModel
import PullcordYAML

/// The lines of a file, to find where values end and to put others in their place.
struct FileLines {
    private(set) var lines: [[Unicode.Scalar]]

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { Array($0.unicodeScalars) }
    }

    var text: String {
        lines.map { line in
            var text = String.UnicodeScalarView()
            text.append(contentsOf: line)
            return String(text)
        }.joined(separator: "\n")
    }

    /// A place in the file, counted from 0.
    struct Spot: Comparable {
        var line: Int
        var column: Int

        static func < (left: Self, right: Self) -> Bool {
            (left.line, left.column) < (right.line, right.column)
        }
    }

    static func spot(_ place: Place) -> Spot {
        Spot(line: place.line - 1, column: place.column - 1)
    }

    func scalar(at spot: Spot) -> Unicode.Scalar? {
        guard lines.indices.contains(spot.line), lines[spot.line].indices.contains(spot.column)
        else { return nil }
        return lines[spot.line][spot.column]
    }

    /// The text between two spots.
    func text(_ start: Spot, _ end: Spot) -> String {
        var result = String.UnicodeScalarView()
        for line in start.line...max(start.line, end.line) where lines.indices.contains(line) {
            let from = line == start.line ? start.column : 0
            let to = line == end.line ? end.column : lines[line].count
            if from < to {
                result.append(contentsOf: lines[line][from..<min(to, lines[line].count)])
            }
            if line < end.line { result.append("\n") }
        }
        return String(result)
    }

    mutating func replace(_ start: Spot, _ end: Spot, with text: String) {
        let head = Array(lines[start.line].prefix(start.column))
        let tail = Array(lines[end.line].dropFirst(end.column))
        var made = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { Array($0.unicodeScalars) }
        made[0] = head + made[0]
        made[made.count - 1] += tail
        lines.replaceSubrange(start.line...end.line, with: made)
    }

    /// Where a value ends that begins at `start`; nil if that cannot be told.
    ///
    /// `isFlow` says that it stands within brackets.
    func end(of node: YAMLNode, from start: Spot, isFlow: Bool) -> Spot? {
        guard let first = scalar(at: start) else { return nil }
        switch first {
        case "[", "{": return bracketEnd(from: start)
        case "\"", "'": return quoteEnd(from: start)
        case "|", ">": return node.scalar == nil ? nil : blockEnd(from: start, column: 0)
        case "&", "*", "!": return nil
        default: break
        }
        if node.scalar == nil {
            return blockEnd(from: start, column: start.column, isList: node.sequence != nil)
        }
        return plainEnd(from: start, isFlow: isFlow)
    }

    /// Behind the bracket that closes the one at `start`.
    private func bracketEnd(from start: Spot) -> Spot? {
        var depth = 0
        var spot = start
        while spot.line < lines.count {
            guard let scalar = scalar(at: spot) else {
                spot = Spot(line: spot.line + 1, column: 0)
                continue
            }
            switch scalar {
            case "[", "{": depth += 1
            case "]", "}":
                depth -= 1
                if depth == 0 { return Spot(line: spot.line, column: spot.column + 1) }
            case "\"", "'":
                // Within a plain text a quote is a character like any other.
                if isTokenStart(spot) {
                    guard let end = quoteEnd(from: spot) else { return nil }
                    spot = end
                    continue
                }
            case "#":
                if spot.column == 0 || lines[spot.line][spot.column - 1] == " " {
                    spot = Spot(line: spot.line + 1, column: 0)
                    continue
                }
            default: break
            }
            spot.column += 1
        }
        return nil
    }

    private func isTokenStart(_ spot: Spot) -> Bool {
        let before = lines[spot.line].prefix(spot.column).last { $0 != " " }
        return before.map { ["[", "{", ",", ":"].contains($0) } ?? true
    }

    private func quoteEnd(from start: Spot) -> Spot? {
        guard let quote = scalar(at: start) else { return nil }
        var spot = Spot(line: start.line, column: start.column + 1)
        while spot.line < lines.count {
            guard let scalar = scalar(at: spot) else {
                spot = Spot(line: spot.line + 1, column: 0)
                continue
            }
            if quote == "\"", scalar == "\\" {
                spot.column += 2
                continue
            }
            if scalar == quote {
                let next = Spot(line: spot.line, column: spot.column + 1)
                guard quote == "'", self.scalar(at: next) == "'" else { return next }
                spot.column += 1
            }
            spot.column += 1
        }
        return nil
    }

    /// The end of the last line that belongs to a block which begins at `start`.
    private func blockEnd(from start: Spot, column: Int, isList: Bool = false) -> Spot {
        let floor =
            column > 0 ? column : (lines[start.line].firstIndex { $0 != " " } ?? 0) + 1
        var last = start.line
        for number in lines.indices.dropFirst(start.line + 1) {
            let line = lines[number]
            guard let indent = line.firstIndex(where: { $0 != " " }) else { continue }
            let isItem = isList && indent == floor && line[indent] == "-"
            let isMember = !isList && column > 0 && indent == floor
            let isComment = line[indent] == "#"
            guard
                isItem || isMember || indent > floor || column == 0 && indent >= floor || isComment
            else { break }
            // A comment belongs to what comes after it, unless more of the block does.
            if !isComment { last = number }
        }
        return Spot(line: last, column: lines[last].count)
    }

    private func plainEnd(from start: Spot, isFlow: Bool) -> Spot {
        let line = lines[start.line]
        var end = start.column
        for column in start.column..<line.count {
            if isFlow, [",", "]", "}"].contains(line[column]) { break }
            if line[column] == "#", column > 0, line[column - 1] == " " { break }
            if line[column] != " " { end = column + 1 }
        }
        return Spot(line: start.line, column: end)
    }
}
