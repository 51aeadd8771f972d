import PullcordCommit
import PullcordDetect
import PullcordJSON
import PullcordModel
import Testing

@Suite struct TransformTests {
    @Test func `a transform makes the records, and paging sees what the API sent`() throws {
        let page = try read(
            #"{"items":[{"n":1,"v":{"id":"a"}},{"n":2,"v":{"id":"b"}},{"n":3}],"next":"t"}"#,
            plan(
                records: ".items", page: [".next"], last: [".n"],
                transform: ".v | select(.) | {id, big: 1}"))
        #expect(keys(page) == ["a", "b"])
        #expect(records(page) == [#"{"id":"a","big":1}"#, #"{"id":"b","big":1}"#])
        #expect(page.total == 3 && page.pageTexts == ["t"] && page.lastTexts == ["3"])
    }

    @Test(arguments: [".items", ".items[] | select(.n > 0)"])
    func `a transform may choose a part, or make several records of one`(list: String) throws {
        let body = #"{"items":[{"n":1,"lines":[{"id":1},{"id":2}]},{"n":2,"lines":[{"id":3}]}]}"#
        let several = try read(body, plan(records: list, transform: ".lines[]"))
        #expect(keys(several) == ["1", "2", "3"] && several.total == 2)
        let part = try read(body, plan(records: list, key: ["."], transform: ".n"))
        #expect(records(part) == ["1", "2"])
    }

    @Test func `numbers that are only passed through keep their digits`() throws {
        let page = try read(
            #"[{"id":12345678901234567890,"p":1.50,"e":1e400}]"#,
            plan(transform: "{id, price: .p, huge: .e}"))
        #expect(keys(page) == ["12345678901234567890"])
        #expect(records(page)[0].contains(#""id":12345678901234567890"#))
        #expect(records(page)[0].contains(#""huge":1e400"#))
    }

    @Test(arguments: [
        (#"error("no")"#, "record 2"), (".a.b", "record 2"), ("{x: .id}", "record 1"),
    ])
    func `a transform that fails refuses the page and names the record`(
        _ program: String, _ place: String
    ) throws {
        let program = "if .id == 1 then . else \(program) end"
        let body = program.contains("{x") ? #"[{"id":2}]"# : #"[{"id":1},{"id":2,"a":[]}]"#
        let error = #expect(throws: DetectError.self) {
            try read(body, plan(transform: program))
        }
        #expect(error?.place.hasPrefix(place) == true, "\(error?.description ?? "")")
    }

    @Test func `a tombstone needs no cursor and heeds no filter`() throws {
        let page = try read(
            #"[{"id":1,"at":5},{"id":2,"gone":true},{"id":3,"at":6,"hidden":true}]"#,
            plan(
                when: ".hidden | not", cursor: (".at", .integer), tombstone: ".gone"))
        #expect(keys(page) == ["1", "2"])
        #expect((0..<2).map { page.isTombstone($0) } == [false, true])
    }

    @Test func `a tombstone of a record that is not known, or is gone, changes nothing`() throws {
        let page = try read(
            #"[{"id":1,"gone":true},{"id":2,"gone":true},{"id":3,"gone":true}]"#,
            plan(tombstone: ".gone"))
        var differ = Differ(nextOrdinal: 9, tracksSeen: true)
        let live = KnownRecord(ordinal: 2, version: 4, fingerprint: Fingerprint(high: 1, low: 1))
        let dead = KnownRecord(ordinal: 1, version: 2, fingerprint: nil)
        let found = differ.compare(page, known: [nil, dead, live])
        #expect(found.deleted == 1 && found.created == 0 && found.updated == 0)
        #expect(
            found.records.map(\.state) == [KnownRecord(ordinal: 2, version: 5, fingerprint: nil)])
        #expect(differ.nextOrdinal == 9 && differ.seenLive == 1)
    }
}
