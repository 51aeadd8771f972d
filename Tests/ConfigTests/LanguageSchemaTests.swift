import Foundation
import PullcordConfig
import PullcordJSON
import PullcordTestSupport
import Testing

/// The schema, held against files by a validator that nobody here wrote: Python's jsonschema.
@Suite
struct LanguageSchemaTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Ends with 0 if each file fits, with 1 if one does not, and with more if it cannot tell.
    private static let validator = """
        import json, sys, yaml
        from jsonschema import Draft202012Validator
        schema = json.load(open(sys.argv[1]))
        Draft202012Validator.check_schema(schema)
        judge = Draft202012Validator(schema)
        class Loader(yaml.SafeLoader): pass
        # YAML 1.2 knows no times: they are texts.
        Loader.yaml_implicit_resolvers = {
            first: [(tag, rule) for tag, rule in rules if not tag.endswith(":timestamp")]
            for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()}
        wrong = 0
        for path in sys.argv[2:]:
            for error in judge.iter_errors(yaml.load(open(path), Loader)):
                print(path, list(error.path), error.message[:200])
                wrong = 1
        sys.exit(wrong)
        """

    private static func validate(
        _ document: LanguageSchema.Document, _ files: [String]
    ) throws -> Int32 {
        let schema = FileManager.default.temporaryDirectory
            .appending(path: "schema-\(UUID().uuidString).json")
        try Data(LanguageSchema.of(document).serialized).write(to: schema)
        defer { try? FileManager.default.removeItem(at: schema) }
        return PythonScript.run(validator, [schema.path] + files)
    }

    private static func file(_ text: String) throws -> String {
        let file = FileManager.default.temporaryDirectory
            .appending(path: "sample-\(UUID().uuidString).yaml")
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }

    @Test func `every adapter there is fits it`() throws {
        let folder = Self.root.appending(path: "adapters").path
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".yaml") }
        #expect(names.count >= 4)
        #expect(try Self.validate(.adapter, names.map { "\(folder)/\($0)" }) == 0)
    }

    @Test func `every test of an adapter fits it`() throws {
        let folder = Self.root.appending(path: "adapters/tests").path
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".yaml") }
        #expect(names.count >= 4)
        #expect(try Self.validate(.test, names.map { "\(folder)/\($0)" }) == 0)
    }

    @Test(
        arguments: [
            "adapter: a", "adapter: a\ncases: [{ polls: [] }]",
            "adapter: a\ncases: [{ case: b, polls: [{ exchanges: [{ get: /x }] }] }]",
            "adapter: a\ncases: [{ case: b, polls: [{ events: [{ upserted: 1 }] }] }]",
            "adapter: a\ncases: [{ case: b, fake: [{ list: /x, pages: { by: x } }], polls: [] }]",
        ])
    func `a wrong test file does not fit it`(text: String) throws {
        let file = try Self.file(text)
        defer { try? FileManager.default.removeItem(atPath: file) }
        #expect(try Self.validate(.test, [file]) == 1)
    }

    @Test(
        arguments: [
            "adapter: a\nextends: b",
            "adapter: a\nextends: b\nparams: { p: null }\nstreams: { s: null, t: { key: .no } }",
            "adapter: a\ndefaults: { key: .id }\nstreams: { s: { request: /x } }",
            "adapter: a\nstreams: { s: { request: /x, format: rss } }",
            "adapter: a\nstreams: { s: { request: /x, format: { atom: { content_type: any } } } }",
            "adapter: a\nexec: { command: [x] }\nstreams: { s: { key: .id } }",
            "adapter: a\nexec: { command: [x], protocol: singer }\nstreams: { s: {} }",
            "adapter: a\nswift: x\nstreams: { s: { key: .id } }",
        ])
    func `an adapter fits it that leaves to others what they say`(text: String) throws {
        let file = try Self.file(text)
        defer { try? FileManager.default.removeItem(atPath: file) }
        #expect(try Self.validate(.adapter, [file]) == 0)
    }

    @Test func `a bridge file fits it`() throws {
        let file = try Self.file(
            """
            store: sqlite:x.db
            network: { allow: [loopback, 10.0.0.0/8] }
            sources:
              - name: a
                adapter: orders
                with: { key: "${env.KEY}", page: 3, debug: true }
                cron: "*/5 8-18 * * mon-fri"
                zone: Europe/Berlin
                window: ["mon-fri 08:00-18:00"]
                max_delete: 50%
            subscriptions:
              - name: t
                url: https://t.example
                events: ["orders.*"]
                secret: "${env.SECRET}"
                retry: [5s, 1m30s]
              - { name: u, url: https://u.example, secret: x, retry: { first: 5s, factor: 2 } }
            """)
        defer { try? FileManager.default.removeItem(atPath: file) }
        #expect(try Self.validate(.bridge, [file]) == 0)
    }

    @Test(
        arguments: [
            "streams: {}", "adapter: A\nstreams: {}",
            "adapter: a\nstreams: { s: { request: /x } }",
            "adapter: a\nstreams: { s: { format: rss } }",
            "adapter: a\nstreams: { s: { key: .id } }",
            "adapter: a\nstreams: { s: { key: .id, request: /x }, t: { key: .id } }",
            "adapter: a\nexec: { command: [x] }\nstreams: { s: { summary: t } }",
            "adapter: a\nexec: { command: [x], protocol: ndjson }\nstreams: { s: {} }",
            "adapter: a\nswift: x\nstreams: { s: {} }",
            "adapter: a\nextends: b\nstreams: { s: { kye: .id } }",
            "adapter: a\nstreams: { s: { request: /x, format: xml } }",
            "adapter: a\nstreams: { s: { request: /x, format: { csv: {} } } }",
            "adapter: a\nstreams: { s: { request: /x, key: .id, kye: 1 } }",
            "adapter: a\nstreams: { s: { request: /x, key: .id, pages: { size: 0 } } }",
            "adapter: a\nstreams: { s: { request: /x, key: .id, max_delete: 20 } }",
            "adapter: a\nstreams: { s: { request: /x, key: .id, first: never } }",
            "adapter: a\nlimits: { timeout: 60 }\nstreams: { s: { request: /x, key: .id } }",
        ])
    func `what check refuses for its shape does not fit it`(text: String) throws {
        let file = try Self.file(text)
        defer { try? FileManager.default.removeItem(atPath: file) }
        #expect(try Self.validate(.adapter, [file]) == 1)
    }

    @Test(arguments: [LanguageSchema.Document.adapter, .bridge])
    func `every reference leads to a definition`(document: LanguageSchema.Document) throws {
        let schema = LanguageSchema.of(document)
        let text = String(decoding: schema.serialized, as: UTF8.self)
        guard case .object(let definitions)? = schema["$defs"] else {
            Issue.record("there are no definitions")
            return
        }
        let names = Set(definitions.map(\.key))
        #expect(names.count == definitions.count)
        let references = text.components(separatedBy: ##""$ref":"#/$defs/"##).dropFirst()
            .map { String($0.prefix { $0 != "\"" }) }
        #expect(!references.isEmpty)
        #expect(references.allSatisfy { names.contains($0) })
    }
}
