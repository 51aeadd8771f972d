import PullcordModel
import PullcordReceiver
import PullcordSigning
import Testing
import WireSupport

@Suite struct `The receiver` {
    let deliveries = Deliveries()

    @Test func `accepts a signed webhook and reads what is in it`() async throws {
        try await deliveries.serve { port in
            let answer = try await Wire.request(
                "POST", "/", headers: Fixture.headers(), body: Fixture.body, to: port)
            #expect(answer.status == 204 && answer.body.isEmpty)
        }
        let webhook = try #require(deliveries.all.first)
        #expect(deliveries.all.count == 1)
        #expect(webhook == Fixture.webhook())
        #expect(webhook.content?.type == "orders.updated")
        #expect(webhook.content?.key == "1042" && webhook.content?.version == 3)
        #expect(webhook.content?.source == "shop" && webhook.content?.origin == "live")
        #expect(webhook.delay == .milliseconds(500))
    }

    @Test func `hands the record over byte by byte`() async throws {
        let record = try #require(Fixture.webhook().content?.record)
        #expect(
            String(decoding: record, as: UTF8.self)
                == #"{"id":1042,"lines":[{"sku":"A}\""}],"status":"paid","total":12.50}"#)
    }

    @Test func `refuses with 401 and a reason, and tells its owner`() async throws {
        let cases: [([(String, String)], String)] = [
            ([], "missing_header"), (Fixture.headers(secret: .generate()), "no_matching_signature"),
            (Fixture.headers(time: Fixture.now - .seconds(400)), "too_old"),
            (Fixture.headers(time: Fixture.now + .seconds(400)), "too_new"),
            (Fixture.headers(body: [1]), "no_matching_signature"),
            (Fixture.headers() + [("Webhook-Id", "evt_2")], "malformed"),
            (
                Fixture.headers().map { $0.0 == "webhook-timestamp" ? ($0.0, "soon") : $0 },
                "bad_timestamp"
            ),
        ]
        try await deliveries.serve { port in
            for (headers, code) in cases {
                let answer = try await Wire.request(
                    "POST", "/", headers: headers, body: Fixture.body, to: port)
                #expect(answer.status == 401)
                #expect(answer.header("content-type") == "application/json")
                #expect(answer.body.hasPrefix("{\"error\":\"\(code)\",\"message\":\""))
            }
        }
        #expect(deliveries.all.map(\.verdict.code) == cases.map(\.1))
        #expect(deliveries.all.allSatisfy { $0.content == nil && $0.status == 401 })
    }

    @Test func `serves one path and one method`() async throws {
        try await deliveries.serve(path: "hooks") { port in
            let signed = Fixture.headers()
            let elsewhere = try await Wire.request(
                "POST", "/", headers: signed, body: Fixture.body, to: port)
            #expect(elsewhere.status == 404)
            #expect(elsewhere.body.contains("/hooks"))
            for method in ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"] {
                let answer = try await Wire.request(method, "/hooks", headers: signed, to: port)
                #expect(answer.status == 405)
                #expect(answer.header("allow") == "POST")
            }
            let query = try await Wire.request(
                "POST", "/hooks?x=1", headers: signed, body: Fixture.body, to: port)
            #expect(query.status == 204)
        }
        #expect(deliveries.all.count == 1)
    }

    @Test func `marks an id that it has accepted before`() async throws {
        try await deliveries.serve { port in
            for id in ["evt_1", "evt_2", "evt_1", "evt_1"] {
                _ = try await Wire.request(
                    "POST", "/", headers: Fixture.headers(id: id), body: Fixture.body, to: port)
            }
        }
        #expect(deliveries.all.map(\.isDuplicate) == [false, false, true, true])
    }

    @Test func `refuses every third on purpose, and its retry is no duplicate`() async throws {
        let policy = ReplyPolicy(status: 202, failEvery: 3, failStatus: 503)
        try await deliveries.serve(policy: policy) { port in
            var statuses: [Int] = []
            for id in ["evt_1", "evt_2", "evt_3", "evt_3", "evt_4", "evt_5"] {
                let answer = try await Wire.request(
                    "POST", "/", headers: Fixture.headers(id: id), body: Fixture.body, to: port)
                statuses.append(answer.status)
            }
            #expect(statuses == [202, 202, 503, 202, 202, 503])
        }
        #expect(deliveries.all.allSatisfy { !$0.isDuplicate })
        #expect(deliveries.all.map(\.status) == [202, 202, 503, 202, 202, 503])
    }

    @Test func `takes a large body but not a larger one`() async throws {
        try await deliveries.serve { port in
            for (count, status) in [
                (ReceiverServer.bodyBytesMax, 204), (ReceiverServer.bodyBytesMax + 1, 413),
            ] {
                let body = [UInt8](repeating: 0x20, count: count)
                let answer = try await Wire.request(
                    "POST", "/", headers: Fixture.headers(body: body), body: body, to: port)
                #expect(answer.status == status)
            }
        }
        #expect(deliveries.all.count == 1)
    }

    @Test(arguments: [
        "GET\r\n\r\n", "POST / HTTP/9.9\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nBad Header\r\n\r\n",
    ])
    func `goes on after bytes that are no HTTP`(text: String) async throws {
        try await deliveries.serve { port in
            let answer = try await Wire.send(Array((text + "\r\n\r\n").utf8), to: port)
            #expect(answer.status == 0 || (400...599).contains(answer.status))
            let next = try await Wire.request(
                "POST", "/", headers: Fixture.headers(), body: Fixture.body, to: port)
            #expect(next.status == 204)
        }
        #expect(deliveries.all.filter(\.verdict.isValid).count == 1)
    }

    @Test func `survives many connections at once`() async throws {
        try await deliveries.serve { port in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        let headers = Fixture.headers(id: "evt_\(number % 30)")
                        return try await Wire.request(
                            "POST", "/", headers: headers, body: Fixture.body, to: port
                        ).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == [Int](repeating: 204, count: 60))
        }
        #expect(deliveries.all.filter(\.isDuplicate).count == 30)
    }

    @Test(arguments: [("127.0.0.1", 70_000), ("127.0.0.1", -1), ("no such host", 0), ("", 0)])
    func `says so when it cannot listen where it was told to`(
        host: String, port: Int
    ) async throws {
        let server = ReceiverServer(
            host: host, port: port, secrets: [], now: { Fixture.now }, onDelivery: { _ in })
        let error = await #expect(throws: ReceiverError.self) { try await server.run() }
        #expect(error?.code == .cannotListen)
    }

    @Test func `says so when its port is taken`() async throws {
        try await deliveries.serve { port in
            let second = ReceiverServer(
                port: port, secrets: [Fixture.secret], now: { Fixture.now }, onDelivery: { _ in })
            let error = await #expect(throws: ReceiverError.self) { try await second.run() }
            #expect(error?.code == .portTaken)
            #expect(error?.operation == "listen on 127.0.0.1:\(port)")
        }
    }
}
