import PullcordCommit
import PullcordConfig
import PullcordJSON
package import PullcordModel
import PullcordSigning

/// Secrets that are replaced, and secrets that are sealed anew.
extension StoreBook {
    package func rotateSecret(
        of subscription: String, to secret: Secret?, overlap: Duration, by author: String
    ) async throws -> (secret: Secret, change: DefinitionChange) {
        try await rotateSecret(
            of: subscription, to: secret, overlap: overlap, by: ChangeAuthor(name: author))
    }

    func rotateSecret(
        of subscription: String, to secret: Secret?, overlap: Duration, by author: ChangeAuthor
    ) async throws -> (secret: Secret, change: DefinitionChange) {
        let new = secret ?? Self.newSecret()
        let now = time.wall()
        let end = now + min(max(overlap, .zero), Self.overlapMax)
        let change = try await change(
            .subscription, subscription, by: author, "subscription.rotate"
        ) { value in
            guard case .object(let members) = value else { return value }
            return .object(
                members.map { member in
                    guard member.key == "secret" else { return member }
                    let old = Self.kept(member.value, now: now, end: end)
                        .filter { $0["value"] != .string(new.expose()) }
                    let list = [JSONValue.object([.init("value", .string(new.expose()))])] + old
                    return .init("secret", .array(Array(list.prefix(Self.secretsMax))))
                })
        }
        return (new, change)
    }

    /// A new secret for a subscription.
    package static func newSecret() -> Secret { SigningSecret.generate().text }

    private static let secretsMax = 8
    private static let overlapMax: Duration = .seconds(366 * 86_400)

    /// The secrets there are, each with its end; those that have ended are left out.
    private static func kept(
        _ value: JSONValue, now: Timestamp, end: Timestamp
    ) -> [JSONValue] {
        let items: [JSONValue]
        if case .array(let all) = value { items = all } else { items = [value] }
        return items.compactMap { item in
            let secret = item["value"] ?? item
            var until = end
            if case .string(let text)? = item["until"], let own = Timestamp(rfc3339: text) {
                until = min(own, end)
            }
            guard until > now else { return nil }
            return .object([.init("value", secret), .init("until", .string("\(until)"))])
        }
    }

    /// Seals every secret of the store with the key that seals now; how many definitions changed.
    ///
    /// Throws ``DefinitionRefusal`` if one does not open; then nothing of its page has changed.
    package func reseal(by author: String) async throws -> Int {
        try await inTurn { state in
            var state = state
            var count = 0
            for kind in DefinitionKind.allCases {
                var after: String?
                while true {
                    let page = try await store.definitions(
                        DefinitionQuery(kind, after: after, limit: Limits.definitionPageMax))
                    guard let last = page.last else { break }
                    after = last.name
                    let changed = try page.compactMap { try Self.resealed($0, state.sealer) }
                    guard !changed.isEmpty else { continue }
                    count += try await writer().rewrite(
                        changed,
                        audit: line(
                            "secrets.rotate", "\(kind)", "\(changed.count) sealed anew",
                            ChangeAuthor(name: author)))
                    for stored in changed {
                        state.entries[Key(kind: kind, name: stored.name)]?.stored = stored
                    }
                }
            }
            return (state, count)
        }
    }

    private static func resealed(
        _ stored: StoredDefinition, _ sealer: DefinitionSealer
    ) throws -> StoredDefinition? {
        do {
            let value = try JSONValue(parsing: stored.text)
            guard let sealed = try sealer.reseal(value, stored.kind, stored.name) else {
                return nil
            }
            return StoredDefinition(
                kind: stored.kind, name: stored.name,
                text: String(decoding: sealed.serialized, as: UTF8.self), labels: stored.labels,
                version: stored.version, made: stored.made, changed: stored.changed)
        } catch let complaint as DefinitionComplaint {
            throw invalid(stored.kind, stored.name, [complaint])
        }
    }

    /// Opens an argument of a request.
    func openArgument(_ sealed: String, of action: String, _ name: String) async throws -> Secret {
        try await current().sealer.openArgument(sealed, of: action, name)
    }
}
