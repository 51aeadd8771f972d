import PullcordAdapter
import PullcordConfig
import PullcordModel
import Testing

/// Mistakes in adapters that run programs.
@Suite
struct WrongExecTests {
    private static func check(_ adapter: String, _ bridge: String? = nil) -> [String] {
        var files = ["a.yaml": adapter]
        files["pullcord.yaml"] = bridge
        let report = Fixture(files: files).loader.check(
            [bridge == nil ? "a.yaml" : "pullcord.yaml"], environment: [:], looksForPrograms: true)
        return report.diagnostics.map { "\($0.place.line):\($0.place.column) \($0.code)" }
    }

    /// The line of `exec`, the line of the stream, and the one complaint.
    private static let rows: [(exec: String, stream: String, complaint: String?)] = [
        ("{ command: [./x] }", "{ key: .id }", nil),
        ("{ command: [./x, [-a, \"${cursor}\"]] }", "{ key: .id, cursor: { from: .at } }", nil),
        ("{ command: [./x], protocol: singer, config: { a: 1 } }", "{}", nil),
        ("{ command: [./x], protocol: singer }", "{ detect: snapshot, key: [.a, .b] }", nil),
        ("{}", "{ key: .id }", "3:7 key_missing"),
        ("{ command: [] }", "{ key: .id }", "3:18 value_empty"),
        ("{ command: ./x }", "{ key: .id }", "3:18 type_mismatch"),
        ("{ command: [\"${params.p}\"] }", "{ key: .id }", "3:20 program_variable"),
        ("{ command: [./x], args: [a] }", "{ key: .id }", "3:25 key_unknown"),
        ("{ command: [./x], timeout: 2d }", "{ key: .id }", "3:34 value_out_of_range"),
        (
            "{ command: [./x], environment: { TMPDIR: a } }", "{ key: .id }",
            "3:48 variable_name"
        ),
        ("{ command: [./x], environment: { a-b: a } }", "{ key: .id }", "3:45 variable_name"),
        ("{ command: [./x], config: { a: 1 } }", "{ key: .id }", "3:25 key_misplaced"),
        (
            "{ command: [./x], protocol: singer, stdin: a }", "{}", "3:43 key_misplaced"
        ),
        ("{ command: [./x] }", "{ key: .id, request: /a }", "5:18 key_misplaced"),
        ("{ command: [./x] }", "{}", "5:6 key_missing"),
        ("{ command: [./x] }", "{ key: .id, exec: { tap_stream: a } }", "5:26 key_misplaced"),
        (
            "{ command: [./x], protocol: singer }", "{ cursor: { from: .at } }",
            "5:8 key_misplaced"
        ),
        ("{ command: [./x, \"${page.number}\"] }", "{ key: .id }", "3:25 page_value_missing"),
        ("{ command: [./x, \"${cursor}\"] }", "{ key: .id }", "3:25 cursor_missing"),
    ]

    @Test(arguments: [
        ("parent: { stream: s }", "the id of the one above it"),
        ("detail: { request: /a }", "each record in full"),
    ])
    func `what a program has to do itself is said`(key: String, hint: String) {
        let adapter = """
            adapter: a
            exec: { command: [./x] }
            streams:
              s: { key: .id }
              t: { key: .id, \(key) }
            """
        let report = Fixture(files: ["a.yaml": adapter]).loader.check(["a.yaml"], environment: [:])
        let found = report.diagnostics.first { $0.code == "key_misplaced" }
        #expect(found?.hint.contains(hint) == true, "\(report.text())")
    }

    @Test(arguments: rows.indices)
    func `each has its complaint and place`(index: Int) {
        let (exec, stream, complaint) = Self.rows[index]
        let adapter = """
            adapter: a
            params: { p: { default: x } }
            exec: \(exec)
            streams:
              s: \(stream)
            """
        let found = Self.check(adapter).filter { !$0.contains("parameter_unused") }
        #expect(found == [complaint].compactMap { $0 })
    }

    @Test func `a secret among arguments is warned of`() {
        let adapter = """
            adapter: a
            params: { p: secret }
            exec: { command: [./x, "--token=${params.p}"] }
            streams: { s: { key: .id } }
            """
        #expect(Self.check(adapter) == ["3:33 secret_in_arguments"])
    }

    private static let adapter = """
        adapter: a
        exec: { command: [./x] }
        streams: { s: { key: .id } }
        """

    private static func bridge(_ more: String) -> String {
        """
        sources: [{ name: s, adapter: a, every: 60s }]
        \(more)
        """
    }

    @Test func `only what the bridge file allows may run`() {
        #expect(
            Self.check(Self.adapter, Self.bridge("store: sqlite:p.db"))
                .contains("1:31 program_not_allowed"))
        #expect(
            Self.check(Self.adapter, Self.bridge("programs: { allow: [b] }"))
                .contains("1:31 program_not_allowed"))
        #expect(
            !Self.check(Self.adapter, Self.bridge("programs: { allow: [a] }"))
                .contains("1:31 program_not_allowed"))
    }

    @Test func `a program that is not there is an error to those who ask, else a warning`() {
        var checkers = Fixture.checkers
        checkers.programs = ProgramChecker { name, _ in "there is no \(name)" }
        let files = ["a.yaml": Self.adapter]
        let loader = Loader(
            checkers: checkers,
            files: FileAccess(
                read: { files[$0].map { .bytes(Array($0.utf8)) } ?? .missing }, list: { _ in [] }))
        let asked = loader.check(["a.yaml"], environment: [:], looksForPrograms: true)
        #expect(asked.diagnostics.map(\.code) == ["program_missing"])
        #expect(asked.hasErrors)
        let offline = loader.check(["a.yaml"], looksForPrograms: true)
        #expect(offline.diagnostics.map(\.code) == ["program_missing"])
        #expect(!offline.hasErrors)
        // What is posted from elsewhere learns nothing of this machine.
        #expect(loader.check(["a.yaml"], environment: [:]).diagnostics.isEmpty)
    }

    @Test func `a command that is taken over runs where it was written`() throws {
        let files = [
            "base/base.yaml": """
            adapter: base
            exec: { command: [./x], environment: { A: a } }
            streams: { s: { key: .id } }
            """,
            "a.yaml": """
            adapter: a
            extends: base/base.yaml
            exec: { environment: { B: b } }
            """,
        ]
        let spec = try Fixture(files: files).loader.adapter("a.yaml").get()
        #expect(spec.origin.program?.folder == "base")
        #expect(spec.origin.program?.environment.map(\.name) == ["A", "B"])
    }
}
