import Testing

@Suite struct WrongSubscriptionTests {
    @Test(arguments: rows)
    func `a mistake in a subscription is told with its place`(_ wrong: Wrong) throws {
        try wrong.verify("b.yaml", wrong.text)
    }

    /// Whole bridge files.
    static let rows: [Wrong] = [
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", events: [pullcord.source.created] }\#n"#,
            4, 74, "subscriptions[0].events[0]", "event_pattern",
            #"`pullcord.source.created` is no pattern of events"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", events: [pullcord.orders.*] }\#n"#,
            4, 74, "subscriptions[0].events[0]", "event_pattern",
            #"`pullcord.orders.*` is no pattern of events"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", events: [orders.quarantined] }\#n"#,
            4, 74, "subscriptions[0].events[0]", "event_pattern",
            #"`orders.quarantined` is no pattern of events"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", events: [pullcord.source] }\#n"#,
            4, 74, "subscriptions[0].events[0]", "event_pattern",
            #"`pullcord.source` is no pattern of events"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", events: [orders.create] }\#n"#,
            4, 74, "subscriptions[0].events[0]", "event_pattern",
            #"`orders.create` is no pattern of events"#, suggestion: #"orders.created"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", events: [order.created] }\#n"#,
            4, 74, "subscriptions[0].events[0]", "event_never",
            #"no source that it listens to has a stream"#, suggestion: #"orders.created"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", events: [] }\#n"#,
            4, 73, "subscriptions[0].events", "value_empty", #"no event would be sent"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", events: created }\#n"#,
            4, 73, "subscriptions[0].events", "type_mismatch", #"the text `created` was found"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s, streams: [customers] }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", events: [orders.created] }\#n"#,
            4, 74, "subscriptions[0].events[0]", "event_never",
            #"no source that it listens to has a stream"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", sources: [x] }\#n"#,
            4, 75, "subscriptions[0].sources[0]", "source_unknown", #"no source is called `x`"#,
            suggestion: #"s"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", filter: '.a (' }\#n"#,
            4, 74, "subscriptions[0].filter", "expression_invalid",
            #"this is no jq program: a bracket is never"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", headers: { webhook-id: x } }\#n"#,
            4, 76, "subscriptions[0].headers.webhook-id", "header_reserved",
            #"the header `webhook-id` cannot be given"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", timeout: 1h }\#n"#,
            4, 74, "subscriptions[0].timeout", "value_out_of_range", #"`1h` is out of range"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: t.example, secret: "${env.SECRET}" }\#n"#,
            4, 21, "subscriptions[0].url", "url_invalid", #"this is no URL of http or https"#,
            suggestion: #"https://t.example"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: "${env.KEY}", secret: "${env.SECRET}" }\#n"#,
            4, 21, "subscriptions[0].url", "url_invalid", #"its value is no URL of http or https"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.KEY}" }\#n"#,
            4, 48, "subscriptions[0].secret", "secret_invalid",
            #"the secret does not begin with `whsec_`"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: whsec_AAAA }\#n"#,
            4, 48, "subscriptions[0].secret", "secret_invalid",
            #"the secret has 3 bytes; 24 to 64 are taken"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example }\#n"#,
            4, 5, "subscriptions[0].secret", "key_missing",
            #"`secret` is missing in a subscription"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            5, 13, "subscriptions[1].name", "name_repeated",
            #"another subscription is called `t`: see 4:13"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", order: newest }\#n"#,
            4, 72, "subscriptions[0].order", "value_unknown",
            #"`newest` is none of the allowed values"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", sequence: yes }\#n"#,
            4, 75, "subscriptions[0].sequence", "type_mismatch", #"`yes` was found"#,
            suggestion: #"true"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", batch: { size: 1 } }\#n"#,
            4, 80, "subscriptions[0].batch.size", "value_out_of_range",
            #"`1` is out of range"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", batch: { wait: 1s } }\#n"#,
            4, 72, "subscriptions[0].batch.size", "key_missing",
            #"`size` is missing"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", batch: { size: 9, wait: 1h } }\#n"#,
            4, 89, "subscriptions[0].batch.wait", "value_out_of_range",
            #"`1h` is out of range"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", batch: 9 }\#n"#,
            4, 72, "subscriptions[0].batch", "type_mismatch",
            #"the number `9` was found"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", batch: { size: 9 }, order: fifo }\#n"#,
            4, 72, "subscriptions[0].batch", "keys_exclude_each_other",
            #"`batch` cannot stand beside `order: fifo`"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", batch: { size: 9 }, format: cloudevents_binary }\#n"#,
            4, 72, "subscriptions[0].batch", "keys_exclude_each_other",
            #"`batch` cannot stand beside `format: cloudevents_binary`"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions: []\#nretention: { payloads: 7, dead: forever, attempts: 1s }\#n"#,
            4, 24, "retention.payloads", "type_mismatch", #"the number `7` was found"#,
            suggestion: #"7s"#, errors: 3),
        .init(
            #"a: 1\#n"#,
            1, 1, "", "file_kind", #"this is neither an adapter nor a bridge file"#),
        .init(
            #"sources: &x\#n  - *x\#n"#,
            2, 5, "", "yaml_unknown_alias", #"the alias `*x` stands inside the value that"#,
            errors: 2),
    ]
}
