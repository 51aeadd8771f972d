import PullcordEngine
import PullcordModel
import Testing

/// When records count as looking otherwise, and when they do not.
@Suite struct RecordShapeTests {
    private static let rules = Fingerprint(high: 1, low: 2)

    private static func shape(_ count: Int, _ record: (Int) -> String) -> RecordShape {
        var shape = RecordShape()
        for number in 0..<count { shape.learn(Array(record(number).utf8)) }
        return shape
    }

    private static func told(_ before: RecordShape, _ after: RecordShape) -> [String] {
        // As it is after a restart, too.
        let stored = RecordShape(stored: before.stored(rules), rules: rules)
        #expect(stored?.changes(to: after) == before.changes(to: after))
        return before.changes(to: after).map { "\($0.kind.rawValue) \($0.path)" }
    }

    @Test(
        arguments: [
            (#"{"a":1}"#, #"{"a":2}"#, []), (#"{"a":1}"#, #"{"a":1.5e3}"#, []),
            (#"{"a":1}"#, #"{"a":"1"}"#, ["type /a"]), (#"{"a":1}"#, #"{"a":null}"#, []),
            (#"{"a":null}"#, #"{"a":1}"#, []), (#"{"a":1,"b":2}"#, #"{"a":1}"#, ["removed /b"]),
            (#"{"a":1}"#, #"{"a":1,"b":2}"#, ["added /b"]),
            (#"{"a":{"b":1,"c":2}}"#, #"{"x":1}"#, ["removed /a", "added /x"]),
            (#"{"a":{"b":1,"c":2}}"#, #"{"a":{"b":1}}"#, ["removed /a/c"]),
            (#"{"a":{"b":1}}"#, #"{"a":[1]}"#, ["type /a"]),
            (#"{"a":[{"b":1}]}"#, #"{"a":[{"b":"1"}]}"#, ["type /a/*/b"]),
            (#"{"a/b":1}"#, #"{"a/b":true}"#, ["type /a~1b"]), (#"[1]"#, #"{"a":1}"#, []),
        ] as [(String, String, [String])])
    func `what differs in all records is told`(before: String, after: String, told: [String]) {
        let found = Self.told(Self.shape(20) { _ in before }, Self.shape(20) { _ in after })
        #expect(Set(found) == Set(told))
    }

    @Test func `too few records say nothing`() {
        let many = Self.shape(20) { _ in #"{"a":1}"# }
        #expect(Self.told(many, Self.shape(19) { _ in #"{"b":1}"# }) == [])
        #expect(Self.told(Self.shape(19) { _ in #"{"a":1}"# }, many) == [])
    }

    @Test func `members that some records have may come and go`() {
        let some = Self.shape(40) { $0.isMultiple(of: 2) ? #"{"a":1,"b":2}"# : #"{"a":1}"# }
        let none = Self.shape(40) { _ in #"{"a":1}"# }
        #expect(Self.told(some, none) == [])
        #expect(Self.told(none, some) == [])
        let mixed = Self.shape(40) { $0.isMultiple(of: 2) ? #"{"a":1}"# : #"{"a":"1"}"# }
        #expect(Self.told(mixed, none) == [])
        #expect(Self.told(none, mixed) == [])
    }

    @Test func `keys that are data are no members of all records`() {
        let before = Self.shape(40) { #"{"id":\#($0),"mails":{"u\#($0)@example.com":1}}"# }
        let after = Self.shape(40) { #"{"id":\#($0),"mails":{"u\#($0 + 99)@example.com":1}}"# }
        #expect(Self.told(before, after) == [])
    }

    @Test func `what was told is not told again, and a way back is`() {
        var known = Self.shape(30) { _ in #"{"a":1,"b":{"c":1}}"# }
        let now = Self.shape(20) { _ in #"{"a":"x","d":[1]}"# }
        let changes = known.changes(to: now)
        #expect(changes.map(\.path) == ["/a", "/b", "/d"])
        #expect(
            ShapeChange.words(changes)
                == "/a was number and is string, /b is gone, /d is new")
        known.take(now, told: changes)
        #expect(known.changes(to: now) == [])
        #expect(
            known.changes(to: Self.shape(20) { _ in #"{"a":1,"b":{"c":1}}"# })
                .map(\.path) == ["/a", "/d", "/b"])
    }

    @Test func `a shape that is known well is always the same text`() {
        var known = Self.shape(50) { _ in #"{"a":1}"# }
        let text = known.stored(Self.rules)
        known.take(Self.shape(20) { _ in #"{"a":2}"# }, told: [])
        #expect(known.stored(Self.rules) == text)
        #expect(RecordShape(stored: text, rules: Fingerprint(high: 1, low: 3)) == nil)
        #expect(RecordShape(stored: "", rules: Self.rules) == nil)
    }

    @Test func `it stays within its bounds, and tells nothing new beyond them`() {
        let wide = Self.shape(20) { _ in
            "{" + (0..<400).map { #""\#($0)":1"# }.joined(separator: ",") + "}"
        }
        #expect(wide.stored(Self.rules).utf8.count < 17 << 10)
        #expect(
            Self.told(wide, Self.shape(20) { _ in #"{"0":1,"x":1}"# }).allSatisfy {
                !$0.hasPrefix("added")
            })
        let large = Self.shape(20) { _ in #"{"a":"\#(String(repeating: "x", count: 70_000))"}"# }
        #expect(!large.isKnown)
    }
}
