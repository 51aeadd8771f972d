import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct ConfirmDeletesTests {
    private static func text(_ api: ChangingAPI, _ confirmation: String) throws -> BridgeText {
        var text = try BridgeText(api)
        text.stream =
            "{ request: /orders, records: ., key: .id, confirm_deletes: \(confirmation) }"
        return text
    }

    @Test func `a record is gone once so many polls in a row have missed it`() async throws {
        let api = try ChangingAPI(orders(1...20))
        try await Bridge.with(Self.text(api, "{ scans: 3 }")) { bridge in
            try await bridge.pollLater()
            api.set(orders(1...19))
            for _ in 1...2 { #expect(try await bridge.pollLater().deleted == 0) }
            api.set(orders(1...20))
            try await bridge.pollLater()
            api.set(orders(1...19))
            for _ in 1...2 { #expect(try await bridge.pollLater().deleted == 0) }
            // A poll that fails counts neither way.
            api.set { _ in .reply(status: 500) }
            try await bridge.pollLater()
            api.set(orders(1...19))
            #expect(try await bridge.pollLater().deleted == 1)
            #expect(try await bridge.changes() == ["deleted 20 v2"])
        }
    }

    @Test func `validators do not hide a record that is still to be confirmed`() async throws {
        let tagged: @Sendable (String) -> ScriptedServer.Handler = { list in
            { request in
                let tag = "\"\(list.count)\""
                return request.header("If-None-Match") == tag
                    ? .reply(status: 304)
                    : .reply(headers: [("ETag", tag)], body: Array(list.utf8))
            }
        }
        let api = try ChangingAPI(tagged(orders(1...20)))
        try await Bridge.with(Self.text(api, "{ scans: 2 }")) { bridge in
            try await bridge.pollLater()
            #expect(try await bridge.pollLater().outcome == "not_modified")
            api.set(tagged(orders(1...19)))
            #expect(try await bridge.pollLater().deleted == 0)
            #expect(try await bridge.pollLater().deleted == 1)
            #expect(try await bridge.pollLater().outcome == "not_modified")
        }
    }

    @Test(arguments: [
        (status: 404, deleted: 1), (410, 1), (200, 0), (500, 0), (401, 0), (302, 0),
    ])
    func `a record that is asked for is gone only if the API says so`(
        status: Int, deleted: Int
    ) async throws {
        let api = try ChangingAPI(orders(1...20))
        try await Bridge.with(Self.text(api, "{ get: \"/orders/${record.key}\" }")) { bridge in
            try await bridge.pollLater()
            api.set { request in
                request.target.hasSuffix("/orders/20")
                    ? .reply(status: status) : .reply(text: orders(1...19))
            }
            #expect(try await bridge.pollLater().deleted == deleted)
            #expect(api.requests.last?.target == "/orders/20")
            #expect(try await bridge.state().liveCount == 20 - deleted)
            guard deleted == 0 else { return }
            api.set { request in
                request.target.hasSuffix("/orders/20")
                    ? .reply(status: 404) : .reply(text: orders(1...19))
            }
            #expect(try await bridge.pollLater().deleted == 1)
        }
    }

    @Test func `so many records are asked for in one poll, and the others in the next`()
        async throws
    {
        let api = try ChangingAPI(orders(1...1000))
        try await Bridge.with(Self.text(api, "{ get: \"/orders/${record.key}\" }")) { bridge in
            try await bridge.pollLater()
            api.set { request in
                request.target == "/orders"
                    ? .reply(text: orders(1...850)) : .reply(status: 404)
            }
            #expect(try await bridge.pollLater().deleted == Limits.probesPerPollMax)
            #expect(try await bridge.pollLater().deleted == 50)
            #expect(try await bridge.state().liveCount == 850)
        }
    }
}

extension Bridge {
    /// Polls a minute later: two polls at one instant would be one.
    @discardableResult
    fileprivate func pollLater() async throws -> PollReport {
        time.advance(by: .seconds(60))
        return try await poll()
    }
}
