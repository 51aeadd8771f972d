import PullcordCommit
import PullcordDetect
import PullcordJQ
import PullcordJSON
import PullcordModel
import Testing

/// A plan of expressions given as text.
func plan(
    records: String = ".", when: String? = nil, key: [String] = [".id"],
    cursor: (String, CursorFormat)? = nil, mask: ScanPlan.Mask = .all, page: [String] = [],
    last: [String] = [], transform: String? = nil, tombstone: String? = nil,
    normal: [Normalization] = []
) throws -> DetectPlan {
    DetectPlan(
        records: try Expression(parsing: records, as: .records),
        when: try when.map { try Expression(parsing: $0) },
        key: try key.map { try Expression(parsing: $0) },
        cursor: try cursor.map { .init(try Expression(parsing: $0.0), format: $0.1) }, mask: mask,
        normal: normal, transform: try transform.map { try Expression(parsing: $0) },
        tombstone: try tombstone.map { try Expression(parsing: $0) },
        pageFields: try page.map { try Expression(parsing: $0) },
        lastFields: try last.map { try Expression(parsing: $0) })
}

func read(_ text: String, _ plan: DetectPlan) throws -> Page {
    try PageReader(plan).read(body: Array(text.utf8))
}

func keys(_ page: Page) -> [String] { (0..<page.count).map { page.keys.key($0).text } }

func records(_ page: Page) -> [String] {
    (0..<page.count).map { String(decoding: page.record($0), as: UTF8.self) }
}

@Suite struct PageReaderTests {
    @Test func `a page becomes keys, fingerprints and ranges`() throws {
        let page = try read(
            #"{"items":[{"id":"a","v":1},{"id":2.0,"v":[]}],"next":{"t":"x"},"n":null}"#,
            plan(
                records: ".items", page: [".next.t", ".next", ".n", ".q"],
                last: [".id", ".v", ".q"]))
        #expect(keys(page) == ["a", "2"])
        #expect(records(page) == [#"{"id":"a","v":1}"#, #"{"id":2.0,"v":[]}"#])
        #expect(page.fingerprint(0) != page.fingerprint(1))
        #expect(page.pageTexts == ["x", #"{"t":"x"}"#, nil, nil])
        #expect(page.lastTexts == ["2", "[]", nil])
        #expect(page.total == 2)
        #expect(page.cursors == nil)
    }

    @Test(arguments: [
        ".items", ".items[]", ".items // []", ".items | .", ".items[] | select(true)",
    ])
    func `a page without records is a page`(_ text: String) throws {
        let page = try read(
            #"{"items":[],"n":7}"#, plan(records: text, page: [".n"], last: [".id"]))
        #expect(page.count == 0)
        #expect(page.total == 0)
        #expect(page.pageTexts == ["7"])
        #expect(page.lastTexts == [nil])
    }

    @Test func `records may be strings and numbers`() throws {
        let page = try read(#"["x","y",3]"#, plan(key: ["."]))
        #expect(keys(page) == ["x", "y", "3"])
        #expect(records(page) == ["\"x\"", "\"y\"", "3"])
    }

    @Test func `a key of several parts cannot be forged`() throws {
        let text = #"[{"a":"x\",\"y","b":1},{"a":"x","b":"y\",\"1"},{"a":"x","b":1.0}]"#
        let page = try read(text, plan(key: [".a", ".b"]))
        #expect(keys(page) == [#"["x\",\"y","1"]"#, #"["x","y\",\"1"]"#, #"["x","1"]"#])
    }

    @Test(arguments: [
        (#"[{"id":1},{}]"#, "nothing"), (#"[{"id":1},{"id":null}]"#, "null"),
        (#"[{"id":1},{"id":{}}]"#, "object"), (#"[{"id":1},{"id":[1]}]"#, "array"),
        (#"[{"id":1},{"id":""}]"#, "empty"), (#"[{"id":1},5]"#, "nothing"),
    ])
    func `a record without a key refuses the page`(_ text: String, _ what: String) throws {
        for key in [[".id"], [".id", ".id"], [".id | ."]] {
            guard !(key == [".id | ."] && text.contains(",5")) else { continue }
            let error = #expect(throws: DetectError.self) { try read(text, plan(key: key)) }
            #expect(error?.code == .keyMissing)
            #expect(error?.place == "record 2 (byte 10)")
            // For jq what is missing is null.
            let isNull = key == [".id | ."] && what == "nothing"
            #expect(error?.message.contains(isNull ? "null" : what) == true)
        }
    }

    @Test func `a key is bounded`() throws {
        func page(_ count: Int) throws -> Page {
            try read(#"[{"id":"\#(String(repeating: "k", count: count))"}]"#, plan())
        }
        #expect(try page(Limits.keyBytesMax).count == 1)
        let error = #expect(throws: DetectError.self) { try page(Limits.keyBytesMax + 1) }
        #expect(error?.code == .keyTooLong)
    }

    @Test(arguments: [
        (#"{"items":null}"#, "records_missing"), (#"{"items":["#, "json_truncated"),
        ("", "json_empty"), ("<html>", "json_unexpected"), (#"{"error":"x"}"#, "records_missing"),
        (#"{"items":{"id":{}}}"#, "key_missing"),
    ])
    func `a wrong page is refused by name`(_ text: String, _ code: String) throws {
        let error = #expect(throws: DetectError.self) { try read(text, plan(records: ".items")) }
        #expect(error?.code.name == code)
        #expect(error?.problem.code == code)
    }

    @Test(arguments: [
        (".items[] | .x.y", #"{"items":[{"x":1}]}"#, "jq_error"),
        (".items | .", #"{"items":null}"#, "records_missing"),
        (".items | .", "{", "json_truncated"), (".ok | not", #"{"ok":1}"#, "records_missing"),
    ])
    func `a records program that fails refuses the page`(
        _ records: String, _ text: String, _ code: String
    ) throws {
        let error = #expect(throws: DetectError.self) { try read(text, plan(records: records)) }
        #expect(error?.code.name == code)
    }

    @Test func `records chosen by jq keep their bytes`() throws {
        let text = #"{"r":[{"id":12345678901234567890, "p":1.10},{"id":2,"p":[ ]},{"id":3}]}"#
        let page = try read(text, plan(records: ".r[] | select(.p)", key: [".id"]))
        #expect(keys(page) == ["12345678901234567890", "2"])
        #expect(records(page) == [#"{"id":12345678901234567890, "p":1.10}"#, #"{"id":2,"p":[ ]}"#])
        let made = try read(text, plan(records: "[.r[] | {k: .id}]", key: [".k"]))
        #expect(records(made) == [#"{"k":12345678901234567890}"#, #"{"k":2}"#, #"{"k":3}"#])
    }

    @Test(arguments: [".live", ".live == true", "select(.live)"])
    func `a condition leaves records out, but not out of the count`(_ when: String) throws {
        let text =
            #"[{"id":1,"live":true,"t":5},{"live":false,"t":9},{"id":3,"live":true,"t":6},{"t":null}]"#
        let page = try read(text, plan(when: when, cursor: (".t", .integer), last: [".live"]))
        #expect(keys(page) == ["1", "3"])
        #expect(records(page).last == #"{"id":3,"live":true,"t":6}"#)
        #expect(page.total == 4)
        #expect(page.cursors?.greatest.position == 9)
        #expect(page.lastTexts == [nil])
    }

    @Test func `of records with one key the newest stays`() throws {
        let text =
            #"[{"id":1,"t":5},{"id":2,"t":1},{"id":1,"t":4},{"id":2,"t":1,"x":1},{"id":3,"t":2},{"id":2,"t":0}]"#
        let page = try read(text, plan(cursor: (".t", .integer)))
        #expect(
            records(page) == [#"{"id":1,"t":5}"#, #"{"id":2,"t":1,"x":1}"#, #"{"id":3,"t":2}"#])
        #expect(keys(page) == ["1", "2", "3"])
        #expect(page.duplicates == 3)
        let plain = try read(text, plan())
        #expect(records(plain) == [#"{"id":1,"t":4}"#, #"{"id":3,"t":2}"#, #"{"id":2,"t":0}"#])
    }

    @Test func `the cursor's span and order are told`() throws {
        func span(_ values: [Int]) throws -> CursorSpan? {
            let items = values.enumerated().map { #"{"id":\#($0.offset),"t":\#($0.element)}"# }
            return try read("[\(items.joined(separator: ","))]", plan(cursor: (".t", .integer)))
                .cursors
        }
        let ties = try #require(try span([1, 1, 2]))
        #expect(ties.isAscending && !ties.isDescending)
        #expect(ties.least.position == 1 && ties.greatest.position == 2)
        let mixed = try #require(try span([3, 1, 2]))
        #expect(!mixed.isAscending && !mixed.isDescending && mixed.greatest.position == 3)
        #expect(try span([3, 2, 2])?.isDescending == true)
        #expect(try span([]) == nil)
    }

    @Test(arguments: [
        (#"[{"id":1}]"#, CursorFormat.integer, DetectError.Code.cursorMissing),
        (#"[{"id":1,"t":null}]"#, .integer, .cursorMissing),
        (#"[{"id":1,"t":{}}]"#, .integer, .cursorMissing),
        (#"[{"id":1,"t":"x"}]"#, .integer, .cursorFormat),
        (#"[{"id":1,"t":"2026-01-01"}]"#, .rfc3339, .cursorFormat),
        (#"[{"id":1,"t":1.5}]"#, .integer, .cursorFormat),
        (#"[{"id":1,"t":true}]"#, .epochSeconds, .cursorFormat),
        (#"[{"id":1,"t":"2026-01-01T00:00:00"}]"#, .rfc3339, .cursorFormat),
        (#"[{"id":1,"t":1e300}]"#, .epochMilliseconds, .cursorFormat),
    ])
    func `a cursor value that is missing or wrong refuses the page`(
        _ text: String, _ format: CursorFormat, _ code: DetectError.Code
    ) throws {
        for cursor in [".t", ".t | ."] {
            let error = #expect(throws: DetectError.self) {
                try read(text, plan(cursor: (cursor, format)))
            }
            #expect(error?.code == code)
            #expect(error?.place == "record 1 (byte 1)")
        }
    }

    @Test(arguments: [
        ("1769851800", CursorFormat.rfc3339, "format: epoch_seconds"),
        ("\"1769851800\"", .rfc3339, "format: epoch_seconds"),
        ("1769851800123", .rfc3339, "format: epoch_milliseconds"),
        ("1769851800123456", .rfc3339, "format: epoch_microseconds"),
        ("\"/Date(1769851800000)/\"", .rfc3339, "format: microsoft_date"),
        ("\"2026-01-31T09:30:00Z\"", .epochSeconds, "format: rfc3339"),
        ("\"2026-01-31T09:30:00\"", .rfc3339, "a zone is needed"),
        ("20260131", .rfc3339, "a zone is needed"), ("202601310930", .rfc3339, "a zone is needed"),
        ("true", .rfc3339, "a zone is needed"), ("\"x\"", .epochSeconds, "1769851800"),
    ])
    func `a cursor value of another format is told by its looks`(
        _ value: String, _ format: CursorFormat, _ hint: String
    ) throws {
        let error = #expect(throws: DetectError.self) {
            try read(#"[{"id":1,"t":\#(value)}]"#, plan(cursor: (".t", format)))
        }
        #expect(error?.code == .cursorFormat)
        #expect(error?.hint.contains(hint) == true, "\(error?.hint ?? "")")
    }

    @Test(arguments: [
        ("[7]", "key: ."), (#"["a"]"#, "key: ."), ("[-1]", "key: ."),
        (#"[{"n":1}]"#, "a string that is not empty"), ("[[1]]", "a string that is not empty"),
        (#"[{"id":""}]"#, "a string that is not empty"),
    ])
    func `bare values are told to be their own keys`(_ text: String, _ hint: String) throws {
        let error = #expect(throws: DetectError.self) { try read(text, plan()) }
        #expect(error?.code == .keyMissing)
        #expect(error?.hint.contains(hint) == true, "\(error?.hint ?? "")")
    }

    @Test(arguments: [
        ("1769851800", CursorFormat.epochSeconds, Int64(1_769_851_800_000)),
        ("1.7698518e9", .epochSeconds, 1_769_851_800_000),
        ("\"1769851800123\"", .epochMilliseconds, 1_769_851_800_123),
        ("\"2026-01-31T09:30:00Z\"", .rfc3339, 1_769_851_800_000), ("7.0", .integer, 7),
    ])
    func `cursor values are read in their format`(
        _ value: String, _ format: CursorFormat, _ position: Int64
    ) throws {
        let page = try read(#"[{"id":1,"t":\#(value)}]"#, plan(cursor: (".t", format)))
        #expect(page.cursors?.greatest == CursorValue(format: format, position: position))
    }

    @Test(arguments: [
        ("2024-02-29T23:59:59Z", CursorFormat.rfc3339), ("2023-02-29T00:00:00Z", .rfc3339),
        ("2026-01-31T09:30:00.125Z", .rfc3339), ("2026-01-31T09:30:00,125Z", .rfc3339),
        ("2026-13-01T00:00:00Z", .rfc3339), ("2026-00-01T00:00:00Z", .rfc3339),
        ("2026-01-01T24:00:00Z", .rfc3339), ("2026-01-01T23:60:00Z", .rfc3339),
        ("2016-12-31T23:59:60Z", .rfc3339), ("0000-01-01T00:00:00Z", .rfc3339),
        ("9999-12-31T23:59:59.999Z", .rfc3339), ("2026-01-31 09:30:00Z", .rfc3339),
        ("2026-01-31T09:30:00+02:00", .rfc3339), ("2026-01-31T09:30:00z", .rfc3339),
        ("2026-01-31T09:3a:00Z", .rfc3339), ("1969-12-31T23:59:59Z", .rfc3339),
        ("0", .epochSeconds), ("-1", .epochSeconds), ("1.9", .epochSeconds), ("+5", .integer),
        ("999999999999999", .epochSeconds), ("9999999999999999", .epochSeconds),
        ("99999999999999999", .epochSeconds), ("999999999999999999", .integer),
        ("9223372036854775807", .integer), ("9223372036854775808", .integer), ("007", .integer),
        ("x", .integer), ("1 ", .integer), ("0x1", .epochMilliseconds), ("-0", .integer),
    ])
    func `a cursor value means what the model says`(_ text: String, _ format: CursorFormat) throws {
        let page = #"[{"id":1,"t":\#(JSONText.quoted(text))}]"#
        let found = try? read(page, plan(cursor: (".t", format))).cursors?.greatest
        #expect(found == CursorValue(text, format: format))
    }

    @Test func `the slow way through jq finds what the fast one finds`() throws {
        var random = SplitMix(seed: 11)
        let fast = try plan(
            records: ".d.items", when: ".ok", key: [".id", ".o.k"], cursor: (".t", .integer),
            page: [".next", ".d.n"], last: [".t", ".o"])
        let slow = try plan(
            records: ".d.items | .", when: ".ok | .", key: [".id | .", ".o | .k"],
            cursor: (".t | .", .integer), page: [".next | .", ".d | .n"],
            last: [".t | .", ".o | ."])
        for _ in 0..<60 {
            let items = (0..<Int.random(in: 0..<8, using: &random)).map { _ in
                #"{"id":\#(Int.random(in: 0..<4, using: &random)).0,"o":{"k":"é\u0041\#(Int.random(in: 0..<2, using: &random))"},"#
                    + #""t":\#(Int.random(in: 0..<9, using: &random)),"ok":\#(Bool.random(using: &random)),"big":12345678901234567890}"#
            }
            let text =
                #"{"d":{"items":[\#(items.joined(separator: ", "))],"n":1e3},"next":"t\u00e9"}"#
            let (left, right) = (try read(text, fast), try read(text, slow))
            #expect(keys(left) == keys(right))
            #expect(records(left) == records(right))
            #expect((0..<left.count).allSatisfy { left.fingerprint($0) == right.fingerprint($0) })
            #expect(left.cursors == right.cursors && left.total == right.total)
            #expect(left.duplicates == right.duplicates)
            #expect(left.pageTexts == right.pageTexts && left.lastTexts == right.lastTexts)
        }
    }

    @Test func `masks reach the fingerprint`() throws {
        let mask = ScanPlan.Mask.ignoring([try #require(JSONPath(parsing: ".seen"))])
        let left = try read(#"[{"id":1,"seen":1}]"#, plan(mask: mask))
        let right = try read(#"[{"seen":2,"id":1}]"#, plan(mask: mask))
        #expect(left.fingerprint(0) == right.fingerprint(0))
    }
}

/// A generator of pseudo-random numbers that repeats itself for equal seeds.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
