import PullcordAdapter
import PullcordModel
import PullcordPoll
import PullcordTransfer
import Testing

/// Rules about answers that are no JSON.
@Suite struct ReadAnswerTests {
    private static let envelope = """
        <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%</s:Body></s:Envelope>
        """
    private static let fault = envelope.replacing(
        "%", with: "<s:Fault><faultcode>s:Client.Busy</faultcode></s:Fault>")

    struct Row: Sendable, CustomTestStringConvertible {
        let format: FormatSpec.Kind
        let type: String
        let body: String
        let condition: String
        let holds: Bool

        init(
            _ format: FormatSpec.Kind, _ type: String, _ body: String, _ condition: String,
            _ holds: Bool
        ) {
            self.format = format
            self.type = type
            self.body = body
            self.condition = condition
            self.holds = holds
        }

        var testDescription: String { "\(format): \(condition) of \(body)" }
    }

    static let rows = [
        Row(.xml, "text/xml", "<r><ok>false</ok></r>", #".r.ok == "false""#, true),
        Row(.xml, "text/xml", "<r><ok>true</ok></r>", #".r.ok == "false""#, false),
        Row(.xml, "application/json", #"{"error":"x"}"#, #".error == "x""#, true),
        Row(.xml, "text/html", "<h1>Bad gateway", ".h1", false),
        Row(.soap, "text/xml", fault, #".Fault.faultcode | endswith("Busy")"#, true),
        Row(
            .soap, "text/xml", envelope.replacing("%", with: "<m><State>1</State></m>"),
            #".m.State == "1""#, true),
        Row(.csv, "text/csv", "id,error\n1,none\n", #".[0].error == "none""#, true),
        Row(.csv, "text/csv", "id\n1\n", ".[0].error", false),
        Row(.csv, "text/plain", #"{"error": "too many"}"#, ".error", true),
        Row(.ndjson, "application/x-ndjson", #"{"error":1}"#, ".[0].error == 1", true),
        Row(
            .ndjson, "application/x-ndjson", #"{"id":1}"# + "\n" + #"{"id":2}"#, "length == 2", true
        ),
        Row(
            .rss, "application/rss+xml", "<rss><channel><title>T</title></channel></rss>",
            #".title == "T""#, true),
        Row(.headers, "text/plain", "", #".["x-error"] == "quota""#, true),
        Row(.headers, "application/json", #"{"x-error":1}"#, #".["x-error"] == 1"#, false),
    ]

    private static func step(_ row: Row, _ answers: AnswersSpec) throws -> (
        PollMachine, PollMachine.Step
    ) {
        var machine = try PollFixture.machine(
            PollFixture.plan(answers: answers, format: FormatSpec(row.format)))
        let step = machine.status(
            200, [HTTPField("Content-Type", row.type), HTTPField("X-Error", "quota")],
            body: row.body)
        return (machine, step)
    }

    @Test(arguments: rows)
    func `a rule sees what the format makes of the answer`(row: Row) throws {
        let rule = AnswerRuleSpec(
            condition: PollFixture.expression(row.condition), meaning: .stop,
            place: PollFixture.place)
        let (machine, step) = try Self.step(row, AnswersSpec(rules: [rule]))
        #expect((machine.ruling != nil) == row.holds)
        if row.holds { #expect(step.isComplete) }
    }

    @Test(
        arguments: [
            (FormatSpec.Kind.xml, "<list/>", ".list != null", true),
            (.xml, "<login/>", ".list != null", false),
            (.csv, "id\n1\n", ".[0].id", true), (.csv, "message\nmaintenance\n", ".[0].id", false),
            (.soap, envelope.replacing("%", with: "<A><B>1</B></A>"), ".A.B", true),
            (.soap, envelope.replacing("%", with: "<A/>"), ".A.B", false),
            (.ndjson, #"{"id":1}"#, ".[0].id", true), (.ndjson, #"{"no":1}"#, ".[0].id", false),
            (.headers, "", #".["x-error"]"#, true), (.headers, "", ".etag", false),
        ])
    func `a page is what is expected of it in its format`(
        format: FormatSpec.Kind, body: String, path: String, fits: Bool
    ) throws {
        let types: [FormatSpec.Kind: String] = [.csv: "text/csv", .ndjson: "application/x-ndjson"]
        let row = Row(format, types[format] ?? "text/xml", body, "", fits)
        let expected = ExpectSpec(path: PollFixture.expression(path))
        let (_, step) = try Self.step(row, AnswersSpec(expected: expected))
        #expect(step.isRead == fits)
        #expect((step.pause != nil) == !fits)
    }

    @Test func `what is not of the format is left to its reader, which knows the line`() throws {
        let expected = ExpectSpec(path: PollFixture.expression(".list"))
        let row = Row(.xml, "text/xml", "<list><cut", "", true)
        #expect(try Self.step(row, AnswersSpec(expected: expected)).1.isRead)
    }

    @Test func `a rule's message and wait come from the same`() throws {
        let rule = AnswerRuleSpec(
            condition: PollFixture.expression(".e.code"), meaning: .retry,
            wait: .stated(ValueReading(.body(PollFixture.expression(".e.wait")), as: .seconds)),
            message: PollFixture.expression(".e.text"), place: PollFixture.place)
        let body = "<e><code>7</code><wait>9</wait><text>come again</text></e>"
        let row = Row(.xml, "text/xml", body, "", true)
        let (_, step) = try Self.step(row, AnswersSpec(rules: [rule]))
        #expect(step.pause == .seconds(9))
    }
}
