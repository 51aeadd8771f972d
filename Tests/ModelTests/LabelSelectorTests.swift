import PullcordModel
import Testing

@Suite struct LabelSelectorTests {
    private static let acme = ["customer": "acme", "tier": "gold", "ops.example/site": "eu-1"]

    @Test(
        arguments: [
            ("customer=acme", true), ("customer==acme", true), ("customer=globex", false),
            ("customer != globex", true), ("missing!=x", true), ("missing=x", false),
            ("customer in (globex, acme)", true), ("customer notin (acme)", false),
            ("missing notin (acme)", true), ("tier", true), ("!tier", false), ("!missing", true),
            ("customer=acme,tier!=free", true), ("customer=acme , tier = free", false),
            ("ops.example/site=eu-1", true), ("customer=", false), ("in=x", false),
        ])
    func `it chooses by all of its requirements`(text: String, isMatch: Bool) throws {
        let selector = try LabelSelector(parsing: text)
        #expect(selector.matches(Self.acme) == isMatch)
        // What it says of itself means the same.
        let again = try LabelSelector(parsing: selector.description)
        #expect(again == selector)
    }

    @Test(
        arguments: [
            "", " ", ",", "a=b,", "=b", "!", "a!b", "a in", "a in b", "a in (b", "a in b)",
            "a in (b c)", "a like b", "a=b c", "a=b;c", "7a=b", "a='b'", "a=b,,c=d", "a=\u{0}",
            String(repeating: "a", count: 64), "a=" + String(repeating: "b", count: 64),
            String(repeating: "a=b,", count: 1000) + "a=b",
            Array(repeating: "a=b", count: 17).joined(separator: ","),
            "a in (" + Array(repeating: "b", count: 65).joined(separator: ",") + ")",
        ])
    func `what is no choice is refused in words`(text: String) {
        #expect(throws: Problem(code: "selector_invalid", message: "")) {
            try LabelSelector(parsing: text)
        }
    }
}
