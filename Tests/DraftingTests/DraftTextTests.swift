import PullcordDrafting
import PullcordModel
import PullcordTestSupport
import PullcordYAML
import Testing

/// What is written as YAML is read as what was meant.
@Suite
struct DraftTextTests {
    private static func draft(_ text: String) -> AdapterDraft {
        var draft = AdapterDraft(name: "sample")
        draft.entries = [
            DraftEntry("summary", .text(text)),
            DraftEntry("flow", .map([DraftEntry(text, .list([.text(text)]))])),
        ]
        draft.streams = [DraftStream(name: "things", entries: [DraftEntry("key", .text(text))])]
        return draft
    }

    private static func texts(in yaml: String) throws -> [String?] {
        let root = try YAMLDocument.parse(Array(yaml.utf8), file: "draft.yaml").root
        let flow = root["flow"]?.mapping?.first
        let scalars = [
            root["summary"]?.scalar, flow?.value.sequence?.first?.scalar,
            root["streams"]?["things"]?["key"]?.scalar,
        ]
        return scalars.map { $0?.kind == .string ? $0?.text : nil } + [flow?.key.text]
    }

    @Test(
        arguments: [
            "", " ", "a", ".", "..", "...", ".id", ".a[0].b", #".["a b"]"#, "null", "Null", "true",
            "yes", "no", "on", "~", "1", "-1", "1.5", "0x1f", "1e3", ".5", ".inf", ".nan", "- a",
            "a: b", "a:", ":a", "a #b", "#a", "a\nb", "a\n", "\ta", "'a'", "\"a\"", "a\"b'c\\d",
            "{ a }", "[a, b]", "a, b", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a`", "?", "? a",
            "-", "--- ", "---", "${params.key}", "$${x}", "a | b", "/a/b?c=d&e=f", "é", "😀",
            "\u{0}", "\u{7F}", "\u{85}", "\u{2028}", "\u{202E}x", "\u{FEFF}", "\u{1B}[31m",
            "2024-01-01", "a--b", "a - b", "key: value # comment", "\u{FFFE}x", "a\r\nb",
        ])
    func `any text comes back as it was`(text: String) throws {
        #expect(try Self.texts(in: Self.draft(text).text) == [text, text, text, text])
    }

    @Test func `ten thousand random texts come back as they were`() throws {
        var random = SeededRandom(seed: 20_261_129)
        let alphabet = Array(" abc.:#-'\"\\{}[],&*!|>%@`?~$0123\n\t=/é\u{85}\u{2028}😀").map { $0 }
        for _ in 0..<10_000 {
            let count = Int.random(in: 0...12, using: &random)
            let text = String(
                (0..<count).map { _ in alphabet.randomElement(using: &random) ?? "a" })
            #expect(try Self.texts(in: Self.draft(text).text) == [text, text, text, text])
        }
    }

    @Test func `a comment holds no line of its own`() throws {
        var draft = Self.draft("a")
        draft.head = ["first\nadapter: other", String(repeating: "word ", count: 100)]
        draft.streams[0].comments = ["x\u{1B}[31m\r\nstreams: {}"]
        let root = try YAMLDocument.parse(Array(draft.text.utf8), file: "draft.yaml").root
        #expect(root["adapter"]?.scalar?.text == "sample")
        #expect(root["streams"]?["things"] != nil)
        #expect(draft.text.split(separator: "\n").allSatisfy { $0.count <= 102 })
    }

    @Test(
        arguments: [
            ("Hello World", "hello-world", "Hello_World"), ("a.b/c", "a-b-c", "a_b_c"),
            ("--x--", "x", "x"), ("", "api", "records"), ("日本", "api", "records"),
            (
                String(repeating: "x", count: 99), String(repeating: "x", count: 64),
                String(repeating: "x", count: 64)
            ),
        ])
    func `names are made of what is there`(text: String, adapter: String, stream: String) {
        #expect(Names.adapter(text) == adapter)
        #expect(Names.stream(text) == stream)
    }

    @Test func `what check refuses is left out, with what depends on it`() {
        var draft = AdapterDraft(name: "sample")
        draft.entries = [
            DraftEntry(
                "params",
                .map([DraftEntry("a", .text("string")), DraftEntry("b", .text("string"))])),
            DraftEntry("base_url", .text("https://api.example.com")),
            DraftEntry("limits", .map([DraftEntry("budget", .text("many"))])),
        ]
        let request = { (path: String) in DraftEntry("request", .text(path)) }
        let key = DraftEntry("key", .text(".id"))
        draft.streams = [
            DraftStream(
                name: "good", entries: [request("/good/${params.a | default \"x\"}"), key]),
            DraftStream(
                name: "bad",
                entries: [
                    request("/bad/${params.b | default \"x\"}"), DraftEntry("key", .text("]")),
                ]),
            DraftStream(
                name: "child",
                entries: [
                    DraftEntry("parent", .map([DraftEntry("stream", .text("bad"))])),
                    request("/bad/${parent.key}"), key,
                ]),
        ]
        let origin = Place(file: "x.yaml", line: 3, column: 1)
        let leftovers = draft.settle(from: origin, check: Drafted.complaints(in:))
        #expect(draft.streams.map(\.name) == ["good"])
        #expect(Set(leftovers.map(\.subject)) == ["stream bad", "stream child", "limits"])
        #expect(!draft.text.contains("b: string"))
        #expect(draft.text.contains("a: string"))
        #expect(Drafted.complaints(in: draft.text).isEmpty)
    }
}
