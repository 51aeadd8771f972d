import PullcordAdapter
import PullcordConfig
import PullcordModel
import Testing

@Suite struct PagesLanguageTests {
    private func stream(_ lines: String) throws -> StreamSpec {
        let text = Wrong.adapter(stream: lines)
        let fixture = Fixture(files: ["a.yaml": text])
        let report = fixture.check("a.yaml")
        #expect(report.diagnostics.isEmpty, "\(report.text())")
        return try #require(try fixture.loader.adapter("a.yaml").get().streams.first)
    }

    @Test(arguments: [
        ("continue: .c", "/x", PagesSpec.MergeTarget.query),
        ("continue: { from: .c, into: body }", "/x", .body),
        ("continue: .c", "{ method: POST, path: /x, body: { a: 1 } }", .body),
        (
            "continue: { from: .c, into: query }",
            "{ method: POST, path: /x, body: { a: 1 } }", .query
        ),
    ])
    func `a continuation goes where the request has room for it`(
        pages: String, request: String, target: PagesSpec.MergeTarget
    ) throws {
        let stream = try stream("request: \(request)\nkey: .id\npages: { \(pages) }")
        guard case .merged(let from, let into) = stream.pages.scheme else {
            Issue.record("not merged")
            return
        }
        #expect(from.text == ".c" && into == target)
    }

    @Test func `a range, a token with a start and a keyset of two are read`() throws {
        let range = try stream(
            """
            request: "/item/${page.number}-${page.last}"
            key: .id
            pages: { range: { to: /max, value: .n }, size: 50 }
            cursor: { from: .id, format: integer }
            """)
        guard case .range(let end) = range.pages.scheme else {
            Issue.record("no range")
            return
        }
        #expect(end.path.literalText == "/max" && end.value.text == ".n" && range.pages.size == 50)
        let token = try stream(
            """
            request: "/x/${page.token}"
            key: .id
            pages: { token: { header: X-Next, start: "first" }, stop: [empty, short], size: 5 }
            """)
        guard case .token(.header("X-Next"), let start?) = token.pages.scheme else {
            Issue.record("no token")
            return
        }
        #expect(start.literalText == "first" && token.pages.stops == [.empty, .short])
        let keyset = try stream(
            """
            request: { path: /x, query: { a: "${page.after}", t: "${page.then}" } }
            key: .id
            pages: { keyset: { from: .at, then: .id } }
            """)
        guard case .keyset(_, let then?, nil) = keyset.pages.scheme else {
            Issue.record("no keyset")
            return
        }
        #expect(then.text == ".id")
    }

    @Test(arguments: [
        ("from: .u", CursorMark.Kind.value(.rfc3339)), ("token: .t", .token),
        ("token: { header: X-T }, initial: now", .token),
        ("token: .t, each_page: true", .token),
        ("watermark: .w, format: epoch_seconds", .value(.epochSeconds)),
        ("watermark: { header: X-W }", .value(.rfc3339)),
        ("moves: with_time, format: epoch_milliseconds", .value(.epochMilliseconds)),
        ("from: .u, moves: with_time, settle: 1m", .value(.rfc3339)),
    ])
    func `each thing that a cursor can be made of is read`(
        cursor: String, kind: CursorMark.Kind
    ) throws {
        let stream = try stream(
            """
            request: { path: /x, query: { s: "${cursor}" } }
            key: .id
            cursor: { \(cursor) }
            """)
        #expect(stream.cursor?.kind == kind)
        #expect(stream.detect == .incremental)
    }

    @Test(arguments: ["url: .next", "link: next", "link: next, each_page: true"])
    func `a cursor that is a URL needs no place in the request`(cursor: String) throws {
        let stream = try stream("request: /x\nkey: .id\ncursor: { \(cursor) }")
        #expect(stream.cursor?.kind == .url)
    }

    @Test(
        arguments: [
            "initial: now", "initial: now, format: epoch_seconds",
            "initial: now, format: '%d/%m/%Y %H:%M', zone: Europe/Berlin",
            "initial: '${poll.started}', format: epoch_milliseconds",
            #"initial: '${poll.started | date "%Y-%m-%d"}', format: '%Y-%m-%d'"#,
        ])
    func `a cursor of any format may begin with the first poll`(more: String) throws {
        let stream = try stream(
            """
            request: { path: /x, query: { s: "${cursor}" } }
            key: .id
            cursor: { from: .u, \(more) }
            """)
        #expect(stream.cursor?.beginsWithPoll == true)
    }

    @Test func `several cursors keep their order and their names`() throws {
        let stream = try stream(
            """
            request: { path: /x, query: { s: "${cursor.zebra}", t: "${cursor.ant}" } }
            key: .id
            cursors: { zebra: { from: .u, ascending: true }, ant: { token: .t } }
            """)
        #expect(stream.cursors.map(\.name) == ["zebra", "ant"])
        #expect(stream.cursor?.isAscending == true)
    }

    @Test func `a cap is read beside a cursor in order, or one that can be halved`() throws {
        let ordered = try stream(
            """
            request: { path: /x, query: { s: "${cursor}", t: "${page.token}" } }
            key: .id
            pages: { token: .t, cap: 10000 }
            cursor: { from: .u, ascending: true }
            """)
        #expect(ordered.pages.cap == 10_000)
        _ = try stream(
            """
            request: { path: /x, query: { sort: u, s: "${cursor}", u: "${cursor.until}", p: "${page.number}" } }
            key: .id
            pages: { number: 1, cap: 2000 }
            cursor: { from: .u, initial: "2020-01-01T00:00:00Z" }
            """)
    }
}
