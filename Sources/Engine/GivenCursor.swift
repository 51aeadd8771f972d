import PullcordAdapter
package import PullcordModel
import PullcordPoll

extension LiveStream {
    /// What a person means by a cursor: a value as the API writes it, or a time.
    func cursorValue(_ text: String) throws(Problem) -> CursorValue {
        guard let format = poll.stream.cursor?.format else {
            throw Problem(
                code: "no_cursor", message: "`\(address)` has no cursor: it is read whole",
                hint: "pullcord reset reads it again")
        }
        if let value = CursorValue(text, format: format) { return value }
        if format.isTime, let time = Timestamp(rfc3339: text) {
            return CursorValue(format: format, position: time.milliseconds)
        }
        throw Problem(
            code: "cursor_invalid", message: "`\(text)` is no value of the cursor",
            hint: format.isTime
                ? "write a time as 2026-01-31T09:30:00Z, or as the API does" : "write a number")
    }

    /// A text as the store would hold it for the stream's first cursor.
    package func storedCursor(_ text: String) throws(Problem) -> String {
        let mark: CursorMark
        switch poll.stream.cursor?.kind {
        case .value?, nil: mark = .value(try cursorValue(text))
        case .token?: mark = .token(text)
        case .url?: mark = .url(text)
        }
        let layout = poll.cursorLayout
        var marks = CursorMarks(layout.map { _ in nil })
        if !marks.marks.isEmpty { marks.marks[0] = mark }
        return marks.stored(layout) ?? mark.stored
    }
}
