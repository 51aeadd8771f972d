import Foundation
import PullcordAuthoring
import Testing

/// The test files that the guide shows.
@Suite
struct GuideTests {
    private static let guide = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "adapters/README.md")

    private static func samples() throws -> [String] {
        let text = try String(contentsOf: guide, encoding: .utf8)
        return text.components(separatedBy: "```yaml\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }.filter { $0.hasPrefix("adapter:") }
    }

    @Test func `every test that the guide shows passes`() async throws {
        let samples = try Self.samples()
        let isTest = { (sample: String) in sample.contains("\ncases:") }
        let bench = try Bench()
        for sample in samples.filter({ !isTest($0) }).reversed() {
            let name = sample.dropFirst("adapter: ".count).prefix { $0 != "\n" }
            try bench.write(sample, to: "\(name).yaml")
        }
        let tests = samples.filter(isTest)
        #expect(tests.count >= 2)
        for (number, sample) in tests.enumerated() {
            try bench.write(sample, to: "tests/\(number).yaml")
            #expect(try await bench.outcome("tests/\(number).yaml").account == "")
        }
    }
}
