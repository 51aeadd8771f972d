import PullcordConfig
import Testing

@Suite struct DiagnosticReportTests {
    private let broken = """
        adapter: a
        base_url: https://x.example
        streams:
          issues:
            request: /x
            kye: .id
            first: emitt

        """

    @Test func `a report reads like a compiler's`() {
        let report = Wrong.report("a.yaml", broken)
        let keys =
            "summary, request, exec, pages, format, records, when, key, cursor, cursors, detect, ignore, only, "
            + "unordered, first, max_delete, max_change, may_be_empty, confirm_deletes, emit_rate, keep, conditional, "
            + "parent, detail, answers, expect, updates, remember, tombstone, transform, normalize, "
            + "reconcile, deletes"
        #expect(
            report.text() == """
                a.yaml:6:5: error: streams.issues.kye: `kye` is no key of a stream
                  6 |     kye: .id
                    |     ^~~
                  allowed: \(keys)
                  did you mean: key

                a.yaml:7:12: error: streams.issues.first: `emitt` is none of the allowed values
                  7 |     first: emitt
                    |            ^~~~~
                  allowed: baseline, emit
                  did you mean: emit

                """)
        #expect(report.summary == "2 errors")
    }

    @Test func `colours only add escape codes`() {
        let report = Wrong.report("a.yaml", broken)
        let stripped = report.text(color: true).replacing(/\u{1B}\[[0-9;]*m/, with: "")
        #expect(report.text(color: true) != stripped)
        #expect(stripped == report.text())
    }

    @Test func `a long line is shown around the place`() {
        let filler = String(repeating: "x", count: 300)
        let text =
            "adapter: a\nbase_url: https://x.example\n"
            + "streams: { s: { request: /x, key: .id, summary: \(filler), fist: emit } }\n"
        let lines = Wrong.report("a.yaml", text).text().split(separator: "\n")
        // A list of keys is no line of the file.
        #expect(lines.allSatisfy { $0.count < 160 || $0.contains("allowed:") })
        let caret = lines.firstIndex { $0.contains("^~~~") }
        #expect(caret.map { lines[$0 - 1].contains("fist") } == true)
    }

    @Test func `the JSON form has every field`() {
        let json = Wrong.report("a.yaml", "adapter: a\nbase_url: https://x.example\nstrems: {}\n")
            .json
        #expect(
            json == """
                [{"severity":"error","code":"key_unknown","file":"a.yaml","line":3,"column":1,\
                "path":"strems","message":"`strems` is no key of an adapter","found":"strems",\
                "allowed":["adapter","extends","version","summary","docs","params","exec","swift","base_url",\
                "headers","query","auth","limits","retry","defaults","streams","answers","expect","tls"],\
                "suggestion":"streams"}]

                """)
    }

    @Test func `a flood of mistakes is cut with words`() {
        let keys = (0..<5000).map { "k\($0): \"${x\($0)}\"\n" }.joined()
        let report = Wrong.report("a.yaml", "adapter: a\nheaders: { b: \"${cursor}\" }\n" + keys)
        #expect(report.diagnostics.count == 1001)
        #expect(report.diagnostics.contains { $0.code == "too_many_complaints" })
    }

    @Test func `nothing wrong is said in words`() {
        #expect(Wrong.report("a.yaml", Fixture.orders).summary == "no mistakes found")
        #expect(Wrong.report("a.yaml", Fixture.orders).text().isEmpty)
    }

    @Test(arguments: [
        ("a\r\n b: 1\r\n", 1), ("adapter: 'é\u{301}'\n", 1), ("\u{FEFF}adapter: A\n", 1),
    ])
    func `odd texts are shown without harm`(text: String, line: Int) {
        let report = Wrong.report("a.yaml", text)
        #expect(report.hasErrors)
        #expect(report.text().contains(" | "))
    }
}
