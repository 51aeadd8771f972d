import PullcordModel

/// Stored cursors as a test says them: where the next poll starts.
enum CursorTexts {
    /// One for the stream, or one for each of its named cursors, as `stream.name`.
    static func named(_ stored: String?, stream: String) -> [(stream: String, text: String)] {
        guard let stored, !stored.isEmpty else { return [] }
        return CursorMarks.told(stored: stored).map { name, text in
            (name.isEmpty ? stream : "\(stream).\(name)", text)
        }
    }
}
