import PullcordJSON
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import Synchronization
import Testing

/// `pullcord quarantine` as a user types it.
@Suite
struct QuarantineCommandTests {
    private final class Shop: Sendable {
        let list = Mutex("[]")

        func set(_ ids: ClosedRange<Int>) {
            let items = ids.map { #"{"id":\#($0)}"# }.joined(separator: ",")
            list.withLock { $0 = "[\(items)]" }
        }
    }

    @Test func `a finding is listed, shown, accepted and believed`() async throws {
        let folder = try TemporaryFolder()
        let shop = Shop()
        let server = try ScriptedServer { _ in .reply(text: shop.list.withLock { $0 }) }
        _ = try folder.write(
            """
            adapter: shop
            params: { server: { type: string, required: true } }
            base_url: "${params.server}"
            retry: { attempts: 1 }
            streams: { orders: { request: /orders, key: .id } }
            """, to: "shop.yaml")
        let file = try folder.write(
            """
            network: { allow: [loopback] }
            sources:
              - { name: shop, adapter: shop.yaml, every: 1s, with: { server: "\(server.url(""))" } }
            subscriptions:
              - { name: n, url: "http://127.0.0.1:59999/", secret: "${env.SECRET}", events: [pullcord.*] }
            """, to: "pullcord.yaml")
        let secret = ["SECRET": SigningSecret.generate().text.expose()]
        let run = { (arguments: String...) in
            try await PullcordProcess.runAll(arguments + ["-c", file], environment: secret)
        }
        shop.set(1...50)
        #expect(try await run("poll", "shop").status == 0)
        #expect(try await run("quarantine").text.contains("nothing is quarantined"))
        let none = try await run("quarantine", "accept", "shop")
        #expect(none.status == 1 && none.text.contains("[not_quarantined]"))

        shop.set(1...20)
        #expect(try await run("poll", "shop").status == 1)
        #expect(try await run("quarantine").text.contains("30 of 50"))
        let shown = try await run("quarantine", "show", "shop/orders").text
        #expect(shown.contains("mass_delete") && shown.contains("21: v1"))
        #expect(shown.contains("pullcord quarantine accept shop/orders"))
        let json = try await run("quarantine", "show", "shop/orders", "--json").text
        #expect(json.contains(#""affected":30,"known":50,"decision":"none""#))
        _ = try JSONValue(parsing: json)
        #expect(try await run("events").text.contains("pullcord.source.quarantined"))
        #expect(try await !run("status").text.contains("pullcord/source"))

        #expect(try await run("quarantine", "accept", "shop/orders").status == 0)
        #expect(try await run("quarantine").text.contains("accepted"))
        #expect(try await run("poll", "shop").text.contains("orders.deleted"))
        #expect(try await run("quarantine").text.contains("nothing is quarantined"))

        shop.list.withLock { $0 = "<html>log in</html>" }
        #expect(try await run("poll", "shop").status == 1)
        let refused = try await run("quarantine", "accept", "shop")
        #expect(refused.status == 1 && refused.text.contains("[not_acceptable]"))
        #expect(try await run("quarantine", "reject", "shop").status == 0)
        #expect(try await run("quarantine", "show", "shop").text.contains("log in"))
        let unknown = try await run("quarantine", "show", "nothing")
        #expect(unknown.status == 1 && unknown.text.contains("there is: shop/orders"))
    }
}
