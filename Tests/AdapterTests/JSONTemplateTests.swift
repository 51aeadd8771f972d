import PullcordAdapter
import PullcordJSON
import PullcordModel
import Testing

@Suite struct JSONTemplateTests {
    private let place = Place(file: "a.yaml", line: 1, column: 1)

    private func text(_ text: String) throws -> JSONTemplate {
        .text(try Template(parsing: text, at: place))
    }

    private func render(_ template: JSONTemplate, _ context: TemplateContext) throws -> String? {
        try template.render(context).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `members that need an absent value are left out`() throws {
        let body = JSONTemplate.object([
            ("a", try text("${cursor}")), ("b", .literal("2.50")),
            ("c", .array([try text("${page.token}"), try text("x"), try text("${page.token}")])),
            ("d", .object([("e", try text("${cursor}"))])), ("f", try text("${cursor}")),
        ])
        #expect(try render(body, TemplateContext()) == #"{"b":2.50,"c":["x"],"d":{}}"#)
        #expect(
            try render(body, TemplateContext(cursor: "1", page: [.token: "t"]))
                == #"{"a":"1","b":2.50,"c":["t","x","t"],"d":{"e":"1"},"f":"1"}"#)
    }

    @Test func `strings are escaped`() throws {
        let context = TemplateContext(parameters: ["p": "\"\\\n\r\t\u{8}\u{C}\u{1}é😀/"])
        let body = JSONTemplate.object([("k\"", try text("<${params.p}>"))])
        #expect(try render(body, context) == #"{"k\"":"<\"\\\n\r\t\b\f\u0001é😀/>"}"#)
    }

    @Test func `a number is bare, and a default may be one`() throws {
        let body = JSONTemplate.array([
            try text("${page.size | number}"), try text("n${page.size}"),
            try text("${page.offset | default '0' | number}"),
        ])
        #expect(try render(body, TemplateContext(page: [.size: "50"])) == #"[50,"n50",0]"#)
    }

    @Test(arguments: [
        ("a, b,,c ", #"{"l":["a","b","c"]}"#), ("a\"", #"{"l":["a\""]}"#), (" , ", "{}"),
        (nil, "{}"),
    ])
    func `a list becomes an array, and one of nothing is left out`(
        value: String?, expected: String
    ) throws {
        let body = JSONTemplate.object([("l", try text("${params.l | list}"))])
        let parameters = value.map { ["l": $0] } ?? [:]
        #expect(try render(body, TemplateContext(parameters: parameters)) == expected)
    }

    @Test func `a list of numbers holds bare ones, and nothing else`() throws {
        let body = try text("${params.l | default '1' | list | number}")
        #expect(try render(body, TemplateContext(parameters: ["l": "7, 1.50"])) == "[7,1.50]")
        #expect(try render(body, TemplateContext()) == "[1]")
        #expect(throws: TemplateError.self) {
            try body.render(TemplateContext(parameters: ["l": "7,x"]))
        }
    }

    @Test(arguments: ["", "x", "01", "1.", ".5", "+1", "0x1", "1e", "NaN", "1 ", "--1", "1,2"])
    func `what is no number is refused`(value: String) throws {
        let body = try text("${params.n | number}")
        #expect(throws: TemplateError.self) {
            try body.render(TemplateContext(parameters: ["n": value]))
        }
        #expect(!JSONText.isNumber(value))
    }

    @Test(arguments: ["0", "-0", "10", "1.50", "1e9", "-1.2E-3", "123456789012345678901234567890"])
    func `a number keeps its digits`(value: String) throws {
        let body = try text("${params.n | number}")
        #expect(try render(body, TemplateContext(parameters: ["n": value])) == value)
    }

    @Test func `the whole body may be absent`() throws {
        #expect(try render(try text("${cursor}"), TemplateContext()) == nil)
    }

    @Test func `templates of a body are found`() throws {
        let body = JSONTemplate.array([
            .literal("1"), .object([("a", try text("${cursor}"))]), try text("${page.size}"),
        ])
        #expect(body.templates.flatMap(\.placeholders).map(\.subject) == [.cursor, .page(.size)])
    }
}
