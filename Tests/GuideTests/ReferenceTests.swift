import Foundation
import PullcordConfig
import PullcordGuide
import Testing

/// The parts of the guide that are made are those that the program would make now.
@Suite struct ReferenceTests {
    private static func part(_ part: GeneratedPart) throws -> String {
        try #require(
            part.contents(in: try Fixture.text(Fixture.guide)),
            "\(Fixture.guide) has no \(part.begin) … \(part.end)")
    }

    @Test func `the reference of all keys is true`() throws {
        #expect(
            try Self.part(.keys) == KeyReference.guide,
            "run `make reference`, and look at what it changes in \(Fixture.guide)")
    }

    @Test func `what lint warns of stands in the guide`() throws {
        #expect(try Self.part(.warnings) == LintAdvice.guide, "run `make reference`")
    }

    @Test func `the table of adapters is true`() throws {
        let catalogue = Fixture.catalogue()
        let folder = Fixture.root.appending(path: "adapters").path + "/"
        let entries = try catalogue.entries().map { entry in
            AdapterIndex.Entry(
                file: String(entry.path.dropFirst(folder.count)),
                spec: try catalogue.adapter(entry).get())
        }
        #expect(entries.count >= 6)
        #expect(try Self.part(.adapters) == AdapterIndex.markdown(entries), "run `make reference`")
    }

    @Test(arguments: LanguageSchema.Document.allCases)
    func `every key of every mapping has its row and a sentence`(
        document: LanguageSchema.Document
    ) {
        let lines = KeyReference.markdown(document).split(separator: "\n")
        for key in document.table.keys where key.support != .plannedRefused {
            #expect(lines.contains { $0.hasPrefix("| `\(key.name)` |") }, "\(key.name)")
            #expect(key.summary.hasSuffix("."), "\(key.name): \(key.summary)")
        }
    }

    @Test func `links within the reference lead somewhere`() throws {
        let text = try Fixture.text(Fixture.guide)
        let anchors = Markdown.anchors(of: text)
        for piece in text.components(separatedBy: "](#").dropFirst() {
            let anchor = String(piece.prefix { $0 != ")" })
            #expect(anchors.contains(anchor), "#\(anchor) is no heading")
        }
    }

    @Test func `no two headings of the guide share an anchor`() throws {
        let anchors = Markdown.anchors(of: try Fixture.text(Fixture.guide))
        #expect(anchors.filter { $0.hasSuffix("-1") } == [])
    }

    @Test(arguments: [
        ("`streams.NAME.pages`", "streamsnamepages"),
        ("What paging can promise", "what-paging-can-promise"),
        ("cursor_strict", "cursor_strict"), ("How do I …", "how-do-i-"),
    ])
    func `anchors are those of GitHub`(heading: String, anchor: String) {
        #expect(Markdown.anchor(heading) == anchor)
    }

    @Test func `a part is replaced between its comments and nowhere else`() {
        let text = "a\n<!-- keys: begin -->\nold\n<!-- keys: end -->\nb\n"
        #expect(GeneratedPart.keys.contents(in: text) == "old")
        #expect(
            GeneratedPart.keys.replacing(in: text, with: "new\n")
                == "a\n<!-- keys: begin -->\nnew\n<!-- keys: end -->\nb\n")
        #expect(GeneratedPart.adapters.replacing(in: text, with: "new") == nil)
        #expect(GeneratedPart.keys.contents(in: "<!-- keys: end --><!-- keys: begin -->") == nil)
        #expect(GeneratedPart.keys.contents(in: "<!-- keys: begin --><!-- keys: end -->") == "")
    }
}
