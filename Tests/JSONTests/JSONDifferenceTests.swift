import Foundation
import PullcordJSON
import PullcordModel
import PullcordTestSupport
import Testing

@Suite struct JSONDifferenceTests {
    private func changed(
        _ old: String, _ new: String, ignore: [String] = [], only: [String] = [],
        unordered: [String] = []
    ) throws -> [String] {
        let mask: ScanPlan.Mask =
            only.isEmpty
            ? .ignoring(try ignore.map { try path($0) })
            : .only(try only.map { try path($0) })
        return try JSONDifference(
            from: Array(old.utf8), to: Array(new.utf8),
            rules: JSONDifference.Rules(mask: mask, unordered: try unordered.map { try path($0) })
        ).changedPaths()
    }

    private func patch(_ old: String, _ new: String) throws -> String {
        String(
            decoding: try JSONDifference(from: Array(old.utf8), to: Array(new.utf8)).patch(),
            as: UTF8.self)
    }

    @Test(
        arguments: [
            (#"{"a":1}"#, #"{"a":1.0}"#, []),
            (#"{"a":1,"b":2}"#, #" { "b" : 2e0,"\u0061":1 }"#, []),
            (#"{"a":1}"#, #"{"a":2}"#, ["/a"]), (#"{"a":1}"#, #"{"a":"1"}"#, ["/a"]),
            (#"{"a":1}"#, "{}", ["/a"]), ("{}", #"{"a":null}"#, ["/a"]),
            (
                #"{"a":{"b":{"c":1,"d":2}}}"#, #"{"a":{"b":{"c":3,"e":4}}}"#,
                ["/a/b/c", "/a/b/d", "/a/b/e"]
            ),
            (#"{"a":[1,2,3]}"#, #"{"a":[1,9,3]}"#, ["/a/1"]),
            (#"{"a":[1]}"#, #"{"a":[1,2]}"#, ["/a"]),
            (#"{"a":[{"x":1},{"x":2}]}"#, #"{"a":[{"x":1},{"x":3}]}"#, ["/a/1/x"]),
            (#"{"a":[]}"#, #"{"a":{}}"#, ["/a"]),
            (#"{"a/b":1,"m~n":1}"#, #"{"a/b":2,"m~n":2}"#, ["/a~1b", "/m~0n"]),
            (#"{"":1}"#, #"{"":2}"#, ["/"]), (#"{"é":1}"#, #"{"e\u0301":1}"#, ["/é", "/e\u{301}"]),
            ("1", "2", [""]), ("[1]", "{}", [""]), ("[1]", "[2]", ["/0"]), ("null", "null", []),
            (#"{"n":9007199254740993}"#, #"{"n":9007199254740992}"#, ["/n"]),
        ] as [(String, String, [String])])
    func `the paths that differ are told`(_ old: String, _ new: String, _ wanted: [String]) throws {
        #expect(try changed(old, new) == wanted)
    }

    @Test func `what means nothing is not told`() throws {
        let (old, new) = (
            #"{"s":1,"views":1,"m":{"etag":"a","v":1},"tags":[1,2],"l":[{"t":1,"p":1},{"t":2,"p":1}]}"#,
            #"{"s":1,"views":2,"m":{"etag":"b","v":2},"tags":[2,1],"l":[{"t":3,"p":1},{"t":4,"p":2}]}"#
        )
        let all = ["/views", "/m/etag", "/m/v", "/tags/0", "/tags/1", "/l/0/t", "/l/1/t", "/l/1/p"]
        #expect(try changed(old, new) == all)
        #expect(
            try changed(old, new, ignore: [".views", ".m.etag", ".l[].t"], unordered: [".tags"])
                == ["/m/v", "/l/1/p"])
        #expect(try changed(old, new, only: [".m.v"]) == ["/m/v"])
        #expect(try changed(old, new, only: [".s", ".missing.part"]) == [])
        #expect(try changed(#"{"a":1}"#, #"{"b":{"c":1}}"#, only: [".b.c"]) == ["/b"])
        #expect(try changed(#"{"t":[1,1,2]}"#, #"{"t":[2,1,2]}"#, unordered: [".t"]) == ["/t"])
    }

    @Test func `a record in which everything differs names its members, or itself`() throws {
        let members = (0..<40).map {
            #""k\#($0)":[\#((0..<40).map(String.init).joined(separator: ","))]"#
        }
        let wide = "{\(members.joined(separator: ","))}"
        let other = wide.replacing("0,", with: "90,").replacing("1,", with: "91,")
            .replacing("3", with: "93").replacing("5", with: "95").replacing("7", with: "97")
        let named = try changed(wide.replacing("k", with: "m"), wide.replacing("k", with: "m"))
        #expect(named.isEmpty)
        let keyed = try changed(wide, other.replacing("k9", with: "k"))
        #expect(keyed.count <= Limits.changedPathsMax && !keyed.isEmpty)
        let many = (0..<2000).map { #""k\#($0)":1"# }.joined(separator: ",")
        #expect(try changed("{\(many)}", "{\(many.replacing(":1", with: ":2"))}") == [""])
        let long = String(repeating: "x", count: Limits.changedBytesMax)
        #expect(try changed(#"{"\#(long)":1}"#, #"{"\#(long)":2}"#) == [""])
    }

    @Test(arguments: [
        (#"{"a":1}"#, #"{"a":1.0}"#, "[]"),
        (#"{"a":1}"#, #"{"a":1.50}"#, #"[{"op":"replace","path":"/a","value":1.50}]"#),
        (#"{"a":1,"b":2}"#, #"{"b":2}"#, #"[{"op":"remove","path":"/a"}]"#),
        ("{}", #"{"a/\"b":[1, 2]}"#, #"[{"op":"add","path":"/a~1\"b","value":[1, 2]}]"#),
        (
            #"{"l":[1,2,3,4,5,6,7,8,9]}"#, #"{"l":[1,2,4,5,6,7,8,9,10]}"#,
            #"[{"op":"replace","path":"/l","value":[1,2,4,5,6,7,8,9,10]}]"#
        ),
        ("1", "2", #"[{"op":"replace","path":"","value":2}]"#),
    ])
    func `a patch is these operations`(_ old: String, _ new: String, _ wanted: String) throws {
        #expect(try patch(old, new) == wanted)
    }

    @Test func `a patch of a long list tells of the elements that moved only`() throws {
        let items = (0..<3000).map { #"{"id":\#($0),"name":"item number \#($0)"}"# }
        var changed = items
        changed.remove(at: 7)
        changed.insert(#"{"id":-1}"#, at: 1500)
        changed[2500] = changed[2500].replacing("item", with: "thing")
        let (old, new) = (items.joined(separator: ","), changed.joined(separator: ","))
        let text = try patch("[\(old)]", "[\(new)]")
        let number = 2500
        #expect(
            text == #"[{"op":"remove","path":"/7"},{"op":"add","path":"/1500","value":{"id":-1}},"#
                + #"{"op":"replace","path":"/\#(number)/name","value":"thing number \#(number)"}]"#)
    }

    @Test func `lists that have little in common are still told apart in time`() throws {
        let old = "[" + (0..<20_000).map { "\($0)" }.joined(separator: ",") + "]"
        let new = "[" + (0..<20_000).map { "\($0 * 7)" }.joined(separator: ",") + "]"
        let patched = try JSONPatch(try JSONValue(parsing: patch(old, new)))
        #expect(try patched.applied(to: JSONValue(parsing: old)) == JSONValue(parsing: new))
    }

    @Test func `a record as deep as JSON may be is compared without harm`() throws {
        let depth = Limits.depthMax
        let nest = { (core: String) in
            String(repeating: #"{"a":"#, count: depth - 1) + "[\(core)]"
                + String(repeating: "}", count: depth - 1)
        }
        let paths = try changed(nest("1"), nest("2"))
        #expect(paths == [String(repeating: "/a", count: depth - 1) + "/0"])
        #expect(throws: JSONError.self) { try changed(nest("[1]"), nest("2")) }
    }

    @Test(arguments: ["", "{", #"{"a":}"#, "[1,]", "{} {}", "nul", "\"\\ud800\"", #"{"a" 1}"#])
    func `what is not JSON is refused`(_ text: String) {
        #expect(throws: JSONError.self) { try changed("{}", text) }
        #expect(throws: JSONError.self) { try changed(text, "{}") }
    }

    private static func pair(using random: inout SeededGenerator) -> (JSONValue, JSONValue) {
        let old = JSONValue.random(depth: 5, using: &random)
        guard Int.random(in: 0..<5, using: &random) > 0 else {
            return (old, .random(depth: 5, using: &random))
        }
        var new = old
        for _ in 0..<Int.random(in: 1...4, using: &random) { new = new.mutated(using: &random) }
        return (old, new)
    }

    @Test(arguments: 1...4)
    func `a patch that is applied gives the new record, and says nothing of what is equal`(
        seed: Int
    ) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<2500 {
            let (old, new) = Self.pair(using: &random)
            let difference = try JSONDifference(
                from: Array(old.respelled(using: &random).utf8), to: new.serialized)
            let text = difference.patch()
            let document = try JSONValue(parsing: text)
            let result = try JSONPatch(document).applied(to: old)
            let told = String(decoding: text, as: UTF8.self)
            #expect(result.means(new), "seed \(seed): \(old.serialized) \(told)")
            #expect(old.means(new) == (text == Array("[]".utf8)), "seed \(seed): \(told)")
            #expect(old.means(new) == difference.changedPaths().isEmpty)
            #expect(text.count <= new.serialized.count + 44)
            for path in difference.changedPaths() {
                let pointer = try #require(JSONPointer(parsing: path))
                let (left, right) = (pointer.value(in: old), pointer.value(in: new))
                let isEqual = left.flatMap { left in right.map { left.means($0) } } ?? false
                #expect((left != nil || right != nil) && !isEqual, "\(path)")
            }
        }
    }

    /// Runs where Python has another implementation (`pip install jsonpatch`).
    @Test(.enabled(if: PythonPatch.isThere, "Python has no module jsonpatch"))
    func `another implementation makes the same of our patches`() throws {
        var random = SeededGenerator(seed: 77)
        var lines: [UInt8] = []
        for _ in 0..<2000 {
            let (old, new) = Self.pair(using: &random)
            let difference = try JSONDifference(from: old.serialized, to: new.serialized)
            lines += [0x5B] + old.serialized + [0x2C] + difference.patch() + [0x2C]
            lines += new.serialized + [0x5D, 0x0A]
        }
        let file = FileManager.default.temporaryDirectory
            .appending(path: "pullcord-patches-\(UUID().uuidString)")
        try Data(lines).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(PythonScript.run(PythonPatch.script, [file.path]) == 0)
    }
}

/// Python with another implementation of JSON Patch.
enum PythonPatch {
    static let isThere = PythonScript.has("jsonpatch")

    /// Ends with the number of the first line that it disagrees on, at most 255; 0 for none.
    static let script = """
        import json, sys, jsonpatch
        same = lambda text: json.dumps(text, sort_keys=True)
        for number, line in enumerate(open(sys.argv[1], encoding="utf-8"), 1):
            old, patch, new = json.loads(line)
            if same(jsonpatch.apply_patch(old, patch)) != same(new):
                sys.exit(min(number, 255))
        """
}

extension JSONValue {
    /// The value with one part of it changed, added, removed or moved.
    func mutated(using random: inout SeededGenerator) -> JSONValue {
        switch self {
        case .array(var elements):
            let index = Int.random(in: 0...elements.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: elements.insert(.random(depth: 2, using: &random), at: index)
            case 1 where index < elements.count: elements.remove(at: index)
            case 2 where index < elements.count: elements.swapAt(index, 0)
            case 3, 4:
                guard index < elements.count else { return .random(depth: 2, using: &random) }
                elements[index] = elements[index].mutated(using: &random)
            default: break
            }
            return .array(elements)
        case .object(var members):
            let index = Int.random(in: 0...members.count, using: &random)
            if index == members.count {
                let name = "new \(Int.random(in: 0..<100, using: &random))/~"
                members.removeAll { $0.key == name }
                members.append(Member(name, .random(depth: 2, using: &random)))
            } else if Int.random(in: 0..<4, using: &random) == 0 {
                members.remove(at: index)
            } else {
                members[index] = Member(
                    members[index].key, members[index].value.mutated(using: &random))
            }
            return .object(members)
        case .null, .bool, .number, .string: return .random(depth: 2, using: &random)
        }
    }
}
