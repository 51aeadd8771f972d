import PullcordModel
import Testing

@Suite struct CursorMarkTests {
    private static let time = CursorMark.value(
        CursorValue(format: .rfc3339, position: 1_767_225_600_123))

    @Test(arguments: [
        (CursorMark.token("a b\nc=,ü"), CursorMark.Kind.token), (.token(""), .token),
        (.url("https://x.example/a?b=c#d"), .url), (time, .value(.rfc3339)),
    ])
    func `a mark is read back as it was stored`(mark: CursorMark, kind: CursorMark.Kind) {
        #expect(CursorMark(stored: mark.stored, kind: kind) == mark)
        let alone: CursorMarks.Layout = [("", kind)]
        let marks = CursorMarks([mark])
        #expect(CursorMarks(stored: marks.stored(alone), alone) == marks)
        let named: CursorMarks.Layout = [("a", .value(.integer)), ("b-c", kind)]
        let two = CursorMarks([nil, mark])
        #expect(CursorMarks(stored: two.stored(named), named) == two)
    }

    @Test(arguments: [
        ("token x", CursorMark.Kind.url), ("url x", .token), ("rfc3339 5", .token),
        ("token 5", .value(.integer)), ("resync", .token), ("", .url),
    ])
    func `a mark of another kind is none`(stored: String, kind: CursorMark.Kind) {
        #expect(CursorMark(stored: stored, kind: kind) == nil)
    }

    @Test(arguments: [nil, "", "rfc3339 5", "token x", "named", "named a=?", "named a", "named =="])
    func `what is stored of other cursors is left out`(stored: String?) {
        let named: CursorMarks.Layout = [("a", .token), ("b", .url)]
        #expect(CursorMarks(stored: stored, named).marks == [nil, nil])
    }

    @Test func `a cursor that got a name or lost it begins anew, others stay`() {
        let stored = CursorMarks([.token("1"), .token("2")])
            .stored([("a", .token), ("b", .token)])
        #expect(CursorMarks(stored: stored, [("", .token)]).marks == [nil])
        #expect(
            CursorMarks(stored: stored, [("b", .token), ("c", .token)]).marks == [.token("2"), nil])
    }

    @Test(arguments: [
        ("token secret", "a token of 6 bytes"), ("rfc3339 0", "1970-01-01T00:00:00Z"),
        ("url https://x.example/a?token=secret", "https://x.example/a"),
    ])
    func `what may be a password is not shown`(stored: String, shown: String) {
        #expect(CursorMarks.shown(stored: stored) == shown)
    }

    @Test func `nothing known is nothing stored`() {
        #expect(CursorMarks([nil]).stored([("", .token)]) == nil)
        #expect(CursorMarks([nil, nil]).stored([("a", .token), ("b", .url)]) == nil)
    }
}
