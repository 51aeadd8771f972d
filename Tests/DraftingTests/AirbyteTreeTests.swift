import PullcordDrafting
import PullcordModel
import PullcordTestSupport
import Testing

/// References, parameters, parents and lists of manifests, and manifests that are broken.
@Suite
struct AirbyteTreeTests {
    private static let tree = """
        type: DeclarativeSource
        definitions:
          selector: { type: RecordSelector, extractor: { type: DpathExtractor, field_path: ["{{ parameters['at'] }}"] } }
          requester:
            type: HttpRequester
            url_base: "https://api.example.com"
            authenticator: { type: NoAuth }
          retriever: { type: SimpleRetriever, requester: { $ref: "#/definitions/requester" }, record_selector: { $ref: "#/definitions/selector" } }
          base: { type: DeclarativeStream, primary_key: id, retriever: { $ref: "#/definitions/retriever" } }
          projects:
            $ref: "#/definitions/base"
            $parameters: { name: projects, path: /projects, at: items }
          issues:
            $ref: "#/definitions/base"
            $parameters: { name: issues, path: "/projects/{{ stream_partition.project }}/issues", at: issues }
            retriever:
              $ref: "#/definitions/retriever"
              partition_router:
                type: SubstreamPartitionRouter
                parent_stream_configs: [{ type: ParentStreamConfig, parent_key: id, partition_field: project, stream: { $ref: "#/definitions/projects" } }]
          comments:
            $ref: "#/definitions/base"
            $parameters: { name: comments, path: "/projects/{{ stream_slice.parent_slice.project }}/issues/{{ stream_slice['issue'] }}", at: comments }
            transformations: [{ type: AddFields, fields: [{ path: [issue_id], value: "{{ stream_partition['issue'] }}" }] }]
            retriever:
              $ref: "#/definitions/retriever"
              partition_router:
                type: SubstreamPartitionRouter
                parent_stream_configs: [{ parent_key: id, partition_field: issue, stream: "#/definitions/issues" }]
          states:
            $ref: "#/definitions/base"
            $parameters: { name: states, path: /states, at: items }
            retriever:
              $ref: "#/definitions/retriever"
              partition_router: { type: ListPartitionRouter, values: [open, closed], cursor_field: state, request_option: { inject_into: request_parameter, field_name: state } }
          repos:
            $ref: "#/definitions/base"
            $parameters: { name: repos, path: "/repos/{{ stream_partition.repo }}", at: items }
            retriever:
              $ref: "#/definitions/retriever"
              partition_router: { type: ListPartitionRouter, values: "{{ config['repos'] }}", cursor_field: repo }
        streams: ["#/definitions/comments", "#/definitions/states", "#/definitions/repos"]

        """

    @Test func `parents come along, and what their children need of those above them`() throws {
        let conversion = try Drafted.manifest(Self.tree)
        let text = conversion.draft.text
        #expect(
            conversion.draft.streams.map(\.name) == [
                "projects", "issues", "comments", "states_open", "states_closed", "repos",
            ])
        for words in [
            "records: .items", "path: /projects", "stream: projects", "project: .id",
            "\"/projects/${parent.project}/issues\"", "include: [project]",
            "parent_slice_project: .parent.project",
            "\"/projects/${parent.parent_slice_project}/issues/${parent.issue}\"",
            "include: [issue]",
            "state: open", "state: closed", "\"/repos/${params.repos}\"",
        ] where !(words == "path: /projects") {
            #expect(text.contains(words), "\(words) in \(text)")
        }
        #expect(Drafted.complaints(in: text) == [])
        #expect(
            conversion.leftovers.allSatisfy { $0.weight == .changed }, "\(conversion.leftovers)")
    }

    @Test(
        arguments: [
            ("#/definitions/nothing", "leads nowhere"), ("#/streams/0", "leads back to itself"),
        ])
    func `references that lead nowhere or back are told of`(pointer: String, reason: String) throws
    {
        let text = Drafted.text().replacing(
            "  - type: DeclarativeStream\n",
            with: "  - $ref: \"\(pointer)\"\n    type: DeclarativeStream\n")
        let conversion = try Drafted.manifest(text)
        #expect(
            conversion.leftovers.contains { $0.reason.contains(reason) }, "\(conversion.leftovers)")
    }

    @Test func `references that multiply end at a bound`() throws {
        var text = "definitions:\n  a0: [1, 1, 1, 1]\n"
        for level in 1...30 {
            let one = "{ $ref: \"#/definitions/a\(level - 1)\" }"
            text += "  a\(level): [\(one), \(one), \(one), \(one)]\n"
        }
        text += "streams: [{ $ref: \"#/definitions/a30\" }]\n"
        let conversion = try Drafted.manifest(text)
        #expect(conversion.draft.streams.isEmpty)
        #expect(conversion.leftovers.contains { $0.reason.contains("grow beyond") })
    }

    @Test(arguments: [
        ("a: 1", "manifest_streams"), ("", "yaml_empty"), ("streams: [", "yaml_syntax"),
    ])
    func `what is no manifest is refused`(text: String, code: String) {
        #expect(throws: Problem(code: code, message: "")) { try Drafted.manifest(text) }
    }

    @Test(
        arguments: [
            "{{", "{{ }}", "{{ a b }}", "{{ config[ }}", "{{ config['x' }}", "{{ 'x }}",
            "{{ a.b.c }}",
            "{{ config }}", "{{ (((((( }}", "{{ a | }}", "{{ a is }}", "{{ {1:2, }} }}",
            "{{ a[1:2] }}",
            "{{ config.get() }}", "{{ now_utc().strftime() }}", "{{ 1 / 0 }}", "{{ \\ }}",
            "{{ not not not x }}", "{% for x in y %}", "{# c #}", "}}", "{{ config['x'] }} {{",
        ])
    func `a template that is not understood is left out, never guessed`(template: String) throws {
        let quoted = template.replacing("'", with: "''")
        let conversion = try Drafted.stream(
            requester: "request_parameters: { s: '\(quoted)', t: u }")
        #expect(conversion.draft.text.contains("t: u"))
        #expect(Drafted.complaints(in: conversion.draft.text) == [])
    }

    @Test func `deep templates end at a bound`() throws {
        let deep =
            "{{ " + String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000)
            + " }}"
        let conversion = try Drafted.stream(requester: "request_parameters: { s: '\(deep)' }")
        #expect(
            conversion.leftovers.contains {
                $0.reason.contains("deep") || $0.reason.contains("long")
            })
    }
}

/// Inputs broken at random never trap, and what comes of them always passes check.
@Suite
struct DraftMutationTests {
    private static let pieces = [
        "{", "}", "[", "]", ": ", "- ", "\n", "  ", "\"", "'", "${", "{{", "}}", "|", "null",
        "true", "-1",
        "99999999999999999999", "1e999", "é😀", "*a", "&a ", "#", "%", "$ref: '#/streams/0'", ".inf",
        "\t", ",",
        "{{ config['x'] }}", "<", ">", "\u{0}",
    ].map { Array($0.utf8) }

    private static func mutated(_ text: String, _ random: inout SeededRandom) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0...Int.random(in: 0...4, using: &random) where bytes.count > 20 {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            let end = min(bytes.count, index + Int.random(in: 0..<12, using: &random))
            let piece = pieces.randomElement(using: &random) ?? []
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.insert(contentsOf: piece, at: index)
            case 1: bytes.replaceSubrange(index..<end, with: piece)
            case 2: bytes.removeSubrange(index..<end)
            default: bytes.insert(contentsOf: Array(bytes[index..<end]), at: index)
            }
        }
        return bytes
    }

    @Test(arguments: [UInt64(1), 2])
    func `answers`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let rows = APIGuessTests.shapes + APIGuessTests.pages
        var drafted = 0
        for round in 0..<1200 {
            let row = rows[round % rows.count]
            let answer = SampleAnswer(
                url: row.url, status: 200, headers: row.headers.map { (name: $0.0, value: $0.1) },
                body: Self.mutated(row.body, &random))
            guard var guess = try? APIGuess(answer, DraftChoices()) else { continue }
            for probe in guess.probes { guess.learn(probe, answer) }
            var draft = guess.draft
            let origin = Place(file: "x", line: 1, column: 1)
            _ = draft.settle(from: origin, check: Drafted.complaints(in:))
            guard !draft.streams.isEmpty else { continue }
            drafted += 1
            #expect(Drafted.complaints(in: draft.text) == [], "\(draft.text)")
        }
        #expect(drafted > 200)
    }

    @Test(arguments: [UInt64(3), 4])
    func `manifests`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let rows = AirbyteTests.auth + AirbyteTests.pages + AirbyteTests.cursors
        var drafted = 0
        for round in 0..<600 {
            let row = rows[round % rows.count]
            let text = Drafted.text(row.requester, row.retriever, row.stream, row.selector)
            let bytes = Self.mutated(text, &random)
            guard let conversion = try? Drafted.manifest(String(decoding: bytes, as: UTF8.self)),
                !conversion.draft.streams.isEmpty
            else { continue }
            drafted += 1
            #expect(Drafted.complaints(in: conversion.draft.text) == [], "\(conversion.draft.text)")
        }
        #expect(drafted > 50)
    }
}
