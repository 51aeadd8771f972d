import PullcordCommit
import PullcordModel
import Testing

extension StoreConformance {
    static let accessCases: [StoreCase] = [
        StoreCase("a token is kept by its hash, and its name is taken once") { scene in
            #expect(try await scene.store.add(token("deploy", .operate, expires: 60)))
            #expect(try await scene.store.add(token("agent", .read)))
            let again = try await scene.store.add(token("deploy", .admin))
            #expect(!again)
            #expect(
                try await scene.store.tokens() == [
                    token("agent", .read), token("deploy", .operate, expires: 60),
                ])
        },
        StoreCase("a token that is revoked is gone, and its use changes nothing") { scene in
            _ = try await scene.store.add(token("agent", .read))
            try await scene.store.markUsed("agent", at: Scene.time(9))
            #expect(try await scene.store.tokens().map(\.lastUsed) == [Scene.time(9)])
            #expect(try await scene.store.revokeToken("agent"))
            let again = try await scene.store.revokeToken("agent")
            #expect(!again)
            try await scene.store.markUsed("agent", at: Scene.time(10))
            #expect(try await scene.store.tokens().isEmpty)
        },
        StoreCase(restarting: "tokens and kept answers outlive a restart") { place in
            let scene = try await Scene(place)
            _ = try await scene.store.add(token("agent", .admin))
            try await scene.store.keep(answer(1, "first"))
            try await scene.store.keep(answer(1, "second"))
            await scene.store.close()
            let again = try await Scene(place)
            #expect(try await again.store.tokens() == [token("agent", .admin)])
            #expect(try await again.store.keptAnswer(Scene.fingerprint(1)) == answer(1, "first"))
            #expect(try await again.store.keptAnswer(Scene.fingerprint(2)) == nil)
            await again.store.close()
        },
        StoreCase("an answer that has had its day gives way to another") { scene in
            try await scene.store.keep(answer(1, "first"))
            let first = answer(1, "late")
            let late = KeptAnswer(
                key: first.key, request: first.request, status: first.status,
                contentType: first.contentType, body: first.body,
                made: first.made + Limits.keptAnswerAgeMax)
            try await scene.store.keep(late)
            #expect(try await scene.store.keptAnswer(Scene.fingerprint(1)) == late)
        },
        StoreCase("the audit tells who asked, in pages") { scene in
            for number in 1...3 {
                try await scene.store.answer(
                    nil, OperatorAnswer(isDone: true, text: ""),
                    audit: AuditEntry(
                        time: Scene.time(0), action: "pause", subject: "s",
                        detail: String(number), actor: number == 3 ? "token agent" : ""))
            }
            let first = try await scene.store.audit(before: nil, limit: 2)
            #expect(first.map(\.detail) == ["3", "2"])
            #expect(first.map(\.actor) == ["token agent", ""])
            let rest = try await scene.store.audit(before: first.last?.id, limit: 2)
            #expect(rest.map(\.detail) == ["1"])
        },
        StoreCase("events are read in pages backwards, and forwards as they come") { scene in
            try await scene.send(
                (0..<5).map { Scene.event("\($0)", key: "\($0)") }, to: [scene.triage])
            func page(_ query: EventQuery) async throws -> [EventSummary] {
                try await scene.store.events(query)
            }
            let first = try await page(EventQuery(limit: 2))
            let second = try await page(EventQuery(limit: 2, before: first.last?.sequence))
            #expect((first + second).map(\.event.key.text) == ["4", "3", "2", "1"])
            let after = try await page(EventQuery(limit: 2, after: second.last?.sequence))
            #expect(after.map(\.event.key.text) == ["2", "3"])
            #expect(try await page(EventQuery(after: first.first?.sequence)).isEmpty)
            let deliveries = try await scene.store.deliveries(DeliveryQuery(limit: 3))
            let rest = try await scene.store.deliveries(
                DeliveryQuery(limit: 3, before: deliveries.last?.id))
            #expect((deliveries + rest).map(\.key.text) == ["4", "3", "2", "1", "0"])
            let one = try await scene.store.deliveries(DeliveryQuery(id: rest[0].id))
            #expect(one == [rest[0]])
        },
    ]

    private static func token(
        _ name: String, _ scope: AccessScope, expires: Int64? = nil
    ) -> AccessToken {
        AccessToken(
            name: name, hash: Array(name.utf8), scope: scope, made: Scene.time(0),
            expires: expires.map { Scene.time($0) })
    }

    private static func answer(_ key: UInt64, _ text: String) -> KeptAnswer {
        KeptAnswer(
            key: Scene.fingerprint(key), request: Scene.fingerprint(7), status: 202,
            contentType: "application/json", body: Array(text.utf8), made: Scene.time(3))
    }
}
