import PullcordAdapter
import PullcordModel
import Testing

@Suite struct TemplateTests {
    private let place = Place(file: "a.yaml", line: 3, column: 10)

    private let context = TemplateContext(
        parameters: [
            "owner": "a/b c", "count": "7", "day": "2026-02-03", "quoted": #"<a "b" & 'c'>"#,
            "bell": "\u{7}",
        ],
        environment: ["TOKEN": "t"], files: ["/run/x y": "inside"], cursor: "2026-01-31T09:30:00Z",
        page: [.number: "2", .token: "p=="], pollStarted: Timestamp(milliseconds: 1_700_000_000_125)
    )

    private func render(
        _ text: String, encoding: Template.Encoding = .none, _ context: TemplateContext? = nil
    ) throws -> String? {
        try Template(parsing: text, at: place).render(context ?? self.context, encoding: encoding)
    }

    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("$5 and $$ and {x}", "$5 and $$ and {x}"),
        ("$${cursor}", "${cursor}"), ("$$${cursor}", "$${cursor}"), ("${params.owner}", "a/b c"),
        ("x${ params.count }y", "x7y"), ("${env.TOKEN}", "t"), (#"${file:"/run/x y"}"#, "inside"),
        ("${cursor}", "2026-01-31T09:30:00Z"), ("${page.number}/${page.token}", "2/p=="),
        ("${poll.started}", "2023-11-14T22:13:20Z"),
        (#"${poll.started | date "%Y%m%d"}"#, "20231114"),
        (
            "${poll.started | date '%F %T.%L %s %Q'}",
            "2023-11-14 22:13:20.125 1700000000 1700000000125"
        ),
        ("${cursor|date '%s'}", "1769851800"),
        ("${params.day | date '%j %a %b %y %%'}", "034 Tue Feb 26 %"),
        ("${params.owner | urlencode}", "a%2Fb%20c"), ("${params.count | base64}", "Nw=="),
        ("${env.TOKEN | base64 | urlencode}", "dA%3D%3D"),
        (#"${params.none | default "d e"}"#, "d e"),
        (#"${params.none | default "a\"}|b"}"#, #"a"}|b"#), (#"${params.none | default ""}"#, ""),
        (#"${params.none | base64 | default "x"}"#, "x"),
        ("${params.none | default 'é' | urlencode}", "%C3%A9"),
        (#"{"a":${params.count | json}}"#, #"{"a":"7"}"#),
        (#"{"a":"${params.count | json}"}"#, #"{"a":"7"}"#),
        (
            #"{"a\"b":"x: ${params.count | json}","b":${page.token | json}}"#,
            #"{"a\"b":"x: 7","b":"p=="}"#
        ),
        (#"[${params.quoted | json}]"#, #"["<a \"b\" & 'c'>"]"#),
        (#"${params.none | json | default "x"}"#, #""x""#),
        ("<a>${params.quoted | xml}</a>", "<a>&lt;a &quot;b&quot; &amp; &apos;c&apos;&gt;</a>"),
        ("${params.owner | raw}", "a/b c"), ("${params.count | number}", "7"),
    ])
    func `placeholders are replaced`(text: String, result: String) throws {
        #expect(try render(text) == result)
    }

    @Test(arguments: [
        "${params.none}", "a${page.after}b", "${env.NONE}", "${file:/none}",
        "${page.size | base64}",
    ])
    func `an absent value leaves the whole text out`(text: String) throws {
        #expect(try render(text) == nil)
    }

    @Test func `what keeps a text from being made is named as it is written`() throws {
        let texts = [
            "${params.none}": "params.none", "a${cursor}${page.after}": "page.after",
            "${file:/none}": "file:/none", "${record.a.b | base64}": "record.a.b",
        ]
        for (text, name) in texts {
            let template = try Template(parsing: text, at: place)
            #expect(template.absent(context)?.subject.text == name)
        }
        #expect(try Template(parsing: "${cursor}", at: place).absent(context) == nil)
    }

    @Test func `what XML cannot write is refused`() {
        #expect(throws: TemplateError.self) { try render("${params.bell | xml}") }
    }

    @Test func `a path encodes what placeholders give, not what is written`() throws {
        #expect(try render("/r/${params.owner}/x y", encoding: .path) == "/r/a%2Fb%20c/x y")
        #expect(try render("/r/${params.owner | raw}", encoding: .path) == "/r/a/b c")
        #expect(try render("/r/${params.owner | urlencode}", encoding: .path) == "/r/a%2Fb%20c")
    }

    @Test(arguments: [
        ("ab ${cursor", 3, TemplateError.Code.unclosed, String?.none),
        ("${cursor | default \"}", 0, .unclosed, nil), ("é😀${}", 4, .empty, nil),
        ("${ }", 3, .empty, nil), ("${curser}", 2, .unknownSubject, "cursor"),
        ("${page.tokn}", 2, .unknownSubject, "page.token"),
        ("${param.x}", 2, .unknownSubject, "params.x"),
        ("${TOKEN}", 2, .unknownSubject, "params.token"),
        ("${poll.start}", 2, .unknownSubject, "poll.started"),
        ("${parent.a.b}", 2, .unknownSubject, nil), ("${record.a..b}", 2, .unknownSubject, nil),
        ("${record.}", 2, .unknownSubject, nil), ("${params.}", 2, .unknownSubject, nil),
        ("${params.a.b}", 2, .unknownSubject, nil), ("${file:}", 2, .unknownSubject, nil),
        ("${cursor x}", 9, .syntax, nil), ("${cursor | }", 11, .unknownFilter, nil),
        ("${cursor | dat '%Y'}", 11, .unknownFilter, "date"),
        ("${cursor | date}", 11, .filterArgument, nil),
        ("${cursor | date '%Y %k'}", 20, .filterArgument, nil),
        ("${cursor | date '%'}", 17, .filterArgument, nil),
        ("${cursor | raw 'x'}", 15, .filterArgument, nil),
        ("${cursor | default}", 11, .filterArgument, nil),
    ])
    func `a mistake is told with its column`(
        text: String, offset: Int, code: TemplateError.Code, suggestion: String?
    ) throws {
        let complaints = Template.parse(text, at: place).complaints
        let complaint = try #require(complaints.first)
        #expect(complaints.count == 1)
        #expect(complaint.code == code)
        #expect(complaint.place.column == 10 + offset)
        #expect(complaint.suggestion == suggestion)
    }

    @Test(arguments: [
        (TemplateRoom.adapter, "params.NAME", "env.NAME", "params.token"),
        (.bridge, "env.NAME", "params.NAME", "env.TOKEN"),
        (.webhook, "event.id", "page.token", "env.TOKEN"),
    ])
    func `only what a place allows is offered there`(
        room: TemplateRoom, allowed: String, refused: String, variable: String
    ) throws {
        for text in ["${page}", "${}", "${TOKEN}"] {
            let complaint = try #require(
                Template.parse(text, at: place, in: room).complaints.first)
            #expect(complaint.allowed.contains(allowed))
            #expect(!complaint.allowed.contains(refused))
            #expect(text != "${TOKEN}" || complaint.suggestion == variable)
        }
    }

    @Test func `a text that is understood in part only is no literal`() {
        #expect(Template.parse("a${", at: place).template.literalText == nil)
        #expect(Template.parse("a$${", at: place).template.literalText == "a${")
    }

    @Test func `every mistake is told, and the rest is kept`() {
        let (template, complaints) = Template.parse("${a.b} ${cursor} ${c | d} ${", at: place)
        #expect(complaints.map(\.place.column) == [12, 29, 36])
        #expect(template.subjects == [.cursor])
    }

    @Test func `bounds of a template are errors`() {
        let many = String(repeating: "${cursor}", count: 257)
        #expect(Template.parse(many, at: place).complaints.map(\.code) == [.tooLong])
        let filters = "${cursor" + String(repeating: "|raw", count: 9) + "}"
        #expect(Template.parse(filters, at: place).complaints.map(\.code) == [.tooLong])
        let long = String(repeating: "x", count: (1 << 20) + 1)
        #expect(Template.parse(long, at: place).complaints.map(\.code) == [.tooLong])
    }

    @Test(arguments: [
        "${params.owner | date '%Y'}", "${params.owner | number}", "${env.TOKEN | date '%s'}",
    ])
    func `a value that a filter cannot work on is refused without telling it`(text: String) throws {
        let template = try Template(parsing: text, at: place)
        let error = #expect(throws: TemplateError.self) { try template.render(context) }
        #expect(error?.code == .value)
        #expect(error?.message.contains("a/b") == false)
    }

    @Test(arguments: [
        ("0", "1970-01-01T00:00:00"), ("-1", "1969-12-31T23:59:59"),
        ("1700000000", "2023-11-14T22:13:20"), ("1700000000.9", "2023-11-14T22:13:20"),
        ("1700000000125", "2023-11-14T22:13:20"),
        ("2024-02-29T23:59:60+01:00", "2024-02-29T22:59:59"),
        ("253402300799999", "9999-12-31T23:59:59"),
    ])
    func `a time is read from RFC 3339 or a number`(text: String, result: String) throws {
        let context = TemplateContext(cursor: text)
        #expect(try render("${cursor | date '%Y-%m-%dT%H:%M:%S'}", context) == result)
    }

    @Test(arguments: [
        "9223372036854775807", "-9223372036854775808", "253402300800000", "x", "1e9", "2024-13-01",
    ])
    func `what is no time is refused`(text: String) {
        let context = TemplateContext(cursor: text)
        #expect(throws: TemplateError.self) { try render("${cursor | date '%Y'}", context) }
    }

    @Test func `twelve hours are written as people do`() throws {
        let context = TemplateContext(cursor: "2026-01-01T00:05:00Z")
        #expect(
            try render("${cursor | date '%I:%M %p %e %A %B'}", context)
                == "12:05 AM  1 Thursday January")
    }

    private func render(_ text: String, _ context: TemplateContext) throws -> String? {
        try render(text, encoding: .none, context)
    }
}
