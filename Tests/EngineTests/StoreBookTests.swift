import PullcordAdapter
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordJSON
import PullcordModel
import PullcordSQLiteStore
import PullcordSigning
import PullcordTestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct StoreBookTests {
    @Test func `what is put runs, is kept sealed, and is shown without its secret`() async throws {
        let world = try DefinitionWorld()
        try await world.with { store, book in
            let change = try await book.source(
                "acme", DefinitionWorld.source("a", more: #","labels":{"customer":"acme"}"#))
            #expect(change.outcome == .created && change.problem == nil)
            #expect(world.applications == [["acme"]])
            let stored = try #require(try await store.definition(.source, "acme"))
            #expect(!stored.text.contains("t0ken"))
            #expect(stored.labels == ["customer": "acme"])
            let shown = try #require(try await book.definition(.source, "acme"))
            #expect(shown.text.contains(#""token":{"sealed":true}"#))
            #expect(shown.version == change.definition.version && shown.origin == .api)
            let audit = try await store.audit(limit: 5)
            #expect(audit.map(\.action) == ["source.put"])
            let bound = try await book.configuration().sources[0]
            #expect(bound.parameters["token"] == "t0ken-value")
            #expect(bound.secrets.contains(Secret("t0ken-value")))
        }
        // The same after a restart.
        try await world.with { _, book in
            let sources = try await book.load().sources
            #expect(sources[0].parameters["token"] == "t0ken-value")
        }
    }

    @Test func `a secret that is written as sealed stays what it was`() async throws {
        let world = try DefinitionWorld()
        try await world.with { _, book in
            let first = try await book.source("acme", DefinitionWorld.source("a"))
            let shown = Array(first.definition.text.utf8)
            #expect(try await book.source("acme", shown).outcome == .unchanged)
            let second = try await book.source(
                "acme", DefinitionWorld.source("b", token: #"{"sealed":true}"#))
            #expect(second.outcome == .replaced)
            let bound = try await book.configuration().sources[0]
            #expect(bound.parameters == ["site": "b", "token": "t0ken-value"])
            #expect(
                try await refusal {
                    try await book.source(
                        "new", DefinitionWorld.source("b", token: #"{"sealed":true}"#))
                } == "definition_invalid")
        }
    }

    @Test func `a sealed secret opens nowhere but in its own place`() async throws {
        let world = try DefinitionWorld()
        try await world.with { store, book in
            try await book.source("acme", DefinitionWorld.source("a"))
            let text = try #require(try await store.definition(.source, "acme")).text
            let value = try JSONValue(parsing: text)
            let sealed = try #require(value["with"]?["token"]?["sealed"])
            guard case .string(let box) = sealed else {
                Issue.record("it is sealed")
                return
            }
            let own = #"{"sealed":"\#(box)"}"#
            #expect(
                try await book.source("acme", DefinitionWorld.source("a", token: own)).outcome
                    == .unchanged)
            // To another name, another field, and cut.
            for (name, text) in [
                ("thief", DefinitionWorld.source("a", token: own)),
                ("acme", Array(#"{"adapter":"shop","every":"1s","with":{"site":\#(own)}}"#.utf8)),
                ("acme", DefinitionWorld.source("a", token: #"{"sealed":"\#(box.dropLast(8))"}"#)),
                ("acme", DefinitionWorld.source("a", token: #"{"sealed":""}"#)),
                ("acme", DefinitionWorld.source("a", token: #"{"sealed":7}"#)),
            ] {
                #expect(
                    try await refusal { try await book.source(name, text) }
                        == "definition_invalid")
            }
            // Moved within the store itself: set aside, and told.
            _ = try await store.put(
                .source, "thief", text: text, labels: [:], expecting: .absent,
                audit: AuditEntry(time: world.time.wall(), action: "", subject: "", detail: ""))
            let configuration = try await book.load()
            #expect(configuration.sources.map(\.spec.name.text) == ["acme"])
            let broken = try await book.broken()
            #expect(broken.map(\.name) == ["thief"])
            #expect(broken[0].complaints.map(\.code) == ["sealed_damaged"])
        }
    }

    @Test func `without the right key nothing starts`() async throws {
        let world = try DefinitionWorld()
        try await world.with { _, book in
            try await book.source("acme", DefinitionWorld.source("a"))
            try await book.source(
                "free", Array(#"{"adapter":"shop","every":"1s","with":{"site":"f"}}"#.utf8))
            world.set("b.yaml", world.bridge(keys: [SealingKeys.generate()]))
            #expect(try await refusal { _ = try await book.load() } == "sealed_other_key")
            // What was read before stays.
            #expect(try await book.configuration().sources.count == 2)
            world.set(
                "b.yaml", world.bridge().replacing("secrets:", with: "# secrets:") + "sources: 1\n"
            )
            await #expect(throws: DiagnosticReport.self) { try await book.load() }
            world.set(
                "b.yaml",
                "store: sqlite:x\nsources: [{ name: s, adapter: shop, every: 1s, with: { site: a } }]"
            )
            #expect(try await refusal { _ = try await book.load() } == "secrets_key_missing")
        }
    }

    @Test func `keys are changed without a gap`() async throws {
        let world = try DefinitionWorld()
        let new = SealingKeys.generate()
        try await world.with { store, book in
            for number in 0..<3 { try await book.source("s\(number)", DefinitionWorld.source("a")) }
            let versions = try await store.allDefinitions(.source).map(\.version)
            world.set("b.yaml", world.bridge(keys: [new, world.key]))
            _ = try await book.load()
            #expect(try await book.reseal(by: "a test") == 3)
            #expect(try await book.reseal(by: "a test") == 0)
            world.set("b.yaml", world.bridge(keys: [new]))
            #expect(try await book.load().sources.count == 3)
            #expect(try await store.allDefinitions(.source).map(\.version) == versions)
        }
    }

    @Test func `a name belongs to the file or to the store, never to both`() async throws {
        let world = try DefinitionWorld()
        let file = world.bridge(
            sources: "sources: [{ name: own, adapter: shop, every: 1s, with: { site: a } }]\n")
        world.set("b.yaml", file)
        try await world.with { _, book in
            #expect(
                try await refusal { try await book.source("own", DefinitionWorld.source("a")) }
                    == "name_taken")
            #expect(
                try await refusal {
                    _ = try await book.delete(.source, "own", expecting: .anything, by: "a test")
                } == "from_file")
            try await book.source("acme", DefinitionWorld.source("a"))
            world.set("b.yaml", file.replacing("own", with: "acme"))
            #expect(try await refusal { _ = try await book.load() } == "name_taken")
            #expect(
                try await book.configuration().sources.map(\.spec.name.text) == ["own", "acme"])
        }
        // A command can still take the store's away.
        try await world.with { _, book in
            #expect(try await refusal { _ = try await book.configuration() } == "name_taken")
            _ = try await book.delete(.source, "acme", expecting: .anything, by: "a test")
            #expect(try await book.configuration().sources.count == 1)
        }
    }

    @Test func `a definition that is no longer right is set aside, and the others run`()
        async throws
    {
        let world = try DefinitionWorld()
        world.set(
            "other.yaml", DefinitionWorld.adapter.replacing("adapter: shop", with: "adapter: other")
        )
        try await world.with { _, book in
            try await book.source("acme", DefinitionWorld.source("a"))
            try await book.source(
                "bob", Array(#"{"adapter":"other","every":"1s","with":{"site":"b"}}"#.utf8))
            // One mistake beside what would do: a wrong adapter never runs half.
            let wrong = DefinitionWorld.adapter
                .replacing("adapter: shop", with: "adapter: other\nmistake: 1")
            world.set("other.yaml", wrong)
            #expect(try await book.load().sources.map(\.spec.name.text) == ["acme"])
            let page = try await book.page(DefinitionPageQuery(.source))
            #expect(page.items.map(\.isBroken) == [false, true])
            world.set("other.yaml", nil)
            #expect(try await book.load().sources.count == 1)
            #expect(try await book.broken()[0].complaints.map(\.code) == ["adapter_unknown"])
            #expect(try await book.broken()[0].complaints.map(\.pointer) == ["/adapter"])
        }
    }

    @Test func `a change is refused if another came between`() async throws {
        let world = try DefinitionWorld()
        try await world.with { _, book in
            let first = try await book.source("a", DefinitionWorld.source("a"), .absent)
            let version = try #require(first.definition.version)
            #expect(
                try await refusal {
                    try await book.source("a", DefinitionWorld.source("b"), .absent)
                } == "name_taken")
            try await book.source("a", DefinitionWorld.source("b"), .version(version))
            #expect(
                try await refusal {
                    try await book.source("a", DefinitionWorld.source("c"), .version(version))
                } == "version_mismatch")
            #expect(
                try await refusal {
                    try await book.source("z", DefinitionWorld.source("c"), .present)
                } == "definition_unknown")
            #expect(
                try await refusal {
                    _ = try await book.delete(
                        .source, "a", expecting: .version(version), by: "a test")
                } == "version_mismatch")
        }
    }

    @Test(
        arguments: [
            ("a", "[]", "json_invalid"), ("a", "{", "json_invalid"), ("a", "", "json_invalid"),
            ("a", #"{"name":"b"}"#, "definition_invalid"), ("a", "{}", "definition_invalid"),
            ("'; DROP TABLE definition; --", "{}", "definition_invalid"),
            ("a/b", "{}", "definition_invalid"), ("", "{}", "definition_invalid"),
            ("pullcord", "{}", "definition_invalid"),
            (
                "a", #"{"adapter":"\#(String(repeating: "x", count: 1 << 20))"}"#,
                "definition_too_large"
            ),
            ("a", #"{"with":"# + String(repeating: "[", count: 5000), "json_invalid"),
        ])
    func `hostile definitions are refused and change nothing`(
        name: String, text: String, code: String
    ) async throws {
        let world = try DefinitionWorld()
        try await world.with { store, book in
            let refused = try await refusal { try await book.source(name, Array(text.utf8)) }
            #expect(refused == code)
            #expect(try await store.allDefinitions(.source).isEmpty)
            #expect(try await store.audit(limit: 1).isEmpty)
            #expect(try await !book.check(.source, name, text: Array(text.utf8)).isEmpty)
        }
    }

    @Test func `no complaint shows a secret`() async throws {
        let world = try DefinitionWorld()
        try await world.with { _, book in
            let secret = "whsec_dGhpcyBpcyB0b28gc2hvcnQ="
            do {
                try await book.subscription(
                    "t",
                    DefinitionWorld.subscription(
                        "\"\(secret)\"", more: #","headers":{"X-Key":"k3y\nvalue"}"#))
                Issue.record("it is refused")
            } catch let refusal as DefinitionRefusal {
                let text = "\(refusal.told)"
                #expect(!text.contains(secret) && !text.contains("k3y"))
                #expect(refusal.complaints.contains { $0.pointer == "/secret" })
            }
        }
    }

    @Test func `a source that cannot be put to work is refused, and set aside if it is there`()
        async throws
    {
        let world = try DefinitionWorld()
        world.set(
            "signed.yaml",
            DefinitionWorld.adapter.replacing("adapter: shop", with: "adapter: signed").replacing(
                #"auth: { bearer: "${params.token}" }"#,
                with: #"auth: { oauth2: { grant: jwt_bearer, token_url: "https://a.example", "#
                    + #"assertion: { issuer: i, key: "${params.token}" } } }"#))
        let key = #""-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----""#
        let text = #"{"adapter":"signed","every":"1s","with":{"site":"a","token":\#(key)}}"#
        try await world.with { store, book in
            let refused = try await refusal { try await book.source("bad", Array(text.utf8)) }
            #expect(refused == "definition_invalid")
            let complaints = try await book.check(.source, "bad", text: Array(text.utf8))
            #expect(complaints.map(\.code) == ["login_impossible"])
            #expect(try await book.source("acme", DefinitionWorld.source("a")).problem == nil)
        }
    }

    @Test func `a subscription stays when the stream it waits for goes`() async throws {
        let world = try DefinitionWorld()
        try await world.with { store, book in
            try await book.source("acme", DefinitionWorld.source("a"))
            let text = DefinitionWorld.subscription(
                "\"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"",
                more: #","sources":["acme"],"events":["orders.*"]"#)
            try await book.subscription("t", text)
            world.set(
                "shop.yaml", DefinitionWorld.adapter.replacing("{ orders:", with: "{ sales:"))
            #expect(try await book.load().subscriptions.map(\.spec.name.text) == ["t"])
            let kept = try #require(try await book.definition(.subscription, "t"))
            #expect(!kept.isBroken && kept.complaints.map(\.code) == ["event_never"])
            // What is written now has to be right.
            let refused = try await refusal { try await book.subscription("u", text) }
            #expect(refused == "definition_invalid")
        }
    }

    @Test func `what was set aside comes back with the source that it missed`() async throws {
        let world = try DefinitionWorld()
        try await world.with { store, book in
            _ = try await store.put(
                .subscription, "t",
                text:
                    #"{"url":"https://t.example","secret":"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","#
                    + #""sources":["acme"]}"#,
                labels: [:], expecting: .absent,
                audit: AuditEntry(time: world.time.wall(), action: "", subject: "", detail: ""))
            #expect(try await book.load().subscriptions.isEmpty)
            try await book.source("acme", DefinitionWorld.source("a"))
            #expect(try await book.broken().isEmpty)
            #expect(try await book.configuration().subscriptions.count == 1)
        }
    }
}
