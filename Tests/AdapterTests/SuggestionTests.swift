import PullcordAdapter
import Testing

@Suite struct SuggestionTests {
    private let keys = ["name", "adapter", "with", "every", "streams", "first", "max_delete"]

    @Test(arguments: [
        ("evry", "every"), ("Every", "every"), ("nmae", "name"), ("stream", "streams"),
        ("maxdelete", "max_delete"), ("firts", "first"), ("adaptor", "adapter"), ("wiht", "with"),
    ])
    func `a slip finds what was meant`(slip: String, meant: String) {
        #expect(Suggestion.nearest(to: slip, among: keys) == meant)
    }

    @Test(arguments: ["", "zzz", "request", "x", "completely_different"])
    func `what is far from everything finds nothing`(text: String) {
        #expect(Suggestion.nearest(to: text, among: keys) == nil)
    }

    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("", "abc", 3), ("kitten", "sitting", 3), ("ab", "ba", 1),
        ("abcd", "acbd", 1), ("ca", "abc", 3),
    ])
    func `the distance counts edits and swaps`(left: String, right: String, distance: Int) {
        #expect(
            Suggestion.distance(Array(left.unicodeScalars), Array(right.unicodeScalars)) == distance
        )
    }
}
