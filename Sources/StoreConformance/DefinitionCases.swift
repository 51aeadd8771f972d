import PullcordCommit
import PullcordModel
import Testing

extension StoreConformance {
    /// Sources and subscriptions that are kept in the store.
    static let definitionCases: [StoreCase] = [
        StoreCase("a definition is kept as it was written, with its labels") { scene in
            let hostile = #"{"every":"60s","note":"'); DROP TABLE definition; --"}"#
            let version = try await scene.put("a", text: hostile, ["customer": "acme"])
            let found = try await scene.store.definition(.source, "a")
            #expect(found?.text == hostile)
            #expect(found?.labels == ["customer": "acme"])
            #expect(found?.version == version)
            #expect(found?.made == Scene.time(1) && found?.changed == Scene.time(1))
            #expect(try await scene.store.definition(.subscription, "a") == nil)
            #expect(try await scene.store.definition(.source, "' OR 1=1 --") == nil)
        },
        StoreCase("a change is carried out only if what is there is as expected") { scene in
            let first = try await scene.put("a", expecting: .absent)
            let kind = DefinitionKind.source
            for expectation in [DefinitionExpectation.absent, .version(first + 1)] {
                #expect(
                    try await scene.write(kind, "a", expectation) == .refused(current: first))
                #expect(
                    try await scene.delete(kind, "a", expectation) == .refused(current: first))
            }
            #expect(try await scene.write(kind, "b", .present) == .refused(current: nil))
            #expect(try await scene.write(kind, "b", .version(1)) == .refused(current: nil))
            #expect(try await scene.delete(kind, "b", .anything) == .refused(current: nil))
            #expect(try await scene.store.audit(limit: 10).count == 1)
            guard case .written(let second) = try await scene.write(kind, "a", .version(first))
            else {
                Issue.record("the version was right")
                return
            }
            #expect(second > first)
            #expect(try await scene.store.definition(kind, "a")?.made == Scene.time(1))
        },
        StoreCase("a version is never used twice, not even of a deleted definition") { scene in
            var versions: Set<Int64> = []
            for _ in 0..<4 {
                versions.insert(try await scene.put("a", expecting: .absent))
                _ = try await scene.delete(.source, "a", .anything)
                #expect(try await scene.store.definition(.source, "a") == nil)
            }
            #expect(versions.count == 4)
        },
        StoreCase("pages of definitions go by the bytes of their names") { scene in
            for name in ["b", "A", "a", "c", "_"] { _ = try await scene.put(name) }
            var names: [String] = []
            while true {
                let page = try await scene.store.definitions(
                    DefinitionQuery(.source, after: names.last, limit: 2))
                if page.isEmpty { break }
                #expect(page.count <= 2)
                names += page.map(\.name)
            }
            #expect(names == ["A", "_", "a", "b", "c"])
            #expect(try await scene.store.definitions(DefinitionQuery(.subscription)).isEmpty)
        },
        StoreCase("definitions are chosen by their labels") { scene in
            _ = try await scene.put("a", ["customer": "acme", "tier": "gold"])
            _ = try await scene.put("b", ["customer": "acme", "tier": "free"])
            _ = try await scene.put("c", ["customer": "it's"])
            _ = try await scene.put("d")
            let expected = [
                "customer=acme": "ab", "customer=acme,tier!=free": "a", "tier!=free": "acd",
                "customer in (acme,x)": "ab", "customer notin (acme)": "cd", "tier": "ab",
                "!customer": "d", "customer=acme,!tier": "", "customer=": "",
            ]
            for (text, names) in expected {
                let selector = try LabelSelector(parsing: text)
                let found = try await scene.store.definitions(
                    DefinitionQuery(.source, labels: selector))
                #expect(found.map(\.name).joined() == names, "\(text)")
                #expect(found.allSatisfy { selector.matches($0.labels) })
            }
            _ = try await scene.put("a", ["tier": "free"])
            let free = try LabelSelector(parsing: "tier=free")
            #expect(
                try await scene.store.allDefinitions(.source, labels: free).map(\.name)
                    == ["a", "b"])
        },
        StoreCase("a rewritten definition keeps its version, and a newer one is left alone") {
            scene in
            _ = try await scene.put("a", text: "{}")
            _ = try await scene.put("b", text: "{}")
            let old = try await scene.store.allDefinitions(.source)
            let newer = try await scene.put("b", text: "{\"every\":\"2s\"}")
            let rewritten = old.map { definition in
                StoredDefinition(
                    kind: definition.kind, name: definition.name, text: "{\"sealed\":2}",
                    labels: [:], version: definition.version, made: definition.made,
                    changed: definition.changed)
            }
            let count = try await scene.store.rewrite(
                rewritten, audit: Scene.line("secrets.reseal", ""))
            #expect(count == 1)
            let now = try await scene.store.allDefinitions(.source)
            #expect(now.map(\.text) == ["{\"sealed\":2}", "{\"every\":\"2s\"}"])
            #expect(now.map(\.version) == [old[0].version, newer])
        },
        StoreCase(restarting: "definitions and their audit survive a restart") { place in
            let scene = try await Scene(place)
            let version = try await scene.put("a", ["customer": "acme"])
            await scene.store.close()
            let again = try await Scene(place)
            #expect(try await again.store.definition(.source, "a")?.version == version)
            #expect(try await again.store.audit(limit: 1).first?.subject == "a")
            await again.store.close()
        },
    ]
}

extension Scene {
    fileprivate static func line(_ action: String, _ subject: String) -> AuditEntry {
        AuditEntry(time: time(1), action: action, subject: subject, detail: "")
    }

    fileprivate func put(
        _ name: String, text: String = "{}", _ labels: [String: String] = [:],
        expecting: DefinitionExpectation = .anything
    ) async throws -> Int64 {
        let write = try await store.put(
            .source, name, text: text, labels: labels, expecting: expecting,
            audit: Self.line("source.put", name))
        guard case .written(let version) = write else {
            Issue.record("\(name) was not written")
            return 0
        }
        return version
    }

    fileprivate func write(
        _ kind: DefinitionKind, _ name: String, _ expectation: DefinitionExpectation
    ) async throws -> DefinitionWrite {
        try await store.put(
            kind, name, text: "{}", labels: [:], expecting: expectation,
            audit: AuditEntry(
                time: Self.time(2), action: "\(kind).put", subject: name, detail: ""))
    }

    fileprivate func delete(
        _ kind: DefinitionKind, _ name: String, _ expectation: DefinitionExpectation
    ) async throws -> DefinitionWrite {
        try await store.delete(
            kind, name, expecting: expectation, audit: Self.line("\(kind).delete", name))
    }
}
