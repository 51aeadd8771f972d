import PullcordModel
import Testing

@Suite struct RecordKeyTests {
    @Test func `keys that look alike and differ in bytes are two`() {
        let (composed, decomposed) = (RecordKey("\u{E9}"), RecordKey("e\u{301}"))
        // To a String they are one.
        #expect(composed.text == decomposed.text)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, RecordKey("\u{E9}")]).count == 2)
    }

    @Test(arguments: [
        ("", "a"), ("a", "b"), ("a", "aa"), ("B", "a"), ("10", "9"), ("z", "é"),
        ("e\u{301}", "\u{E9}"),
        ("\u{FFFF}", "\u{10000}"),
    ])
    func `keys are ordered by their bytes, as SQLite orders them`(less: String, more: String) {
        #expect(RecordKey(less) < RecordKey(more))
        #expect(!(RecordKey(more) < RecordKey(less)))
    }
}

@Suite struct IdentityHasherTests {
    private static func hash(_ texts: [String]) -> Fingerprint {
        var hasher = IdentityHasher()
        for text in texts { hasher.add(text) }
        return hasher.finish()
    }

    @Test func `different lists of texts have different hashes`() {
        let lists: [[String]] = [
            [], [""], ["", ""], ["a"], ["a", ""], ["", "a"], ["ab"], ["a", "b"], ["b", "a"], ["ba"],
            ["a", "b", ""], ["A"], ["a\u{0}"], ["\u{0}a"], ["\u{E9}"], ["e\u{301}"],
            [String(repeating: "a", count: 256)], [String(repeating: "a", count: 257)],
        ]
        #expect(Set(lists.map(Self.hash)).count == lists.count)
    }

    @Test func `ten thousand like requests have different hashes, in each half of it`() {
        let hashes = (0..<10_000).map { Self.hash(["GET", "https://api.example.com/?page=\($0)"]) }
        #expect(Set(hashes.map(\.high)).count == hashes.count)
        #expect(Set(hashes.map(\.low)).count == hashes.count)
    }

    /// It is stored: a hash that changes makes every stream start anew.
    @Test func `the hash stays what it was`() {
        #expect(Self.hash([]).description == "cbf29ce4842223256c62272e07bb0142")
        #expect(Self.hash(["GET", "/orders"]).description == "c0b87d35f203c207fa256fd0d408c88b")
    }
}
