import PullcordAdapter
import PullcordConfig
import PullcordGuide
import PullcordJSON
import Testing

@Suite struct ExplanationTests {
    private static func topics(
        _ spec: AdapterSpec, _ parameters: [String: String] = [:]
    ) throws -> [String: [String]] {
        let explanation = Explanation(spec, parameters: parameters)
        let stream = try #require(explanation.streams.last)
        return Dictionary(
            (explanation.topics + stream.topics).map { ($0.title, $0.sentences) }
        ) { $0 + $1 }
    }

    private static func topics(_ lines: String, top: String = "") throws -> [String: [String]] {
        try topics(try Fixture.stream(lines, top: top))
    }

    @Test func `a whole list is asked for alike each time, and compared`() throws {
        let topics = try Self.topics("request: { path: /things, query: { state: all } }\nkey: .id")
        #expect(topics["asks"]?.first == "Every poll asks GET https://x.example/things?state=all")
        #expect(topics["pages"] == ["There is one page."])
        #expect(topics["requests"]?.first == "First poll: 1 request.")
        #expect(topics["requests"]?.contains { $0.contains("304") } == true)
        #expect(topics["deletes"]?.first == "What is missing in the whole list is `deleted`.")
        #expect(topics["cannot see"] == nil)
    }

    @Test func `a cursor is left out at first and named later`() throws {
        let topics = try Self.topics(
            """
            request: { path: /things, query: { since: "${cursor}", page: "${page.number}" } }
            pages: { number: 1 }
            key: .id
            cursor: { from: .updated_at, overlap: 2m }
            """)
        #expect(topics["asks"]?[0] == "The first poll asks GET https://x.example/things?page=1")
        #expect(
            topics["asks"]?[1]
                == "Later polls ask GET https://x.example/things?since=${cursor}&page=1")
        #expect(
            topics["asks"]?[2]
                == "`${cursor}` is the greatest `.updated_at` seen, less 2m, sent as rfc3339.")
        #expect(topics["deletes"] == ["Deletes are not seen."])
        #expect(
            topics["cannot see"] == [
                "Deletes.",
                "Changes that do not move `.updated_at`, of records more than 2m behind the newest.",
            ])
        #expect(topics["promises"]?.first?.contains("overlap of 2m") == true)
    }

    @Test func `how long an API takes to settle is told plainly`() throws {
        let topics = try Self.topics(
            """
            request: { path: /things, query: { since: "${cursor}" } }
            key: .id
            cursor: { moves: with_time, overlap: 1m, settle: 2m }
            """)
        #expect(
            topics["asks"]?.contains(
                "`${cursor}` is the time when the last complete poll began, less 1m, sent as "
                    + "rfc3339. It stays 2m behind the clock: what happened since then is asked "
                    + "for again by the next poll.") == true, "\(topics["asks"] ?? [])")
    }

    @Test func `rules for answers are told in words`() throws {
        let topics = try Self.topics(
            """
            request: /things
            key: .id
            answers: [{ status: [404, 5xx], then: skip }, { when: .busy, then: retry }]
            expect: { path: .items }
            """, top: "answers: [{ header: { x-error: 'quota*' }, then: rate_limited }]\n")
        #expect(
            topics["errors"]?.contains {
                $0.contains("x-error: quota* means the limit is reached")
            } == true)
        #expect(
            topics["errors"]?.contains {
                $0.contains(
                    "status 404 or 500–599 means leave the page out; `.busy` means ask again")
            } == true)
        #expect(topics["errors"]?.last == "A page must have `.items`; without it the poll fails.")
    }

    @Test func `reconcile tells how late deletes come`() throws {
        let topics = try Self.topics(
            """
            request: { path: /things, query: { since: "${cursor}" } }
            key: .id
            cursor: { from: .updated_at }
            reconcile: 24h
            """)
        #expect(topics["cannot see"]?.contains("Deletes.") == false)
        #expect(topics["how late"]?.contains { $0.contains("every 1d") } == true)
        #expect(topics["requests"]?.contains { $0.contains("every 1d") } == true)
        #expect(topics["deletes"]?.first?.contains("read every 1d") == true)
    }

    @Test(arguments: [
        ("", "pages: { link: next }", "rel=next"),
        ("", "pages: { next_url: .paging.next }", "`.paging.next`"),
        ("a: '${page.after}'", "pages: { keyset: .id }", "behind the last record's `.id`"),
        ("n: '${page.number}'", "pages: { number: { start: 0 } }", "pages from 0"),
        ("o: '${page.offset}'", "pages: { offset: 0 }", "records from 0"),
        ("t: '${page.token}'", "pages: { token: .next }", "`.next`"),
        ("", "pages: { continue: .continue }", "`.continue`"),
    ])
    func `each scheme says how the next page is found`(
        item: String, pages: String, words: String
    ) throws {
        let topics = try Self.topics(
            "request: { path: /things, query: { \(item) } }\n\(pages)\nkey: .key")
        #expect(topics["pages"]?.first?.contains(words) == true, "\(topics["pages"] ?? [])")
        #expect(topics["promises"]?.isEmpty == false)
    }

    /// The end of the list, as it is told with the pages and with what they cost.
    @Test(arguments: [
        ("pages: { next_url: .next, more: .more }", "last.", "each page."),
        ("pages: { link: next, stop: known }", "last.", "each page."),
        (
            "pages: { number: 1, more: .more }", "The first empty page is the end.", "each page."
        ),
        (
            "pages: { number: 1, size: 5, stop: short }", "The first empty page is the end.",
            "each 5 records."
        ),
        (
            "pages: { number: 1, size: 5 }", "The first empty page is the end.",
            "and one for the empty page behind them."
        ),
    ])
    func `what ends a list follows on how the next page is found`(
        pages: String, before: String, cost: String
    ) throws {
        let query = pages.contains("number") ? "n: '${page.number}'" : ""
        let topics = try Self.topics(
            "request: { path: /things, query: { \(query) } }\n\(pages)\nkey: .id")
        let sentences = try #require(topics["pages"])
        for (index, sentence) in sentences.enumerated() where sentence.hasPrefix("So is") {
            #expect(sentences[index - 1].hasSuffix(before), "\(sentences)")
        }
        #expect(
            sentences.joined().contains("So is")
                == (pages.contains("stop") || pages.contains("more")))
        #expect(topics["requests"]?.first?.hasSuffix(cost) == true, "\(topics["requests"] ?? [])")
    }

    @Test func `a feed promises no more than a feed can`() throws {
        let topics = try Self.topics(
            """
            request: /things
            pages: { link: next, stop: known }
            key: .id
            detect: feed
            """)
        #expect(topics["promises"] == ["Every new item is found, if the API lists new ones first."])
        let paged = try Self.topics(
            """
            request: { path: /things, query: { since: "${cursor}", after: "${page.after}" } }
            pages: { keyset: .id, more: .more }
            key: .id
            detect: feed
            cursor: { from: .at, overlap: 5m }
            """)
        #expect(paged["requests"]?[1].contains("1 request, more if the overlap of 5m") == true)
    }

    @Test func `values that are given stand in the requests, secrets never`() throws {
        let spec = try Fixture.adapter(
            """
            adapter: a
            params:
              owner: { required: true }
              token: { type: secret, required: true }
            base_url: "https://x.example/${params.owner}"
            headers: { X-Key: "${params.token}" }
            streams: { things: { request: { path: /things, query: { k: "${params.token}" } }, key: .id } }
            """)
        let topics = try Self.topics(spec, ["owner": "acme", "token": "hunter2"])
        #expect(
            topics["asks"]?.first
                == "Every poll asks GET https://x.example/acme/things?k=${params.token}")
        #expect(topics["login"]?.contains { $0.contains("X-Key") } == true)
        #expect(!Explanation(spec, parameters: ["token": "hunter2"]).text().contains("hunter2"))
    }

    @Test func `details and children tell what each of them costs`() throws {
        let details = try Self.topics(
            """
            request: /things
            key: .id
            detail: { request: "/things/${record.id}", refresh: 1h }
            """)
        #expect(
            details["requests"]?.contains { $0.hasPrefix("Details: 1 for each record") } == true)
        #expect(details["cannot see"]?.contains { $0.contains("for up to 1h") } == true)
        let spec = try Fixture.adapter(
            """
            adapter: a
            base_url: https://x.example
            streams:
              repos: { request: /repos, key: .id }
              tags:
                parent: { stream: repos, fields: { name: .name }, poll: changed, when: .open }
                request: "/repos/${parent.name}/tags"
                key: .name
            """)
        let children = try Self.topics(spec)
        #expect(
            children["asks"]?.first
                == "It is asked for each new or changed record of `repos` with `.open`.")
        #expect(
            children["changes"]?.first
                == "Records are told apart by the key of their `repos` together with `.name`.")
        #expect(children["requests"]?.contains { $0.contains("Nothing changed: none") } == true)
        #expect(children["asks"]?.contains { $0.contains("/repos/${parent.name}/tags") } == true)
    }

    @Test func `every adapter that is shipped is explained, with every topic`() throws {
        let catalogue = Fixture.catalogue()
        for entry in catalogue.entries() {
            let explanation = Explanation(try catalogue.adapter(entry).get())
            #expect(!explanation.streams.isEmpty)
            for stream in explanation.streams {
                let titles = Set(stream.topics.map(\.title))
                #expect(
                    titles.isSuperset(of: ["asks", "pages", "promises", "changes", "requests"]),
                    "\(entry.name) \(stream.name): \(titles)")
            }
            for topic in explanation.topics + explanation.streams.flatMap(\.topics) {
                for sentence in topic.sentences {
                    #expect(
                        !sentence.contains("nil") && !sentence.contains("Optional"), "\(sentence)")
                    #expect(!sentence.contains("  "), "\(entry.name): \(sentence)")
                }
            }
            #expect(throws: Never.self) { try JSONValue(parsing: explanation.json) }
        }
    }

    @Test func `lines are broken where a terminal ends`() throws {
        let spec = try Fixture.stream("request: /things\nkey: .id")
        for line in Explanation(spec).text(width: 60).split(separator: "\n") {
            #expect(line.count <= 60 || !line.dropFirst(14).contains(" "), "\(line)")
        }
        #expect(Explanation(spec).text() != Explanation(spec).text(width: 60))
    }
}
