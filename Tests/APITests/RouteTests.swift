import Foundation
import PullcordAPI
import PullcordCommit
import PullcordModel
import PullcordSQLiteStore
import PullcordTestSupport
import Testing
import WireSupport

/// What the routes answer.
@Suite(.timeLimit(.minutes(10))) struct `The routes of the API` {
    @Test func `events are read page by page, each once`() async throws {
        let fixture = try APIFixture()
        try await fixture.fill(7)
        try await fixture.serve { port in
            for (path, ids) in [("events", "key"), ("deliveries", "key")] {
                var seen: [String] = []
                var target = "/v1/\(path)?limit=3"
                while true {
                    let page = try await Call(target).send(port)
                    seen += page.items.compactMap { $0[ids] as? String }
                    guard let next = page.object?["next"] as? String else { break }
                    target = "/v1/\(path)?limit=3&cursor=\(next)"
                }
                #expect(seen == ["6", "5", "4", "3", "2", "1", "0"], "\(path)")
            }
            let first = try await Call("/v1/sources?limit=1").send(port)
            let next = try #require(first.object?["next"] as? String)
            let second = try await Call("/v1/sources?limit=1&cursor=\(next)").send(port)
            let names = (first.items + second.items).compactMap { $0["name"] as? String }
            #expect(names == ["depot", "shop"] && second.object?["next"] is NSNull)
            let foreign = try await Call("/v1/events?cursor=\(next)").send(port)
            #expect(foreign.status == 400 && foreign.code == "cursor_invalid")
        }
    }

    @Test func `an event comes with its record as it was, and its deliveries`() async throws {
        let fixture = try APIFixture()
        try await fixture.fill(1)
        try await fixture.serve { port in
            let answer = try await Call("/v1/events/evt_0").send(port)
            #expect(
                answer.status == 200 && answer.body.contains(#""record":{"id":0,"price":12.50}"#))
            #expect((answer.object?["deliveries"] as? [Any])?.count == 1)
            let list = try await Call("/v1/events").send(port)
            #expect(list.items.first?["record"] == nil && list.items.count == 1)
            let found1 = try await Call("/v1/events/evt_9").send(port).code
            #expect(found1 == "unknown_event")
        }
    }

    @Test func `thousands of sources are listed page by page, searched and counted`() async throws {
        let fixture = try APIFixture()
        let names = (0..<2100).map { "old-" + String(String(10_000 + $0).dropFirst()) }
        _ = try await fixture.store.register(
            streams: names.map {
                StreamAddress(source: SourceName($0), stream: StreamName("orders"))
            })
        try await fixture.serve { port in
            func walk(_ query: String) async throws -> [String] {
                var found: [String] = []
                var cursor = ""
                while true {
                    let page = try await Call("/v1/sources?limit=200&\(query)\(cursor)").send(port)
                    found += page.items.compactMap { $0["name"] as? String }
                    guard let next = page.object?["next"] as? String else { return found }
                    cursor = "&cursor=\(next)"
                }
            }
            let all = try await walk("")
            #expect(all == (names + ["depot", "shop"]).sorted())
            let removed = try await walk("state=removed")
            #expect(removed == names)
            let new = try await walk("state=never_polled")
            #expect(new == ["depot", "shop"])
            let some = try await walk("search=OLD-20")
            #expect(some == names.filter { $0.hasPrefix("old-20") })
            let status = try await Call("/v1/status").send(port).object
            let counts = status?["sources"] as? [String: Int]
            #expect(counts == ["never_polled": 2, "removed": 2100])
            #expect(status?["streams"] as? Int == 2102)
        }
    }

    @Test func `a source and a subscription tell how they fare and no secret`() async throws {
        let fixture = try APIFixture()
        try await fixture.fill(1)
        try await fixture.serve { port in
            let source = try await Call("/v1/sources/shop").send(port)
            #expect(source.object?["state"] as? String == "never_polled")
            #expect(source.object?["adapter"] as? String == "orders")
            let all = try await Call("/v1/subscriptions").send(port)
            #expect(all.items.first?["backlog"] as? Int == 1)
            for path in ["sources", "subscriptions", "adapters", "status", "audit"] {
                let text = try await Call("/v1/\(path)").send(port).body
                #expect(!text.contains("sesame") && !text.contains("whsec_"), "\(path)")
            }
            let found2 = try await Call("/v1/sources?search=DEP").send(port).items.count
            #expect(found2 == 1)
            let found3 = try await Call("/v1/sources?state=failing").send(port).items.isEmpty
            #expect(found3)
            let found4 = try await Call("/v1/sources?labels=a%3Db").send(port).items.isEmpty
            #expect(found4)
            let wrong = try await Call("/v1/sources?labels=%3D").send(port)
            #expect(wrong.status == 400 && wrong.object?["field"] as? String == "labels")
        }
    }

    @Test func `a subscription is stopped and started, and the audit says by whom`() async throws {
        let fixture = try APIFixture()
        try await fixture.fill(1)
        try await fixture.serve { port in
            let path = "/v1/subscriptions/triage"
            let stop = try await Call("\(path)/disable", "POST", json: #"{"reason":"lunch"}"#)
                .send(port)
            #expect(stop.status == 200)
            let shown = try await Call(path).send(port)
            #expect(shown.object?["state"] as? String == "disabled")
            #expect(shown.object?["disabled_reason"] as? String == "lunch")
            let found5 = try await Call("\(path)/enable", "POST").send(port).status
            #expect(found5 == 200)
            let audit = try await Call("/v1/audit").send(port)
            #expect(audit.items.compactMap { $0["action"] as? String } == ["enable", "disable"])
            #expect(audit.items.first?["actor"] as? String == "anonymous")
            let nobody = try await Call("/v1/subscriptions/nobody/enable", "POST").send(port)
            #expect(nobody.status == 404 && nobody.code == "unknown_subscription")
        }
    }

    @Test func `a replay is counted, started once under its key, and cancelled`() async throws {
        let fixture = try APIFixture()
        try await fixture.fill(3)
        try await fixture.serve { port in
            let count = try await Call(
                "/v1/replays", "POST", json: #"{"to":"triage","all":true,"dry_run":true}"#
            ).send(port)
            #expect(count.object?["events"] as? Int == 3)
            let key = [("Idempotency-Key", "k1")]
            let body = #"{"to":"triage","kind":"created"}"#
            let first = try await Call("/v1/replays", "POST", json: body, headers: key).send(port)
            let again = try await Call("/v1/replays", "POST", json: body, headers: key).send(port)
            #expect(first.status == 200 && first.body == again.body)
            #expect(again.header("idempotency-replayed") == "true")
            let other = try await Call(
                "/v1/replays", "POST", json: #"{"to":"triage","all":true}"#, headers: key
            ).send(port)
            #expect(other.status == 422 && other.code == "idempotency_key_reused")
            let found6 = try await Call("/v1/replays").send(port).items.count
            #expect(found6 == 1)
            let found7 = try await Call("/v1/replays/1/cancel", "POST").send(port).status
            #expect(found7 == 200)
            let found8 = try await Call("/v1/replays/1/cancel", "POST").send(port).status
            #expect(found8 == 404)
            fixture.time.advance(by: .seconds(86_401))
            let late = try await Call("/v1/replays", "POST", json: body, headers: key).send(port)
            #expect(late.status == 200 && late.header("idempotency-replayed") == nil)
        }
    }

    @Test(
        arguments: [
            (#"{"to":"triage"}"#, 422, "replay_all"), (#"{}"#, 422, "key_missing"),
            (#"{"to":"nobody","all":true}"#, 422, "unknown_subscription"),
            (#"{"to":"triage","dead":true}"#, 422, "replay_whose"),
            (#"{"to":"triage","kind":"eaten"}"#, 422, "value_unknown"),
            (#"{"to":"triage","since":"noon"}"#, 422, "value_invalid"),
            (#"{"to":"triage","rate":0,"all":true}"#, 422, "value_out_of_range"),
            (#"{"to":"triage","filter":".a |","kind":"created"}"#, 422, "expression_invalid"),
            (#"{"to":"triage","events":["evt_9"]}"#, 422, "unknown_event"),
            (#"{"to":["triage"]}"#, 422, "type_mismatch"), (#"{"two":1}"#, 422, "key_unknown"),
            (#"[]"#, 422, "type_mismatch"), (#"{"#, 400, "json_invalid"),
            (#"{"to":"triage","all":true} x"#, 400, "json_invalid"),
        ])
    func `a wrong body is refused at its place`(
        body: String, status: Int, code: String
    ) async throws {
        let fixture = try APIFixture()
        try await fixture.fill(1)
        try await fixture.serve { port in
            let answer = try await Call("/v1/replays", "POST", json: body).send(port)
            #expect(answer.status == status && answer.code == code, "\(answer.body)")
            #expect(answer.object?["field"] != nil)
            let found9 = try await fixture.store.replays(limit: 9).isEmpty
            #expect(found9)
        }
    }

    @Test func `an adapter that is sent is checked, and reads no file it should not`() async throws
    {
        let fixture = try APIFixture()
        try await fixture.serve { port in
            let yaml = [("Content-Type", "application/yaml")]
            var call = Call("/v1/adapters/check", "POST", headers: yaml)
            call.body = APIFixture.adapter
            let found10 = try await call.send(port).object?["valid"] as? Bool
            #expect(found10 == true)
            call.body = "adapter: x\nstreems: {}\n"
            let wrong = try await call.send(port)
            let complaints = wrong.object?["complaints"] as? [[String: Any]] ?? []
            #expect(complaints.contains { $0["suggestion"] as? String == "streams" })
            for path in ["/etc/secret.yaml", "../secret.yaml", "./secret.yaml"] {
                call.body = "extends: \(path)\nadapter: x\n"
                let told = try await call.send(port).body
                #expect(!told.contains("hunter2"), "\(path)")
            }
            let found11 = try await Call("/v1/adapters").send(port).items.count
            #expect(found11 == 1)
            let text = try await Call("/v1/adapters/orders/text").send(port)
            #expect(text.body == APIFixture.adapter)
            let found12 = try await Call("/v1/adapters/nope").send(port).code
            #expect(found12 == "unknown_adapter")
        }
    }

    @Test func `public keys are there for whoever verifies`() async throws {
        let fixture = try APIFixture()
        try await fixture.serve { port in
            let answer = try await Call("/.well-known/jwks.json").send(port)
            let keys = answer.object?["keys"] as? [[String: String]]
            // The seed is 0 to 31; its public key stands in RFC 8032's style of examples.
            #expect(keys?.first?["x"] == "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg")
            #expect(keys?.first?["kty"] == "OKP" && keys?.count == 1)
        }
    }
}
