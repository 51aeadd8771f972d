import PullcordJSON
import Testing

@Suite struct JSONPatchTests {
    /// A document, a patch, and what becomes of the one by the other.
    struct Row: Sendable, CustomTestStringConvertible {
        let document: String
        let patch: String
        let wanted: String

        init(_ document: String, _ patch: String, _ wanted: String) {
            self.document = document
            self.patch = patch
            self.wanted = wanted
        }

        var testDescription: String { "\(document) \(patch)" }
    }

    static let rows: [Row] = [
        Row("{}", "[]", "{}"),
        Row("{}", #"[{"op":"add","path":"/a","value":1.50}]"#, #"{"a":1.50}"#),
        Row(#"{"a":1}"#, #"[{"op":"add","path":"/a","value":2}]"#, #"{"a":2}"#),
        Row(#"{"a":1}"#, #"[{"op":"add","path":"","value":[null]}]"#, "[null]"),
        Row("[1,3]", #"[{"op":"add","path":"/1","value":2}]"#, "[1,2,3]"),
        Row("[1]", #"[{"op":"add","path":"/1","value":2}]"#, "[1,2]"),
        Row("[]", #"[{"op":"add","path":"/-","value":[]}]"#, "[[]]"),
        Row(
            #"{"a":[{}]}"#, #"[{"op":"add","path":"/a/0/b","value":true}]"#, #"{"a":[{"b":true}]}"#),
        Row("{}", #"[{"op":"add","path":"/","value":0}]"#, #"{"":0}"#),
        Row(#"{"a":1,"b":2}"#, #"[{"op":"remove","path":"/a"}]"#, #"{"b":2}"#),
        Row("[1,2,3]", #"[{"op":"remove","path":"/1"}]"#, "[1,3]"),
        Row(#"{"a":{"b":1}}"#, #"[{"op":"remove","path":"/a/b"}]"#, #"{"a":{}}"#),
        Row(#"{"a":1}"#, #"[{"op":"replace","path":"/a","value":null}]"#, #"{"a":null}"#),
        Row("[1,2]", #"[{"op":"replace","path":"/1","value":"x"}]"#, #"[1,"x"]"#),
        Row("1", #"[{"op":"replace","path":"","value":{}}]"#, "{}"),
        Row(
            #"{"a":{"x":1},"b":{}}"#, #"[{"op":"move","from":"/a/x","path":"/b/y"}]"#,
            #"{"a":{},"b":{"y":1}}"#),
        Row("[1,2,3]", #"[{"op":"move","from":"/0","path":"/2"}]"#, "[2,3,1]"),
        Row("[1,2]", #"[{"op":"move","from":"/0","path":"/-"}]"#, "[2,1]"),
        Row(#"{"a":1}"#, #"[{"op":"move","from":"/a","path":"/a"}]"#, #"{"a":1}"#),
        Row(#"{"a":[1]}"#, #"[{"op":"copy","from":"/a","path":"/b"}]"#, #"{"a":[1],"b":[1]}"#),
        Row("[[1]]", #"[{"op":"copy","from":"/0","path":"/0/0"}]"#, "[[[1],1]]"),
        Row("[1]", #"[{"op":"test","path":"/0","value":1.0e0}]"#, "[1]"),
        Row(#"{"a":"é"}"#, #"[{"op":"test","path":"/a","value":"\u00e9"}]"#, #"{"a":"é"}"#),
        Row(
            #"{"a":{"x":1,"y":[2]}}"#, #"[{"op":"test","path":"/a","value":{"y":[2],"x":1}}]"#,
            #"{"a":{"x":1,"y":[2]}}"#),
        Row("[]", #"[{"op":"test","path":"","value":[],"note":"left alone"}]"#, "[]"),
        Row(
            #"{"e\u0301":1}"#, #"[{"op":"add","path":"/é","value":2}]"#, #"{"e\u0301":1,"é":2}"#),
        Row(
            #"{"n":9007199254740993.10}"#, #"[{"op":"move","from":"/n","path":"/m"}]"#,
            #"{"m":9007199254740993.10}"#),
    ]

    private func applied(_ document: String, _ patch: String) throws -> JSONValue {
        try JSONPatch(try JSONValue(parsing: patch)).applied(
            to: try JSONValue(parsing: document))
    }

    @Test(arguments: rows)
    func `each operation does what RFC 6902 says`(_ row: Row) throws {
        #expect(try applied(row.document, row.patch) == JSONValue(parsing: row.wanted))
    }

    @Test func `operations are applied one after the other`() throws {
        let patch = """
            [{"op":"add","path":"/a","value":[]},{"op":"add","path":"/a/-","value":1},
             {"op":"copy","from":"/a/0","path":"/a/-"},{"op":"test","path":"/a","value":[1,1]}]
            """
        #expect(try applied("{}", patch) == JSONValue(parsing: #"{"a":[1,1]}"#))
    }

    @Test(arguments: [
        ("{}", #"[{"op":"remove","path":"/a"}]"#, JSONPatch.Failure.Code.missing),
        ("[1]", #"[{"op":"remove","path":"/1"}]"#, .missing),
        ("[1]", #"[{"op":"remove","path":"/-"}]"#, .missing),
        ("{}", #"[{"op":"replace","path":"/a","value":1}]"#, .missing),
        ("{}", #"[{"op":"add","path":"/a/b","value":1}]"#, .missing),
        ("[]", #"[{"op":"add","path":"/1","value":1}]"#, .missing),
        ("[1]", #"[{"op":"add","path":"/00","value":1}]"#, .missing),
        ("[1]", #"[{"op":"add","path":"/x","value":1}]"#, .missing),
        ("1", #"[{"op":"add","path":"/a","value":1}]"#, .missing),
        ("{}", #"[{"op":"move","from":"/a","path":"/b"}]"#, .missing),
        (#"{"a":{}}"#, #"[{"op":"move","from":"/a","path":"/a/b"}]"#, .missing),
        ("{}", #"[{"op":"copy","from":"/a","path":"/b"}]"#, .missing),
        ("{}", #"[{"op":"test","path":"/a","value":null}]"#, .missing),
        (#"{"a":1}"#, #"[{"op":"test","path":"/a","value":"1"}]"#, .differs),
        ("[1,2]", #"[{"op":"test","path":"","value":[2,1]}]"#, .differs),
        (#"{"a":null}"#, #"[{"op":"test","path":"","value":{}}]"#, .differs),
        ("\"e\\u0301\"", #"[{"op":"test","path":"","value":"é"}]"#, .differs),
        ("{}", "{}", .malformed), ("{}", "[1]", .malformed), ("{}", "[{}]", .malformed),
        ("{}", #"[{"op":"spread","path":"/a"}]"#, .malformed),
        ("{}", #"[{"op":"add","path":"/a"}]"#, .malformed),
        ("{}", #"[{"op":"add","value":1}]"#, .malformed),
        ("{}", #"[{"op":"add","path":"a","value":1}]"#, .malformed),
        ("{}", #"[{"op":"add","path":1,"value":1}]"#, .malformed),
        ("{}", #"[{"op":"copy","path":"/a"}]"#, .malformed),
        ("{}", #"[{"op":"move","path":"/a","from":null}]"#, .malformed),
    ])
    func `what cannot be done is refused by name and changes nothing`(
        _ document: String, _ patch: String, _ wanted: JSONPatch.Failure.Code
    ) throws {
        let error = #expect(throws: JSONPatch.Failure.self) { try applied(document, patch) }
        #expect(error?.code == wanted && error?.operation == 0)
    }

    @Test func `a failure names the operation that failed`() {
        let patch = #"[{"op":"add","path":"/a","value":1},{"op":"remove","path":"/b"}]"#
        let error = #expect(throws: JSONPatch.Failure.self) { try applied("{}", patch) }
        #expect(error?.operation == 1)
    }
}
