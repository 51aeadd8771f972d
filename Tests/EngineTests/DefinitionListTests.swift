import PullcordAdapter
import PullcordCommit
import PullcordConfig
import PullcordEngine
import PullcordModel
import PullcordSQLiteStore
import PullcordSigning
import PullcordTestSupport
import PullcordTransfer
import Testing

/// Lists, labels, secrets that are replaced, and what the daemon is told.
@Suite(.timeLimit(.minutes(10))) struct DefinitionListTests {
    private static let secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

    @Test func `pages go through the file and the store by name, and by labels`() async throws {
        let world = try DefinitionWorld()
        let own = ["a", "c", "e"].map {
            "{ name: \($0), adapter: shop, every: 1s, with: { site: a }, labels: { n: \($0) } }"
        }
        world.set("b.yaml", world.bridge(sources: "sources: [\(own.joined(separator: ", "))]\n"))
        try await world.with { _, book in
            for name in ["b", "d", "f"] {
                try await book.source(
                    name, DefinitionWorld.source("a", more: #","labels":{"n":"\#(name)"}"#))
            }
            var names: [String] = []
            var after: String?
            repeat {
                let page = try await book.page(
                    DefinitionPageQuery(.source, after: after, limit: 2))
                names += page.items.map(\.name)
                after = page.next
            } while after != nil
            #expect(names == ["a", "b", "c", "d", "e", "f"])
            let labels = try LabelSelector(parsing: "n in (a,b,f)")
            let chosen = try await book.page(DefinitionPageQuery(.source, labels: labels))
            #expect(chosen.items.map(\.name) == ["a", "b", "f"] && chosen.next == nil)
            let file = try await book.page(DefinitionPageQuery(.source, origin: .file))
            #expect(file.items.map(\.name) == ["a", "c", "e"])
            #expect(file.items.allSatisfy { $0.version == nil })
            #expect(try await book.page(DefinitionPageQuery(.subscription)).items.isEmpty)
        }
    }

    @Test func `a subscription by labels hears of sources that come later`() async throws {
        let world = try DefinitionWorld()
        try await world.with { _, book in
            try await book.subscription(
                "t",
                DefinitionWorld.subscription(
                    "\"\(Self.secret)\"", more: #","sources":{"labels":"customer=acme"}"#))
            #expect(try await book.configuration().subscriptions[0].spec.sources == [])
            for name in ["x", "y"] {
                let label = #","labels":{"customer":"\#(name == "x" ? "acme" : "globex")"}"#
                try await book.source(name, DefinitionWorld.source("a", more: label))
            }
            let chosen = try await book.configuration().subscriptions[0].spec.sources
            #expect(chosen?.map(\.text) == ["x"])
            _ = try await book.delete(.source, "x", expecting: .anything, by: "a test")
            #expect(try await book.configuration().subscriptions[0].spec.sources == [])
        }
    }

    @Test func `a source that a subscription names is not taken away from it`() async throws {
        let world = try DefinitionWorld()
        try await world.with { _, book in
            try await book.source("x", DefinitionWorld.source("a"))
            try await book.subscription(
                "t",
                DefinitionWorld.subscription("\"\(Self.secret)\"", more: #","sources":["x"]"#))
            let delete = {
                try await refusal {
                    _ = try await book.delete(.source, "x", expecting: .anything, by: "a test")
                }
            }
            #expect(try await delete() == "source_in_use")
            _ = try await book.delete(.subscription, "t", expecting: .anything, by: "a test")
            #expect(try await delete() == nil)
            #expect(try await delete() == "definition_unknown")
        }
    }

    @Test func `a rotated secret signs beside the old one until the overlap has passed`()
        async throws
    {
        let world = try DefinitionWorld()
        try await world.with { _, book in
            try await book.subscription("t", DefinitionWorld.subscription("\"\(Self.secret)\""))
            let (first, _) = try await book.rotateSecret(
                of: "t", to: nil, overlap: .seconds(3600), by: "a test")
            var secrets = try await book.configuration().subscriptions[0].wire.secrets
            #expect(secrets.map(\.secret) == [first, Secret(Self.secret)])
            #expect(secrets[0].until == nil)
            #expect(secrets[1].until == world.time.wall() + .seconds(3600))
            // Sooner, and not longer than before.
            let (second, _) = try await book.rotateSecret(
                of: "t", to: nil, overlap: .seconds(7200), by: "a test")
            secrets = try await book.configuration().subscriptions[0].wire.secrets
            #expect(secrets.map(\.secret) == [second, first, Secret(Self.secret)])
            #expect(secrets[2].until == world.time.wall() + .seconds(3600))
            let (third, _) = try await book.rotateSecret(
                of: "t", to: nil, overlap: .zero, by: "a test")
            secrets = try await book.configuration().subscriptions[0].wire.secrets
            #expect(secrets.map(\.secret) == [third])
            #expect(
                try await refusal {
                    _ = try await book.rotateSecret(
                        of: "nobody", to: nil, overlap: .zero, by: "a test")
                } == "definition_unknown")
            #expect(
                try await refusal {
                    _ = try await book.rotateSecret(
                        of: "t", to: Secret("weak"), overlap: .zero, by: "a test")
                } == "definition_invalid")
        }
    }

    @Test func `a test is signed, told of, and leaves nothing in the store`() async throws {
        let world = try DefinitionWorld()
        let subscriber = try Subscriber(time: world.time)
        let engine = try TransferEngine(
            policy: AddressPolicy(allow: [try AllowEntry(parsing: "loopback")]))
        let store = try world.open()
        let book = world.book(
            store,
            tester: EndpointTester(exchange: engine, time: world.time, version: "1.0.0"))
        let secret = "\"\(subscriber.secret.text.expose())\""
        try await book.subscription(
            "t", DefinitionWorld.subscription(secret, url: subscriber.server.url("/hook")))
        let sent = try await book.sendTest(to: "t")
        #expect(sent.isDelivered && sent.outcome == "delivered")
        #expect(subscriber.webhooks.map(\.type) == ["pullcord.test"])
        #expect(try await store.events(EventQuery()).isEmpty)
        #expect(try await store.deliveries(DeliveryQuery()).isEmpty)
        #expect(
            try await refusal { _ = try await book.sendTest(to: "nobody") }
                == "definition_unknown")
        await engine.shutdown()
        await store.close()
    }

    @Test func `what is committed and cannot run is told`() async throws {
        let world = try DefinitionWorld()
        let store = try world.open()
        let book = world.book(store, refusing: Problem(code: "full", message: "no room"))
        let change = try await book.source("x", DefinitionWorld.source("a"))
        #expect(change.problem?.code == "full")
        #expect(try await store.definition(.source, "x") != nil)
        await store.close()
    }

    @Test func `many at once come out as one after the other`() async throws {
        let world = try DefinitionWorld()
        try await world.with { store, book in
            let created = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        do {
                            try await book.source(
                                "s\(number % 20)", DefinitionWorld.source("a"), .absent)
                            return true
                        } catch is DefinitionRefusal {
                            return false
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(created == 20)
            #expect(try await store.allDefinitions(.source).count == 20)
            #expect(world.applications.last?.count == 20)
        }
    }

    @Test func `a request to a daemon holds its secrets sealed`() async throws {
        let world = try DefinitionWorld()
        try await world.with { store, book in
            var operations = Operations.standard(store: store, deliver: nil, time: world.time)
            operations.addDefinitions(book)
            let sealer = DefinitionSealer(try SealingKeys(parsing: [world.key]))
            let text = String(decoding: DefinitionWorld.source("a"), as: UTF8.self)
            let sealed = try sealer.sealArgument(Secret(text), of: "source.put", "x")
            let put = { (name: String, definition: String) in
                try await operations.carryOut(
                    "source.put",
                    arguments: Operations.write([
                        "name": name, "definition": definition, "expect": "absent",
                    ]))
            }
            #expect(!sealed.contains("t0ken"))
            #expect(try await put("x", sealed).isDone)
            #expect(try await !put("x", sealed).isDone)
            // Neither for another name nor unsealed.
            #expect(try await put("y", sealed).text.contains("sealed_damaged"))
            #expect(try await !put("y", text).isDone)
            let audit = try await store.audit(limit: 10)
            #expect(audit.map(\.action) == Array(repeating: "source.put", count: 4))
            #expect(audit.last?.detail == "made by the command line")
            #expect(!audit.contains { $0.detail.contains("t0ken") })
        }
    }

    @Test func `a thousand definitions load`() async throws {
        let world = try DefinitionWorld()
        try await world.with { store, book in
            for number in 0..<1000 {
                _ = try await store.put(
                    .source, "s\(number)",
                    text: #"{"adapter":"shop","every":"60s","with":{"site":"s\#(number)"}}"#,
                    labels: ["customer": "c\(number % 100)"], expecting: .absent,
                    audit: AuditEntry(time: world.time.wall(), action: "", subject: "", detail: ""))
            }
            #expect(try await book.load().sources.count == 1000)
            let labels = try LabelSelector(parsing: "customer=c7")
            let page = try await book.page(DefinitionPageQuery(.source, labels: labels))
            #expect(page.items.count == 10)
        }
    }
}
