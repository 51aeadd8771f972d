import PullcordDrafting
import Testing

/// What further requests settle.
@Suite
struct ProbeTests {
    private static let first =
        #"{"page":1,"items":[{"id":1,"seen":"a","n":1},{"id":2,"seen":"b","n":2}]}"#

    private static func guess(_ headers: [(String, String)] = []) throws -> APIGuess {
        try APIGuess(Drafted.answer(first, headers: headers), DraftChoices())
    }

    private static func learn(
        _ guess: inout APIGuess, _ purpose: DraftProbe.Purpose, _ body: String, status: Int = 200
    ) throws {
        let probe = try #require(guess.probes.first { $0.purpose == purpose })
        guess.learn(probe, Drafted.answer(body, url: probe.url, status: status))
    }

    private static func finding(_ guess: APIGuess, _ subject: String) throws -> Finding {
        try #require(guess.findings.first { $0.subject == subject })
    }

    @Test func `probes ask for the same again with its validator, and for the next page`() throws {
        let probes = try Self.guess([("ETag", "\"x\"")]).probes
        #expect(probes.count == 2)
        #expect(probes[0].headers.first?.name == "If-None-Match")
        #expect(probes[1].url == "https://api.example.com/v1/orders?page=2")
    }

    @Test func `a 304 proves that validators are understood`() throws {
        var guess = try Self.guess([("Last-Modified", "Fri, 02 Jan 2026 03:04:05 GMT")])
        try Self.learn(&guess, .again, "", status: 304)
        #expect(try Self.finding(guess, "conditional").sureness == .sure)
    }

    @Test func `fields that differ in a second look are ignored, changed records are not`() throws {
        var guess = try Self.guess()
        try Self.learn(
            &guess, .again,
            #"{"page":1,"items":[{"id":1,"seen":"c","n":1},{"id":2,"seen":"d","n":9}]}"#)
        #expect(guess.draft.text.contains("ignore: [.seen]"))
        #expect(Drafted.complaints(in: guess.draft.text) == [])
    }

    @Test(
        arguments: [
            (#"{"page":2,"items":[{"id":3}]}"#, 200, "number", Sureness.sure),
            (#"{"page":2,"items":[]}"#, 200, "number", .likely),
            (#"{"page":2,"items":[{"id":2},{"id":3}]}"#, 200, "number", .likely),
            (first, 200, "none", .unsure), ("{}", 200, "none", .unsure), ("", 404, "none", .unsure),
        ])
    func `the next page proves or refutes how pages follow`(
        body: String, status: Int, word: String, sureness: Sureness
    ) throws {
        var guess = try Self.guess()
        try Self.learn(&guess, .nextPage, body, status: status)
        let finding = try Self.finding(guess, "pages")
        #expect(finding.guess == word)
        #expect(finding.sureness == sureness)
        #expect(Drafted.complaints(in: guess.draft.text) == [])
    }

    /// The page after a first one of two records without a key.
    @Test(arguments: [(#"[{"a":1},{"a":1}]"#, "none"), (#"[{"a":2},{"a":2}]"#, "number")])
    func `records without a key are compared as a whole`(body: String, word: String) throws {
        var guess = try APIGuess(
            Drafted.answer(
                #"[{"a":1},{"a":1}]"#, url: "https://api.example.com/v1/orders?page=1"),
            DraftChoices())
        try Self.learn(&guess, .nextPage, body)
        #expect(try Self.finding(guess, "pages").guess == word)
    }

    @Test func `a key that was offered is taken as it is`() throws {
        // Labels as a whole are the key: a program with a comma in it.
        let metrics = Drafted.answer(#"[{"l":{"a":"x","b":"y"},"n":1},{"l":{"a":"x"},"n":1}]"#)
        let labels = try APIGuess(metrics, DraftChoices())
        let program = try Self.finding(labels, "key").guess
        #expect(program.contains(#"join(",")"#))
        #expect(labels.key(answered: program) == [program])
        #expect(labels.key(answered: ".l.a , .n") == [".l.a", ".n"])
        var choices = DraftChoices()
        choices.key = labels.key(answered: program)
        let text = try APIGuess(metrics, choices).draft.text
        #expect(Drafted.complaints(in: text) == [], "\(text)")
        // Two fields together are offered with a comma between them.
        let pairs = try APIGuess(
            Drafted.answer(#"[{"a":1,"b":1},{"a":1,"b":2},{"a":2,"b":1}]"#), DraftChoices())
        #expect(try Self.finding(pairs, "key").guess == ".a, .b")
        #expect(pairs.key(answered: ".a, .b") == [".a", ".b"])
    }

    @Test(arguments: [
        ("page=1", #"[{"id":8},{"id":9}]"#, "{ start: 0 }"), ("page=1", "[]", "{ start: 1 }"),
        ("page=1", #"[{"id":1},{"id":2}]"#, "{ start: 1 }"),
        // Without a number in the URL the sample is the first page, and page 1 the second.
        ("per_page=2", #"[{"id":3},{"id":4}]"#, "{ start: 0 }"),
        ("per_page=2", #"[{"id":1},{"id":2}]"#, "{ start: 1 }"),
    ])
    func `pages are counted from 0 where that is so`(
        query: String, body: String, expected: String
    ) throws {
        var guess = try APIGuess(
            Drafted.answer(
                #"[{"id":1},{"id":2}]"#, url: "https://api.example.com/v1/orders?\(query)"),
            DraftChoices())
        try Self.learn(&guess, .nextPage, #"[{"id":5},{"id":6}]"#)
        try Self.learn(&guess, .zero, body)
        #expect(guess.draft.text.contains("number: \(expected)"), "\(guess.draft.text)")
    }

    @Test(
        arguments: [
            "https://evil.example/x?page=2", "//evil.example/x", "http://api.example.com/v1/orders",
        ])
    func `no probe goes to another host`(next: String) throws {
        let answer = Drafted.answer(#"{"data":[{"id":1}],"next":"\#(next)"}"#)
        let guess = try APIGuess(answer, DraftChoices())
        #expect(guess.probes.allSatisfy { $0.url.hasPrefix("https://api.example.com/") })
    }
}
