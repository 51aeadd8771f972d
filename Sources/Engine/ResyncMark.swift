import PullcordModel

/// What stands in the place of a cursor while everything is read anew.
///
/// A poll that finds it goes on with that, whatever became of the one before.
struct ResyncMark: Equatable {
    /// How far the reading has come, where records come in order; nil at its start.
    let cursor: CursorValue?

    init(cursor: CursorValue?) { self.cursor = cursor }

    /// Reads what ``stored`` wrote; nil if the text is something else.
    init?(_ text: String, format: CursorFormat?) {
        guard text.hasPrefix(Self.word) else { return nil }
        let rest = text.dropFirst(Self.word.count)
        guard !rest.isEmpty else {
            self.init(cursor: nil)
            return
        }
        guard rest.first == " ", let format,
            let cursor = CursorValue(stored: String(rest.dropFirst()), format: format)
        else {
            return nil
        }
        self.init(cursor: cursor)
    }

    var stored: String { cursor.map { "\(Self.word) \($0.stored)" } ?? Self.word }

    private static let word = "resync"
}
