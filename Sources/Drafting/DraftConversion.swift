/// What another tool's file became.
package struct DraftConversion: Sendable {
    package var draft: AdapterDraft
    package var leftovers: [Leftover]
    /// How many streams the file has.
    package var streamsFound: Int
}
