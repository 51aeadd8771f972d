import Foundation
import PullcordGuide
import Testing

@Suite struct LintAdviceTests {
    /// Warnings that only bridge files get.
    private static let ofBridges: Set<String> = [
        "api_plain", "subscriptions_missing", "event_never", "webhook_over_http", "secret_ended",
        "secret_ends", "sources_empty", "transform_unused",
    ]

    /// The codes of all warnings, as the sources of Config have them.
    private static func codes() throws -> Set<String> {
        let folder = Fixture.root.appending(path: "Sources/Config")
        var codes: Set<String> = []
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            for piece in text.components(separatedBy: ".warning(").dropFirst() {
                let rest = piece.drop { $0.isWhitespace }
                guard rest.hasPrefix("\"") else { continue }
                codes.insert(String(rest.dropFirst().prefix { $0 != "\"" }))
            }
        }
        return codes
    }

    @Test func `each warning about adapters has its reason, and no reason is left over`() throws {
        let found = try Self.codes()
        #expect(found.isSuperset(of: Self.ofBridges))
        #expect(found.subtracting(Self.ofBridges) == Set(LintAdvice.all.map(\.code)))
        #expect(Set(LintAdvice.all.map(\.code)).count == LintAdvice.all.count)
    }

    @Test(arguments: LintAdvice.all.map(\.code))
    func `each link leads to a heading of the guide`(code: String) throws {
        let advice = try #require(LintAdvice.of(code))
        let parts = advice.link.components(separatedBy: "#")
        #expect(parts.first == Fixture.guide)
        let anchors = Markdown.anchors(of: try Fixture.text(Fixture.guide))
        #expect(anchors.contains(try #require(parts.last)))
    }

    @Test(arguments: LintAdvice.all.map(\.code))
    func `each reason is two sentences or three`(code: String) throws {
        let reason = try #require(LintAdvice.of(code)).reason
        let sentences = reason.components(separatedBy: ". ").count
        #expect((2...4).contains(sentences), "\(code) has \(sentences)")
        #expect(reason.hasSuffix("."))
        #expect(!reason.contains("\n"))
    }
}
