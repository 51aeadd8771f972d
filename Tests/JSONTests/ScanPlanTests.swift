import PullcordJSON
import PullcordModel
import Testing

@Suite struct ScanPlanTests {
    private func single(_ text: String) throws -> JSONPath { try #require(JSONPath(parsing: text)) }

    private func scan(
        _ text: String, records: String, fields: [String] = [], page: [String] = []
    ) throws -> PageScan {
        let plan = ScanPlan(
            records: try single(records), recordFields: try fields.map(single),
            pageFields: try page.map(single))
        return try plan.scan(Array(text.utf8))
    }

    private func texts(_ scan: PageScan, _ slot: Int) -> [String?] {
        (0..<scan.count).map { record in scan.field(slot, of: record).flatMap(scan.text) }
    }

    private func raw(_ scan: PageScan, _ record: Int) -> String {
        String(decoding: scan.bytes[scan.range(record)], as: UTF8.self)
    }

    @Test func `records and their fields are taken in one pass`() throws {
        let scan = try scan(
            #" {"total":2,"data":{"items":[ {"id":1,"a":{"b":"x"}} ,{"a":{"b":null},"id":"2"}]}}"#,
            records: ".data.items", fields: [".id", ".a.b", ".c", "."], page: [".total", ".next"])
        #expect(scan.count == 2)
        #expect(texts(scan, 0) == ["1", "2"])
        #expect(texts(scan, 1) == ["x", nil])
        #expect(scan.field(1, of: 1)?.kind == .null)
        #expect(scan.field(2, of: 0) == nil)
        #expect(scan.field(3, of: 1)?.range == scan.range(1))
        #expect(raw(scan, 0) == #"{"id":1,"a":{"b":"x"}}"#)
        #expect(scan.pageField(0).flatMap(scan.text) == "2")
        #expect(scan.pageField(1) == nil)
    }

    @Test func `records may be any value`() throws {
        let scan = try scan(#"["a",1,null,[2],{"id":3},true]"#, records: ".", fields: [".", ".id"])
        #expect(texts(scan, 0) == ["a", "1", nil, nil, nil, "true"])
        #expect(texts(scan, 1) == [nil, nil, nil, nil, "3", nil])
        #expect(
            (0..<scan.count).map { raw(scan, $0) } == [
                "\"a\"", "1", "null", "[2]", "{\"id\":3}", "true",
            ])
    }

    @Test func `an object is one record, or its values with brackets`() throws {
        let text = #"{"m":{"x":{"id":1},"y":{"id":2}},"id":9}"#
        let one = try scan(text, records: ".m", fields: [".x.id", ".id"])
        #expect(one.count == 1)
        #expect(texts(one, 0) == ["1"])
        let many = try scan(text, records: ".m[]", fields: [".id"])
        #expect(texts(many, 0) == ["1", "2"])
        #expect(try scan(text, records: ".", fields: [".id"]).count == 1)
        #expect(texts(try scan("[{\"id\":5}]", records: ".[]", fields: [".id"]), 0) == ["5"])
    }

    @Test func `a path goes through arrays by index, and a field may lie among the records`() throws
    {
        let text = #"{"r":[0,[{"id":7,"l":[1,[2,3]]},{"id":8,"l":[]}]],"z":1}"#
        let scan = try scan(
            text, records: ".r[1]", fields: [".l[1][0]", ".id"],
            page: [".r[1][1].id", ".r[0]", ".r[1]", ".z"])
        #expect(texts(scan, 0) == ["2", nil])
        #expect(texts(scan, 1) == ["7", "8"])
        #expect(scan.pageField(0).flatMap(scan.text) == "8")
        #expect(scan.pageField(1).flatMap(scan.text) == "0")
        #expect(scan.pageField(2)?.kind == .array)
        #expect(scan.pageField(3).flatMap(scan.text) == "1")
    }

    @Test func `a key is found however it is written`() throws {
        let scan = try scan(
            #"[{"i\u0064":"\u0061\"b","cr\u00e9\u00e9 le":1.50,"x/y":2}]"#, records: ".",
            fields: [".id", #".["créé le"]"#, #"."x/y""#, #".["i\u0064"]"#])
        #expect(texts(scan, 0) == ["a\"b"])
        #expect(texts(scan, 1) == ["1.5"])
        #expect(texts(scan, 2) == ["2"])
        #expect(texts(scan, 3) == ["a\"b"])
    }

    @Test func `two paths may lead to the same place, and one through another`() throws {
        let scan = try scan(
            #"[{"a":{"b":1}}]"#, records: ".", fields: [".a", ".a.b", ".a.b", ".a.b.c"])
        #expect(scan.field(0, of: 0)?.kind == .object)
        #expect(texts(scan, 1) == ["1"])
        #expect(texts(scan, 2) == ["1"])
        #expect(scan.field(3, of: 0) == nil)
    }

    @Test(arguments: [
        (#"{"a":1}"#, ".items", "there is: a"), (#"{"items":null}"#, ".items", "// []"),
        (#"{"items":"no"}"#, ".items", ""), ("true", ".", ""), (#"{"d":{}}"#, ".d.items", "empty"),
        (#"{"d":[]}"#, ".d.items", ""), (#"{"d":"x"}"#, ".d.items // []", ""), ("[1]", ".[3]", ""),
        (#"{"items":5}"#, ".items // []", ""), (#"[{"id":1}]"#, ".items", "write records: ."),
        (#"{"d":[{"id":1}]}"#, ".d.items", "write records: .d"),
    ])
    func `missing records are an error that names the path`(
        _ text: String, _ records: String, _ hint: String
    ) throws {
        let error = #expect(throws: JSONError.self) { try scan(text, records: records) }
        #expect(error?.code == .recordsMissing)
        #expect(error?.message.contains(records.prefix { $0 != " " }) == true)
        #expect(hint.isEmpty || error?.hint.contains(hint) == true)
    }

    @Test(arguments: [
        #"{"items":null}"#, #"{}"#, #"{"items":[]}"#, #"{"items":false}"#, "null",
    ])
    func `an optional list may be missing`(_ text: String) throws {
        #expect(try scan(text, records: ".items // []").count == 0)
    }

    @Test func `no record gets a field of another`() throws {
        let items = (0..<1000).map { $0 % 3 == 0 ? #"{"id":\#($0)}"# : #"{"o":\#($0)}"# }
        let scan = try scan(
            "[" + items.joined(separator: ",") + "]", records: ".", fields: [".id", ".o"])
        #expect(texts(scan, 0) == (0..<1000).map { $0 % 3 == 0 ? "\($0)" : nil })
        #expect(texts(scan, 1) == (0..<1000).map { $0 % 3 == 0 ? nil : "\($0)" })
    }

    @Test(arguments: [
        ("[[1]]", JSONError.Code?.none), ("[[[1]]]", .tooDeep), ("[1,2,3]", nil),
        ("[1,2,3,4]", .tooManyRecords), ("[\"2345678901234567\"]", nil),
        ("[\"23456789012345678\"]", .tooLarge),
    ])
    func `a plan may lower its bounds`(_ text: String, _ code: JSONError.Code?) throws {
        let bounds = ScanPlan.Bounds(depth: 2, bytes: 20, records: 3)
        let plan = ScanPlan(records: .root, bounds: bounds)
        if let code {
            let error = #expect(throws: JSONError.self) { try plan.scan(Array(text.utf8)) }
            #expect(error?.code == code)
        } else {
            #expect(throws: Never.self) { try plan.scan(Array(text.utf8)) }
        }
        #expect(ScanPlan.Bounds(depth: .max, bytes: .max, records: .max) == ScanPlan.Bounds())
    }

    @Test func `the fingerprint of a record does not depend on its page`() throws {
        let one = try scan(#"{"items":[{"a":1},{"b":[1]}],"n":1}"#, records: ".items")
        let two = try scan(#"[[{ "b":[1.0] },{"a":1}]]"#, records: ".[0]")
        #expect(one.fingerprints == Array(two.fingerprints.reversed()))
    }
}

@Suite struct MaskTests {
    @Test(arguments: [
        (#"{"a":1,"t":5}"#, #"{"a":1,"t":6}"#, ".t"), (#"{"a":1,"t":5}"#, #"{"a":1}"#, ".t"),
        (#"{"a":{"x":1,"t":1}}"#, #"{"a":{"x":1,"t":{}}}"#, ".a.t"),
        (#"{"l":[{"v":1,"t":1}]}"#, #"{"l":[{"v":1,"t":2}]}"#, ".l[].t"),
        (#"{"l":[1,2]}"#, #"{"l":[9,2]}"#, ".l[0]"), ("[1,2]", "[1,3]", ".[1]"),
        (#"{"m":{"k":{"t":1},"j":{"t":1}}}"#, #"{"m":{"k":{"t":2},"j":{}}}"#, ".m[].t"),
    ])
    func `what is ignored does not count`(_ left: String, _ right: String, _ text: String) throws {
        let mask = ScanPlan.Mask.ignoring([try path(text)])
        #expect(try fingerprint(left, mask: mask) == fingerprint(right, mask: mask))
        #expect(try fingerprint(left) != fingerprint(right))
    }

    @Test(arguments: [
        (#"{"a":1,"t":5}"#, #"{"a":2,"t":5}"#, ".t"), (#"{"a":{"t":1}}"#, #"{"a":{"t":2}}"#, ".t"),
        (#"{"a":{"t":1}}"#, #"{}"#, ".a.t"), (#"{"l":[{"v":1}]}"#, #"{"l":[{"v":2}]}"#, ".l[].t"),
        (#"{"l":[1,2]}"#, #"{"l":[1,3]}"#, ".l[0]"),
    ])
    func `what is not ignored counts`(_ left: String, _ right: String, _ text: String) throws {
        let mask = ScanPlan.Mask.ignoring([try path(text)])
        #expect(try fingerprint(left, mask: mask) != fingerprint(right, mask: mask))
    }

    @Test(arguments: [
        (#"{"a":1,"t":5}"#, #"{"a":1,"t":6,"z":[]}"#, [".a"]),
        (#"{"a":{"b":1,"c":1}}"#, #"{"a":{"b":1}}"#, [".a.b"]),
        (#"{"a":{"c":1}}"#, #"{}"#, [".a.b"]), (#"{"a":"x"}"#, #"{"a":[]}"#, [".a.b"]),
        (#"{"l":[{"p":1,"q":1},{"p":2}]}"#, #"{"l":[{"p":1},{"p":2,"q":3}]}"#, [".l[].p"]),
        (#"{"a":1,"b":2,"c":3}"#, #"{"b":2,"a":1}"#, [".b", ".a"]), ("[1,2,3]", "[1,9]", [".[0]"]),
        (#"{"x":1}"#, #"{"x":2}"#, []),
    ])
    func `outside of the only paths nothing counts`(
        _ left: String, _ right: String, _ texts: [String]
    ) throws {
        let mask = ScanPlan.Mask.only(try texts.map(path))
        #expect(try fingerprint(left, mask: mask) == fingerprint(right, mask: mask))
    }

    @Test(arguments: [
        (#"{"a":1}"#, #"{"a":2}"#, ".a"),
        (#"{"a":{"b":{"c":1}}}"#, #"{"a":{"b":{"c":2}}}"#, ".a.b"),
        (#"{"a":null}"#, #"{}"#, ".a"), (#"{"a":{}}"#, #"{}"#, ".a"),
        (#"{"a":1}"#, #"{"a":2}"#, "."),
        (#"{"l":[{"p":1}]}"#, #"{"l":[{"p":2}]}"#, ".l[].p"),
    ])
    func `inside of the only paths everything counts`(
        _ left: String, _ right: String, _ text: String
    ) throws {
        let mask = ScanPlan.Mask.only([try path(text)])
        #expect(try fingerprint(left, mask: mask) != fingerprint(right, mask: mask))
    }

    @Test func `captures work below what does not count`() throws {
        for mask in [ScanPlan.Mask.ignoring([try path(".a")]), .only([try path(".z")])] {
            let plan = ScanPlan(records: .root, recordFields: [try path(".a.id")], mask: mask)
            let scan = try plan.scan(Array(#"[{"a":{"id":4},"z":1},{"a":{"id":5},"z":1}]"#.utf8))
            #expect(scan.field(0, of: 1).flatMap(scan.text) == "5")
            #expect(scan.fingerprints[0] == scan.fingerprints[1])
        }
    }

    @Test func `an unordered array is a set with repetition`() throws {
        let tags = [try path(".t")]
        func hash(_ text: String) throws -> Fingerprint { try fingerprint(text, unordered: tags) }
        #expect(try hash(#"{"t":[1,2,{"a":3}]}"#) == hash(#"{"t":[{"a":3},1,2]}"#))
        #expect(try hash(#"{"t":[1,1,2]}"#) != hash(#"{"t":[1,2,2]}"#))
        #expect(try hash(#"{"t":[1,1]}"#) != hash(#"{"t":[1]}"#))
        #expect(try hash(#"{"t":[[1,2]]}"#) != hash(#"{"t":[[2,1]]}"#))
        #expect(try hash(#"{"u":[1,2]}"#) != hash(#"{"u":[2,1]}"#))
        #expect(try hash(#"{"t":[]}"#) != hash(#"{"t":{}}"#))
    }
}
