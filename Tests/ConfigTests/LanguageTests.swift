import PullcordAdapter
import PullcordConfig
import PullcordModel
import Testing

@Suite struct LanguageTests {
    private func adapter(_ text: String) throws -> AdapterSpec {
        let spec = Fixture(files: ["a.yaml": text]).loader.adapter("a.yaml")
        if case .failure(let report) = spec { Issue.record("\(report.text())") }
        return try spec.get()
    }

    private func stream(_ lines: String) throws -> StreamSpec {
        try #require(try adapter(Wrong.adapter(stream: lines)).streams.first)
    }

    private func top(_ lines: String) throws -> AdapterSpec {
        try adapter(Wrong.adapter(top: lines))
    }

    @Test func `every part of a full adapter is read`() throws {
        let spec = try adapter(Fixture.orders)
        #expect(spec.baseURL?.literalText == "https://shop.example/api")
        #expect(spec.parameters.map(\.kind) == [.secret, .string])
        #expect(spec.parameters.last?.allowed == ["eu", "us"])
        #expect(spec.headers.map(\.name) == ["Accept", "X-Region"])
        guard case .apiKey(.header, "X-Key", _) = spec.auth else {
            Issue.record("the key goes into a header")
            return
        }
        let orders = try #require(spec.streams.first)
        #expect(orders.request.method == .post)
        #expect(orders.pages.scheme == .number(start: 1))
        #expect(orders.pages.size == 50)
        #expect(orders.pages.stops == [.short])
        #expect(orders.pages.total?.bodyField?.text == ".total")
        #expect(orders.pages.endStatuses == [404])
        #expect(orders.records.text == ".data.items")
        #expect(orders.condition?.text == #".kind == "order""#)
        #expect(orders.key.map(\.text) == [".shop", ".id"])
        #expect(orders.cursor?.format == .epochMilliseconds)
        #expect(orders.cursor?.overlap == 300_000)
        #expect(orders.cursor?.isAscending == true)
        guard case .only(let paths) = orders.mask else {
            Issue.record("some members count")
            return
        }
        #expect(paths.map(\.text) == [".state", ".total"])
        #expect(orders.unordered.map(\.text) == [".tags"])
        #expect(orders.first == .emit)
        #expect(orders.deletes.maxShare == 0.05)
        #expect(!orders.isConditional)
        #expect(orders.key.first?.place.description == "a.yaml:19:11")
        let customers = try #require(spec.streams.last)
        #expect(customers.records.text == ".")
        #expect(customers.detect == .snapshot)
    }

    @Test(arguments: [
        ("", KeepMode.fingerprint), ("\nkeep: fingerprint", .fingerprint),
        ("\nkeep: record", .record),
    ])
    func `a stream says what is kept of its records`(_ line: String, _ wanted: KeepMode) throws {
        #expect(try stream("request: /x\nkey: .id\(line)").keep == wanted)
    }

    @Test func `a JSON body keeps its numbers and its order`() throws {
        let orders = try #require(try adapter(Fixture.orders).streams.first)
        guard case .json(let body, _) = orders.request.body else {
            Issue.record("the body is JSON")
            return
        }
        let context = TemplateContext(page: [.number: "1", .size: "50"])
        let bytes = try #require(try body.render(context))
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"page":1,"size":50,"filter":{"deep":[1,2.50,true,null,"x"]}}"#)
    }

    @Test func `ways to prove oneself are read`() throws {
        let params = "params: { u: { required: true }, p: secret }\n"
        let basic = try top(
            params + "auth: { basic: { username: \"${params.u}\", password: \"${params.p}\" } }"
        ).auth
        guard case .basic(let username, _) = basic else {
            Issue.record("it is basic")
            return
        }
        #expect(username.subjects == [.parameter("u")])
        #expect(try top("auth: none").auth == .none)
        for (location, kind) in [
            ("header", AuthSpec.KeyLocation.header), ("query", .query), ("cookie", .cookie),
        ] {
            let auth = try top(
                "params: { p: secret }\nauth: { api_key: { \(location): k, value: \"${params.p}\" } }"
            ).auth
            guard case .apiKey(kind, "k", _) = auth else {
                Issue.record("the key goes into the \(location)")
                continue
            }
        }
    }

    @Test(arguments: [
        ("pages: none", "", PagesSpec.Scheme.single),
        ("pages: { link: next }", "", .link(relation: "next")),
        ("pages: { number: { start: 0 } }", "${page.number}", .number(start: 0)),
        ("pages: { number: {} }", "${page.number}", .number(start: 1)),
        ("pages: { number: 3 }", "${page.number}", .number(start: 3)),
        ("pages: { offset: {} }", "${page.offset}", .offset(start: 0)),
        ("pages: { offset: 10, stop: empty, more: .more }", "${page.offset}", .offset(start: 10)),
        ("pages: { token: { header: X-Next } }", "${page.token}", .token(.header("X-Next"))),
    ])
    func `each way of paging is read`(pages: String, use: String, scheme: PagesSpec.Scheme) throws {
        let query = use.isEmpty ? "" : ", query: { p: \"\(use)\" }"
        let stream = try stream("request: { path: /x\(query) }\nkey: .id\n\(pages)")
        #expect(stream.pages.scheme == scheme)
    }

    @Test func `paging by expressions is read`() throws {
        let token = try stream(
            "request: { path: /x, query: { t: \"${page.token}\" } }\nkey: .id\npages: { token: .meta.next }"
        )
        guard case .token(.body(let expression), _) = token.pages.scheme else {
            Issue.record("the token is in the body")
            return
        }
        #expect(expression.text == ".meta.next")
        #expect(expression.place.description == "a.yaml:7:21")
        let next = try stream("request: /x\nkey: .id\npages: { next_url: .next }")
        guard case .nextURL = next.pages.scheme else {
            Issue.record("the URL is in the body")
            return
        }
        let keyset = try stream(
            "request: { path: /x, query: { a: \"${page.after}\" } }\nkey: .id\npages: { keyset: .id }"
        )
        guard case .keyset = keyset.pages.scheme else {
            Issue.record("the last record leads on")
            return
        }
    }

    @Test func `limits and retries are read`() throws {
        let spec = try top(
            """
            limits: { remaining: x-left, reset: x-reset, page_bytes: 10kB, pages: 5, timeout: 1m30s }
            retry: { attempts: 2, statuses: [503] }
            """)
        #expect(spec.limits.reset == ValueReading(.header("x-reset"), as: .epochSeconds))
        #expect(spec.limits.pageBytes == 10_000)
        #expect(spec.limits.pages == 5)
        #expect(spec.limits.timeout == .seconds(90))
        #expect(spec.retry == RetrySpec(attempts: 2, statuses: [503]))
        let date = try top("limits: { reset: { header: x-reset, as: http_date } }").limits.reset
        #expect(date?.meaning == .httpDate)
    }

    @Test func `short forms stand for the long ones`() throws {
        let short = try stream("request: /x\nkey: .id")
        let long = try stream("request: { path: /x, method: GET }\nkey: [.id]")
        #expect(short.request.method == long.request.method)
        #expect(short.key.map(\.text) == long.key.map(\.text))
        let whole = try stream("request: https://other.example/y\nkey: .id")
        guard case .url(let url) = whole.request.target else {
            Issue.record("it is a whole URL")
            return
        }
        #expect(url.literalText == "https://other.example/y")
    }

    @Test func `a list in a query repeats the name`() throws {
        let stream = try stream(
            "request: { path: /x, query: { e: [a, b], n: 5, t: true } }\nkey: .id")
        #expect(stream.request.query.map(\.name) == ["e", "e", "n", "t"])
        #expect(stream.request.query.compactMap(\.value.literalText) == ["a", "b", "5", "true"])
    }

    @Test func `items that streams share may hold page values`() throws {
        let spec = try adapter(
            """
            adapter: a
            base_url: https://x.example
            query: { page: "${page.number}", per_page: "${page.size}", since: "${cursor}" }
            streams:
              one: { request: /one, key: .id, pages: { number: 1, size: 10 }, cursor: { from: .u } }
              two: { request: /two, key: .id }

            """)
        #expect(spec.subjects(for: spec.streams[1]).contains(.page(.number)))
    }

    @Test func `a text body keeps its type`() throws {
        let stream = try stream(
            "request: { path: /x, method: POST, body: 'a=${cursor | urlencode | default \"0\"}', content_type: application/x-www-form-urlencoded }\nkey: .id\ncursor: { from: .u }"
        )
        guard case .text(_, "application/x-www-form-urlencoded") = stream.request.body else {
            Issue.record("the body is a text")
            return
        }
    }

    @Test func `no is a text and so are words of YAML 1_1`() throws {
        let stream = try stream(
            "request: { path: /x, query: { country: no, on: off, y: yes } }\nkey: .id")
        #expect(stream.request.query.map(\.name) == ["country", "on", "y"])
        #expect(stream.request.query.compactMap(\.value.literalText) == ["no", "off", "yes"])
    }

    @Test func `streams may share parts by anchors and merge keys`() throws {
        let spec = try adapter(
            """
            adapter: a
            base_url: https://x.example
            streams:
              one: &one
                request: { path: /one, query: { p: "${page.number}" } }
                pages: &paged { number: 1, size: 10, stop: short }
                key: .id
              two:
                <<: *one
                request: { path: /two, query: { p: "${page.number}" } }
                pages: { <<: *paged, size: 20 }

            """)
        #expect(spec.streams.map(\.pages.size) == [10, 20])
        #expect(spec.streams.map(\.key.first?.text) == [".id", ".id"])
    }

    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("60s", .seconds(60)), ("2m", .seconds(120)),
        ("1h", .seconds(3600)), ("1m30s", .seconds(90)), ("0.5s", .milliseconds(500)),
    ])
    func `durations are read`(text: String, duration: Duration) throws {
        #expect(try top("limits: { timeout: \(text) }").limits.timeout == duration)
    }

    @Test(arguments: [
        "1", "s", "1 s", "1S", "-1s", "1.s", ".5s", "1e3s", "1m30", "99999999999d", "",
    ])
    func `what is no duration is refused`(text: String) {
        #expect(throws: (any Error).self) {
            try Fixture(files: ["a.yaml": Wrong.adapter(top: "limits: { timeout: \"\(text)\" }")])
                .loader.adapter("a.yaml").get()
        }
    }
}
