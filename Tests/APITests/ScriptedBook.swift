import PullcordCommit
import PullcordEngine
import PullcordModel
import Synchronization

/// A book of definitions in memory, for the routes to read from.
final class ScriptedBook: DefinitionBook {
    private let written = Mutex<[String: Definition]>([:])

    private static func key(_ kind: DefinitionKind, _ name: String) -> String { "\(kind)/\(name)" }

    func page(_ query: DefinitionPageQuery) async throws -> DefinitionPage {
        let items = written.withLock { Array($0.values) }
            .filter { $0.kind == query.kind }.sorted { $0.name < $1.name }
        return DefinitionPage(items: items, next: nil)
    }

    func broken() async throws -> [Definition] {
        let damaged = Definition(
            kind: .source, name: "damaged", origin: .api, text: "{}", labels: ["tier": "free"],
            version: 3, made: nil, changed: nil,
            complaints: [DefinitionComplaint(code: "key_missing", message: "no adapter")])
        let former = Definition(
            kind: .subscription, name: "former", origin: .api, text: "{}", labels: [:], version: 4,
            made: nil, changed: nil,
            complaints: [DefinitionComplaint(code: "url_invalid", message: "no address")])
        return [damaged, former]
    }

    func definition(_ kind: DefinitionKind, _ name: String) async throws -> Definition? {
        guard ["shop", "triage", "mine"].contains(name) else { return nil }
        return written.withLock { $0[Self.key(kind, name)] }
            ?? Self.made(kind, name, #"{"adapter":"orders"}"#, version: nil)
    }

    private static func made(
        _ kind: DefinitionKind, _ name: String, _ text: String, version: Int64?
    ) -> Definition {
        Definition(
            kind: kind, name: name, origin: version == nil ? .file : .api, text: text,
            labels: version == nil ? [:] : ["tier": "free"], version: version, made: nil,
            changed: nil, complaints: [])
    }

    func put(
        _ kind: DefinitionKind, _ name: String, text: [UInt8], expecting: DefinitionExpectation,
        by author: String
    ) async throws -> DefinitionChange {
        let text = String(decoding: text, as: UTF8.self)
        guard !text.contains("wrong") else {
            throw DefinitionRefusal(
                Problem(code: "definition_invalid", message: "one mistake"),
                complaints: [
                    DefinitionComplaint(
                        code: "value_unknown", pointer: "/adapter", message: "no such adapter",
                        allowed: ["orders"])
                ])
        }
        return try written.withLock { written in
            let key = Self.key(kind, name)
            let version = written[key]?.version
            guard expecting.holds(for: version) else {
                throw DefinitionRefusal(
                    Problem(code: "version_mismatch", message: "it has another version"),
                    version: version)
            }
            let made = Self.made(kind, name, text, version: (version ?? 6) + 1)
            written[key] = made
            return DefinitionChange(
                outcome: version == nil ? .created : .replaced, definition: made, problem: nil)
        }
    }

    func check(
        _ kind: DefinitionKind, _ name: String, text: [UInt8]
    ) async throws -> [DefinitionComplaint] {
        [DefinitionComplaint(code: "key_missing", pointer: "/adapter", message: "missing")]
    }

    func delete(
        _ kind: DefinitionKind, _ name: String, expecting: DefinitionExpectation,
        by author: String
    ) async throws -> DefinitionChange {
        try written.withLock { written in
            guard let gone = written[Self.key(kind, name)] else {
                throw DefinitionRefusal(
                    Problem(code: "definition_unknown", message: "there is none"))
            }
            guard expecting.holds(for: gone.version) else {
                throw DefinitionRefusal(
                    Problem(code: "version_mismatch", message: "another"), version: gone.version)
            }
            written[Self.key(kind, name)] = nil
            return DefinitionChange(outcome: .deleted, definition: gone, problem: nil)
        }
    }

    func rotateSecret(
        of subscription: String, to secret: Secret?, overlap: Duration, by author: String
    ) async throws -> (secret: Secret, change: DefinitionChange) {
        (
            secret ?? Secret("whsec_new"),
            DefinitionChange(
                outcome: .replaced,
                definition: Self.made(.subscription, subscription, "{}", version: 9), problem: nil)
        )
    }

    func sendTest(to subscription: String) async throws -> TestSending {
        guard subscription == "triage" else {
            throw DefinitionRefusal(Problem(code: "definition_unknown", message: "none"))
        }
        return TestSending(
            event: EventID("evt_test"), isDelivered: true, outcome: "delivered", reason: "",
            status: 204, duration: .milliseconds(12), reply: "")
    }
}
