import PullcordAdapter
import PullcordModel
import PullcordYAML

/// The keys that say how deliveries wait, and how long what is finished is kept.
package enum QueueKeys {
    private static let age = KeyType.either([
        .duration(60_000...DurationText.day * 3650), .choice(["keep"]),
    ])

    package static let retention = KeyTable(
        "`retention`", "How long what is finished is kept; `keep` is for ever.",
        elsewhere: ["events": "write `attempts`", "payload": "write `payloads`"],
        [
            .init("payloads", age, default: "7d", "Records of events that everybody has got."),
            .init("dead", age, default: "30d", "Events with a dead delivery."),
            .init("attempts", age, default: "30d", "Other events, deliveries and attempts."),
        ])
}

extension QueueSpec {
    /// Reads the keys of a subscription.
    init(_ keys: MappingReader) {
        self.init(
            order: keys["order"]?.choice(DeliveryOrder.self) ?? .perRecord,
            isNumbered: keys["sequence"]?.boolean() ?? false)
    }
}

extension RetentionSpec {
    /// Reads the bridge file's mapping.
    init(_ field: Field) {
        self.init()
        guard let keys = MappingReader(field, QueueKeys.retention) else { return }
        payloads = Self.age(keys["payloads"], payloads)
        dead = Self.age(keys["dead"], dead)
        attempts = Self.age(keys["attempts"], attempts)
        guard let field = keys["payloads"], let attempts, payloads ?? attempts > attempts else {
            return
        }
        field.complain(
            "value_out_of_range", "payloads cannot outlive their events",
            allowed: ["at most `attempts`"])
    }

    private static func age(_ field: Field?, _ standard: Duration?) -> Duration? {
        guard let field else { return standard }
        if field.node.scalar?.text == "keep" { return nil }
        return field.duration() ?? standard
    }
}
