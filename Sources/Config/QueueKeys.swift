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

extension QueueKeys {
    package static let batch = KeyTable(
        "`batch`", "Several events in one POST, as a JSON array.",
        elsewhere: ["max": "write `size`", "count": "write `size`", "timeout": "write `wait`"],
        [
            .init(
                "size", .integer(2...Limits.batchEventsMax), required: true,
                "Events in one POST at most."),
            .init(
                "wait", .duration(0...300_000), default: "0s",
                "How long the oldest waits for others."),
        ])
}

extension QueueSpec {
    /// Reads the keys of a subscription.
    init(_ keys: MappingReader) {
        self.init(
            order: keys["order"]?.choice(DeliveryOrder.self) ?? .perRecord,
            isNumbered: keys["sequence"]?.boolean() ?? false,
            batch: keys["batch"].flatMap(Self.batch))
        guard let field = keys["batch"] else { return }
        if order == .fifo {
            field.complain(
                "keys_exclude_each_other", "`batch` cannot stand beside `order: fifo`",
                hint: "`fifo` sends one at a time; `per_record` keeps the order of each record")
        }
        if keys["format"]?.node.scalar?.text == WireSpec.Format.cloudeventsBinary.rawValue {
            field.complain(
                "keys_exclude_each_other",
                "`batch` cannot stand beside `format: cloudevents_binary`, which holds one event",
                hint: "use `format: cloudevents_batch`")
        }
    }

    private static func batch(_ field: Field) -> BatchSize? {
        guard let keys = MappingReader(field, QueueKeys.batch), let size = keys["size"]?.integer()
        else { return nil }
        return BatchSize(count: size, wait: keys["wait"]?.duration() ?? .zero)
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
