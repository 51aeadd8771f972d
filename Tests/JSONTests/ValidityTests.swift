import PullcordJSON
import Testing

@Suite struct ValidityTests {
    /// One text and the code it is refused with; nil if it is valid.
    struct Row: Sendable, CustomTestStringConvertible {
        let text: [UInt8]
        let code: JSONError.Code?

        init(_ text: String, _ code: JSONError.Code? = nil) {
            self.text = Array(text.utf8)
            self.code = code
        }

        init(bytes: [UInt8], _ code: JSONError.Code? = nil) {
            text = bytes
            self.code = code
        }

        var testDescription: String { String(decoding: text.prefix(40), as: UTF8.self) }
    }

    private func refused(_ text: [UInt8]) -> JSONError? {
        do throws(JSONError) {
            _ = try ScanPlan(pageFields: []).scan(text)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: valid)
    func `a text that RFC 8259 allows is read`(_ row: Row) {
        #expect(refused(row.text) == nil)
    }

    @Test(arguments: invalid)
    func `a text that RFC 8259 forbids is refused by name`(_ row: Row) throws {
        let refusal = try #require(refused(row.text))
        #expect(refusal.code == row.code)
        #expect((0...row.text.count).contains(refusal.offset))
        #expect(!refusal.message.isEmpty)
    }

    @Test func `every cut of a document is an error`() {
        let text = Array(
            #" {"a":[1,-2.5e+3,"x\u00e9\ud83d\ude00é😀",true,false,null,{}],"long key here":[]} "#
                .utf8)
        #expect(refused(text) == nil)
        for count in 0..<text.count - 1 {
            #expect(refused(Array(text[..<count])) != nil, "cut at \(count)")
        }
    }

    @Test func `every cut of a word, a string or an escape is called truncated`() {
        for text in ["[true", "[fals", "[nul", "[\"abc", "[\"a\\", "{\"a\"", "{\"a\":", "[1,"] {
            #expect(refused(Array(text.utf8))?.code == .truncated, "\(text)")
        }
    }

    @Test func `every control character in a string is refused at its place`() {
        for byte in UInt8(0)..<0x20 {
            for padding in [0, 3, 7, 8, 20] {
                let pad = Array(repeating: UInt8(0x61), count: padding)
                let refusal = refused([0x22] + pad + [byte] + pad + [0x22])
                #expect(refusal?.code == .control)
                #expect(refusal?.offset == padding + 1)
            }
        }
    }

    @Test func `nesting is bounded`() {
        func nested(_ depth: Int) -> [UInt8] {
            Array(repeating: 0x5B, count: depth) + Array(repeating: 0x5D, count: depth)
        }
        #expect(refused(nested(512)) == nil)
        #expect(refused(nested(513))?.code == .tooDeep)
        #expect(refused(nested(100_000))?.code == .tooDeep)
        let objects = String(repeating: #"{"a":"#, count: 600)
        #expect(refused(Array(objects.utf8))?.code == .tooDeep)
    }

    @Test func `a duplicate key is found among few and among many`() {
        for count in [2, 3, 10, 64, 65, 66, 1000] {
            let keys = (0..<count).map { "\"k\($0)\":0" }
            let fine = "{" + keys.joined(separator: ",") + "}"
            #expect(refused(Array(fine.utf8)) == nil)
            for twin in [0, count / 2, count - 1] {
                let text = "{" + (keys + ["\"\\u006b\(twin)\":1"]).joined(separator: ",") + "}"
                let refusal = refused(Array(text.utf8))
                #expect(refusal?.code == .duplicateKey)
                #expect(refusal?.offset == fine.utf8.count)
            }
        }
    }

    @Test func `equal keys of different objects are no duplicates`() {
        let text = #"{"a":{"a":{"a":1},"b":1},"b":[{"a":1},{"a":1}],"c":{"a":1}}"#
        #expect(refused(Array(text.utf8)) == nil)
    }

    @Test func `mutated documents never trap`() throws {
        let plan = ScanPlan(
            records: try #require(JSONPath(parsing: ".items // []")),
            recordFields: try [path(".id"), path(".l[1]"), path(".t")],
            pageFields: try [path(".k"), path(".items[1].n")],
            mask: .only(try [path(".t"), path(".l[]")]), unordered: try [path(".l")])
        var random = SeededGenerator(seed: 20_260_101)
        let text = Array(
            #"{"items":[{"id":1,"t":"a\u00e9b","n":-1.5e3},{"id":"x😀","l":[true,null]}],"k":{}}"#
                .utf8)
        let palette = Array("\"\\{}[]:,0123-+.eEtfnu\u{0} é".utf8) + [0xFF, 0x80, 0xED, 0xF4]
        var refusals = 0
        for _ in 0..<30_000 {
            var bytes = text
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = palette.randomElement(using: &random) ?? 0
                case 1: bytes.remove(at: index)
                default: bytes.insert(palette.randomElement(using: &random) ?? 0, at: index)
                }
            }
            if let scan = try? plan.scan(bytes) {
                for record in 0..<scan.count {
                    for slot in 0..<3 { _ = scan.field(slot, of: record).flatMap(scan.text) }
                }
            }
            if let refusal = refused(bytes) {
                refusals += 1
                #expect((0...bytes.count).contains(refusal.offset))
            }
        }
        #expect(refusals > 15_000)
    }

    @Test func `a page that is HTML is recognised in the hint`() {
        #expect(refused(Array("<!doctype html>".utf8))?.hint.contains("HTML") == true)
        #expect(refused(Array("".utf8))?.code == .empty)
        #expect(refused(Array(" \n".utf8))?.code == .empty)
    }
}

/// A generator of pseudo-random numbers that repeats itself for equal seeds (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
