import Glibc
import PullcordJQ
import PullcordJSON
import PullcordModel
import Testing

@Suite struct JQProgramTests {
    private func run(_ program: String, _ input: String = "null") throws -> [String] {
        try JQProgram(compiling: program).run(on: Array(input.utf8)).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    private func kept(_ program: String, _ input: String) throws -> [String]? {
        let bytes = Array(input.utf8)
        return try JQProgram(compiling: program).runKeepingBytes(on: bytes)?.map {
            String(decoding: bytes[$0], as: UTF8.self)
        }
    }

    /// They share what is compiled, and more than a few of them share several machines.
    @Test func `programs of one text work beside each other`() async throws {
        let programs = try (0..<300).map { _ in try JQProgram(compiling: ".shared_text + 1") }
        let results = await withTaskGroup(of: (Int, [[UInt8]]).self) { group in
            for (number, program) in programs.enumerated() {
                group.addTask {
                    let input = Array("{\"shared_text\":\(number)}".utf8)
                    return (number, (try? program.run(on: input)) ?? [])
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(results.count == 300)
        for (number, outputs) in results {
            #expect(outputs.map { String(decoding: $0, as: UTF8.self) } == ["\(number + 1)"])
        }
        #expect(throws: JQError.self) { try JQProgram(compiling: ".shared_text +") }
    }

    @Test(arguments: [
        (".a", #"{"a":1}"#, ["1"]), (".[]", "[1,2]", ["1", "2"]), ("empty", "1", []),
        ("{b: .a}", #"{"a":"é"}"#, [#"{"b":"é"}"#]), ("def f: .+1; f", "1", ["2"]),
        (".[] | select(.x > 1) | .x", #"[{"x":1},{"x":2}]"#, ["2"]), (". # c", "1", ["1"]),
        ("1 as $x | 2 as $y | $x + $y", "0", ["3"]),
        ("[.[] | tostring]", "[1,\"a\"]", [#"["1","a"]"#]),
        ("1000 | todate", "0", [#""1970-01-01T00:16:40Z""#]),
        ("\"a,b\" | index(\",\")", "0", ["1"]),
        ("\"abcb\" | [rindex(\"b\"), (indices(\"b\")|length)]", "0", ["[3,2]"]),
        (#""\u0000" | length"#, "0", ["1"]), ("try error(\"x\") catch .", "0", ["\"x\""]),
        ("\n.a\n", #"{"a":[]}"#, ["[]"]), ("{} | .a.b.c = 1", "0", [#"{"a":{"b":{"c":1}}}"#]),
        ("[limit(2; repeat(1))]", "0", ["[1,1]"]), ("debug | stderr", "7", ["7"]),
        (#"capture("(?<n>[a-z]+)").n"#, #""ab1""#, [#""ab""#]), ("inputs", "1", []),
    ])
    func `a program gives its outputs`(_ program: String, _ input: String, _ wanted: [String])
        throws
    {
        #expect(try run(program, input) == wanted)
    }

    @Test(arguments: [
        (".a |", "unexpected $end", 1, 5), ("nosuch(1)", "nosuch/1 is not defined", 1, 1),
        (".a\n| .b\n| foo", "foo/0 is not defined", 3, 3), ("$x", "$x is not defined", 1, 1),
        (".a | $y.b", "$y is not defined", 1, 6), ("{a:1", "unexpected $end", 1, 5),
    ])
    func `a program that does not compile is refused with its place`(
        _ program: String, _ message: String, _ line: Int, _ column: Int
    ) throws {
        let error = #expect(throws: JQError.self) { try JQProgram(compiling: program) }
        #expect(error?.code == .compile)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("Unix") == false)
        #expect(
            error?.place.hasSuffix("line \(line), column \(column)") == true,
            "\(error?.place ?? "")")
    }

    @Test(arguments: [
        "", "  \n", "}", ".a.", "a b", "@", ")", "1) | (1", "\"\\(1\"", ". as x | .", "\u{0}", "|",
        "import \"a\" as a; 1", "include \"a\"; 1", "def f: 1;", "reduce . as $x", "if 1 then 2",
        "break", "halt_error(1;2)", "..a.b..", "\(String(repeating: ".", count: 70_000))",
    ])
    func `a text that is no program is refused`(_ program: String) {
        let error = #expect(throws: JQError.self) { try JQProgram(compiling: program) }
        #expect(error?.code == .compile)
    }

    @Test(arguments: [
        ("error(\"no\")", "no"), (".a.b", "Cannot index"), ("input", "only one"), ("halt", "halt"),
        ("halt_error", "halt"), ("1 | halt_error(3)", "halt"), ("[] | implode | error", ""),
        ("\"a\" | modulemeta", "modules"), ("\"a,b\" | indices(\"\")", "indices"),
        ("{} + 1", "cannot be added"),
        ("error({a: 1})", #"{"a":1}"#), ("1e300 | todate", ""), ("1e300 | strftime(\"%Y\")", ""),
        ("1e300 | strflocaltime(\"%Y\")", ""), ("\"x\" | test(\"(\")", ""), ("@nosuch", "format"),
    ])
    func `a failing run is an error with libjq's words`(_ program: String, _ message: String) throws
    {
        let program = try JQProgram(compiling: program)
        let error = #expect(throws: JQError.self) { try program.run(on: Array(#"{"a":1}"#.utf8)) }
        #expect(error?.code == .run)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        #expect(try program.runKeepingBytes(on: Array(#"{"a":1}"#.utf8)) == nil)
    }

    @Test(arguments: [
        "env", "$ENV", "env.PATH", "$ENV.PATH", "def f: $ENV; f", "[env, $ENV]",
        "{} as $ENV | $ENV",
        "env | tojson", "[$ENV | ..]", "get_search_list", "input_filename",
        "def f: env; def env: 1; f",
    ])
    func `no program sees the environment`(_ program: String) throws {
        unsafe setenv("PULLCORD_TEST_SECRET", "leaked-value", 1)
        for output in try run(program) {
            #expect(!output.contains("leaked") && !output.contains("/"), "\(output)")
        }
        // `path` is another way in.
        #expect(try run("[path(\(program))]? // \"none\"").allSatisfy { !$0.contains("leaked") })
    }

    @Test(arguments: ["", "[1,]", "{\"a\":1,\"a\":2}", "\"\\ud800\"", "NaN", "1 2", "'a'"])
    func `an input that is not strictly JSON never reaches jq`(_ input: String) throws {
        let program = try JQProgram(compiling: ".")
        let error = #expect(throws: JQError.self) { try program.run(on: Array(input.utf8)) }
        #expect(error?.code == .input)
    }

    @Test func `outputs are bounded in number and in bytes`() throws {
        func code(_ program: String) throws -> JQError.Code? {
            let program = try JQProgram(compiling: program)
            do throws(JQError) {
                _ = try program.run(on: [0x30], outputsMax: 1000, bytesMax: 5000)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(try code("repeat(1)") == .outputs)
        #expect(try code("range(1e9)") == .outputs)
        #expect(try code("repeat(\"0123456789\")") == .bytes)
        #expect(try code("range(1000)") == nil)
        #expect(try code("range(1001)") == .outputs)
    }

    @Test func `a program goes on working after a failure and after a bound`() throws {
        let program = try JQProgram(compiling: "if . == 0 then error(\"x\") else range(.) end")
        #expect(throws: JQError.self) { try program.run(on: Array("0".utf8)) }
        #expect(throws: JQError.self) { try program.run(on: Array("9".utf8), outputsMax: 3) }
        #expect(try program.run(on: Array("2".utf8)).count == 2)
    }

    @Test func `deep input is an error, not a crash`() throws {
        let text = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        let error = #expect(throws: JQError.self) { try run(".", text) }
        #expect(error?.code == .input)
    }

    @Test(arguments: [
        (
            ".items[]",
            [#"{"id":12345678901234567890,"open":true}"#, #"{"id": 1.10, "open":false}"#]
        ),
        (".items[] | select(.open)", [#"{"id":12345678901234567890,"open":true}"#]),
        (".items[-1].id", ["1.10"]), (".items[-1], .n", [#"{"id": 1.10, "open":false}"#, "1e400"]),
        ("[1] | empty", []), (".x // .n", ["1e400"]),
        ("first(.items[].id)", ["12345678901234567890"]),
        ("def f: .items; f | .[1].id", ["1.10"]), (#"."k é""#, [#""\u0061""#]),
        (". # all\n| .n", ["1e400"]),
        (".. | numbers | select(. > 1e18)", ["12345678901234567890", "1e400"]),
    ])
    func `what a path program chooses keeps its bytes`(_ program: String, _ wanted: [String]) throws
    {
        let input =
            #"{"items":[{"id":12345678901234567890,"open":true},{"id": 1.10, "open":false}],"n":1e400,"k é":"\u0061"}"#
        #expect(try kept(program, input) == wanted)
    }

    @Test(arguments: [
        "1", ".a + 1", "{x: .a}", ".nosuch", ".l[0:1]", ".l | length", "[.a]", ".l[9]",
    ])
    func `what a transform makes has no bytes`(_ program: String) throws {
        #expect(try kept(program, #"{"a":1,"l":[1,2]}"#) == nil)
    }

    @Test func `a program that chooses only at times keeps bytes at those times`() throws {
        let program = try JQProgram(compiling: #".a // "none""#)
        for _ in 0..<2 {
            #expect(try program.runKeepingBytes(on: Array(#"{"a":5}"#.utf8)) == [5..<6])
            #expect(try program.runKeepingBytes(on: Array("{}".utf8)) == nil)
        }
    }

    /// In a process of its own: beside others, their memory would count.
    @Test func `ten thousand runs are no leak`() async throws {
        await #expect(processExitsWith: .success) {
            let program = try JQProgram(compiling: "[.items[] | select(.a) | .b] | add")
            let input = Array(
                ("{\"items\":["
                    + (0..<10).map { #"{"a":true,"b":"text \#($0)"}"# }.joined(separator: ",")
                    + "]}")
                    .utf8)
            func megabytes() -> Int {
                var usage = rusage()
                unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
                return Int(usage.ru_maxrss) / 1024
            }
            for _ in 0..<1000 { _ = try program.run(on: input) }
            let before = megabytes()
            for _ in 0..<10_000 { _ = try program.run(on: input) }
            // Leaking the inputs alone would take more than 40 MB.
            #expect(megabytes() - before < 30)
        }
    }

    @Test func `several tasks may use one program`() async throws {
        let program = try JQProgram(compiling: ".n * 2, .id")
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<200 {
                        let input = #"{"n":\#(task * 1000 + number),"id":"t\#(task)"}"#
                        let outputs = try program.run(on: Array(input.utf8))
                        let wanted = ["\((task * 1000 + number) * 2)", "\"t\(task)\""]
                        guard outputs.map({ String(decoding: $0, as: UTF8.self) }) == wanted else {
                            return false
                        }
                    }
                    return true
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }
}

@Suite struct NumberKeeperTests {
    private func run(_ program: String, _ input: String) throws -> String {
        let outputs = try JQProgram(compiling: program).run(on: Array(input.utf8))
        return outputs.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }

    @Test(arguments: [
        ("{x: .id}", #"{"id":12345678901234567891}"#, #"{"x":12345678901234567891}"#),
        ("{x: .id}", #"{"id":-9007199254740993}"#, #"{"x":-9007199254740993}"#),
        ("[.[]]", "[1e400,-1e400,0.1234567890123456789]", "[1e400,-1e400,0.1234567890123456789]"),
        (".id | tostring", #"{"id":12345678901234567891}"#, #""12345678901234567891""#),
        (#""o-\(.id)!""#, #"{"id":12345678901234567891}"#, #""o-12345678901234567891!""#),
        (
            "[.id, .id]", #"{"id":12345678901234567891}"#,
            "[12345678901234567891,12345678901234567891]"
        ),
        (
            "{id, n}", #"{"id":12345678901234567891,"n":0.30000000000000004}"#,
            #"{"id":12345678901234567891,"n":0.30000000000000004}"#
        ),
        (".a + .b", #"{"a":9007199254740993,"b":1.5,"c":2}"#, "9007199254740994"),
        (".a - .a", #"{"a":12345678901234567891}"#, "0"),
        ("{(.id | tostring): 1}", #"{"id":12345678901234567891}"#, #"{"12345678901234567891":1}"#),
        ("[.[] | select(. > 5)]", "[1,12345678901234567891]", "[12345678901234567891]"),
        (
            ".s", #"{"s":"12345678901234567891","t":"x-9007199254740993"}"#,
            #""12345678901234567891""#
        ),
        ("[.[] | . + 0]", "[9007199254740991, 3]", "[9007199254740991,3]"),
    ])
    func `a number that passes through keeps its digits`(
        _ program: String, _ input: String, _ wanted: String
    ) throws {
        #expect(try run(program, input) == wanted)
    }

    @Test(arguments: [
        "[9007199254740993,9007199254740992]", "[9007199254740992,9007199254740993]",
        "[12345678901234567891,12345678901234567892]",
        #"[9007199254740993,"9007199254740992"]"#, #"[9007199254740993,"a-9007199254740992"]"#,
    ])
    func `numbers that jq cannot tell apart are an error, unless left out`(_ input: String) throws {
        let error = #expect(throws: JQError.self) { try run("[.[0]]", input) }
        #expect(error?.code == .numbers)
        #expect(try run("length", input) == "2")
    }
}
