import PullcordJSON
import Testing

@Suite struct FingerprintMutationTests {
    @Test(arguments: 1...3)
    func `fingerprints are equal exactly where meanings are`(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var differing = 0
        for _ in 0..<2000 {
            let value = JSONValue.random(depth: 4, using: &random)
            let other = value.mutated(using: &random)
            let (left, right) = (
                try fingerprint(value.respelled(using: &random)),
                try fingerprint(other.respelled(using: &random))
            )
            #expect((left == right) == value.means(other), "seed \(seed): \(value) \(other)")
            if left != right { differing += 1 }
        }
        #expect(differing > 1000)
    }

    @Test(arguments: 1...3)
    func `a number of any size is one number however it is spelled`(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<500 {
            let count = Int.random(in: 1...60, using: &random)
            var digits = (0..<count).map { _ in Int.random(in: 0...9, using: &random) }
            digits[0] = max(1, digits[0])
            if digits[count - 1] == 0 { digits[count - 1] = 7 }
            let text = digits.map(String.init).joined()
            let exponent = Int.random(in: -400...400, using: &random)
            let sign = Bool.random(using: &random) ? "-" : ""
            let zeros = Int.random(in: 0...30, using: &random)
            let point = Int.random(in: 1...count, using: &random)
            let fraction = String(text.dropFirst(point))
            let wanted = try fingerprint("\(sign)\(text)e\(exponent)")
            let spellings = [
                "\(text)\(String(repeating: "0", count: zeros))E\(exponent - zeros)",
                "\(text.prefix(point)).\(fraction)0e\(exponent + fraction.count)",
                "0.\(String(repeating: "0", count: zeros))\(text)e\(exponent + count + zeros)",
            ]
            for spelling in spellings {
                #expect(try fingerprint(sign + spelling) == wanted, "seed \(seed): \(spelling)")
            }
            digits[count / 2] = (digits[count / 2] + 1) % 10
            let next = digits.map(String.init).joined()
            for other in [
                "\(sign)\(next)e\(exponent)", "\(sign)\(text)e\(exponent + 1)",
                "\(sign == "" ? "-" : "")\(text)e\(exponent)", "\"\(sign)\(text)e\(exponent)\"",
            ] {
                #expect(try fingerprint(other) != wanted, "seed \(seed): \(other)")
            }
        }
    }
}
