import PullcordConfig
import PullcordModel
import Testing

@Suite struct MutationTests {
    @Test(arguments: [UInt64(1), 2, 3])
    func `files broken at random never trap, and every complaint can be shown`(seed: UInt64) {
        var random = Seeded(state: seed)
        let pieces = [
            "{", "}", "[", "]", ": ", "- ", "\n", "  ", "\"", "'", "${", "}", "| date '%", "|",
            "null",
            "true", "-1", "99999999999999999999", "1e999", "é😀", "*a", "&a ", "<<: ", "!!x ", "#",
            "%",
            "${page.token}", "${cursor | date \"%s\"}", ".inf", "0x", "\t", "\u{0}", "''",
        ].map { Array($0.utf8) }
        for round in 0..<700 {
            var adapter = Array((round % 2 == 0 ? Fixture.orders : Fixture.github).utf8)
            var bridge = Array(Fixture.bridge.utf8)
            for _ in 0...random.next(below: 4) {
                mutate(&adapter, with: pieces, &random)
                if round % 3 == 0 { mutate(&bridge, with: pieces, &random) }
            }
            let fixture = Fixture(files: [
                "b.yaml": String(decoding: bridge, as: UTF8.self),
                "github.yaml": String(decoding: adapter, as: UTF8.self),
            ])
            let report = fixture.check("b.yaml", "github.yaml", environment: ["GITHUB_TOKEN": "x"])
            #expect(report.text().isEmpty == report.diagnostics.isEmpty)
            #expect(report.diagnostics.allSatisfy { $0.place.line >= 1 && $0.place.column >= 1 })
        }
    }

    private func mutate(_ bytes: inout [UInt8], with pieces: [[UInt8]], _ random: inout Seeded) {
        guard bytes.count > 20 else { return }
        let index = random.next(below: bytes.count)
        let end = min(bytes.count, index + random.next(below: 12))
        switch random.next(below: 4) {
        case 0: bytes.insert(contentsOf: pieces[random.next(below: pieces.count)], at: index)
        case 1: bytes.replaceSubrange(index..<end, with: pieces[random.next(below: pieces.count)])
        case 2: bytes.removeSubrange(index..<end)
        default: bytes.insert(contentsOf: bytes[index..<end], at: random.next(below: bytes.count))
        }
    }
}

/// SplitMix64: the same numbers in every run.
private struct Seeded {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, bound)))
    }
}
