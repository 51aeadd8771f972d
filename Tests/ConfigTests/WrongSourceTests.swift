import Testing

@Suite struct WrongSourceTests {
    @Test(arguments: rows)
    func `a mistake in a source is told with its place`(_ wrong: Wrong) throws {
        try wrong.verify("b.yaml", wrong.text)
    }

    /// Whole bridge files.
    static let rows: [Wrong] = [
        // What follows from a mistake is not told besides.
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s, streams: [ordrs] }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}", events: [orders.created] }\#n"#,
            2, 84, "sources[0].streams[0]", "stream_unknown",
            #"the adapter `orders` has no stream `ordrs`"#, suggestion: #"orders"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 47, "sources[0].with.key", "placeholder_unclosed", #"is never closed"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 49, "sources[0].with.key", "placeholder_unknown", #"nothing is called `KEY`"#,
            suggestion: #"env.KEY"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s, emit_rate: fast }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 85, "sources[0].emit_rate", "rate_invalid", #"`fast` is no rate"#),
        .init(
            #"sources:\#n  - { name: pullcord, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 13, "sources[0].name", "name_reserved",
            #"`pullcord` is the name of Pullcord's own"#),
        .init(
            #"source: []\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            1, 1, "source", "key_unknown", #"`source` is no key of a bridge file"#,
            suggestion: #"sources"#),
        .init(
            #"store: pullcord.db\#nsources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            1, 8, "store", "store_invalid", #"the store needs its kind"#,
            suggestion: #"sqlite:pullcord.db"#),
        .init(
            #"store: postgres:x\#nsources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            1, 8, "store", "store_invalid", #"this version has no store of the kind"#),
        .init(
            #"store: 'sqlite:'\#nsources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            1, 8, "store", "store_invalid", #"the path of the database is missing"#),
        .init(
            #"network: { allow: [loopbak] }\#nsources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            1, 20, "network.allow[0]", "allow_invalid", #"`loopbak` is no entry of an allow list"#,
            suggestion: #"loopback"#),
        .init(
            #"network: { alow: [loopback] }\#nsources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            1, 12, "network.alow", "key_unknown", #"`alow` is no key of `network`"#,
            suggestion: #"allow"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s, evry: 1s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 74, "sources[0].evry", "key_unknown", #"`evry` is no key of a source"#,
            suggestion: #"every"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 5, "sources[0].every", "key_missing", #"nothing says when the source is polled"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, every: 500ms, with: { key: "${env.KEY}" } }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 40, "sources[0].every", "value_out_of_range", #"`500ms` is out of range"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, every: 60, with: { key: "${env.KEY}" } }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 40, "sources[0].every", "type_mismatch", #"the number `60` was found"#,
            suggestion: #"60s"#),
        .init(
            #"sources:\#n  - { name: s, adapter: ordrs, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 25, "sources[0].adapter", "adapter_unknown", #"no adapter is called `ordrs`"#,
            suggestion: #"orders"#),
        .init(
            #"sources:\#n  - { name: s, adapter: ./none.yaml, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 25, "sources[0].adapter", "adapter_unreadable",
            #"the adapter `none.yaml` cannot be read:"#),
        .init(
            #"sources:\#n  - { name: s, adapter: locked, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 25, "sources[0].adapter", "adapter_unreadable",
            #"the adapter `adapters/locked.yaml` cannot"#),
        .init(
            #"sources:\#n  - { name: s, adapter: Orders, every: 60s }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 25, "sources[0].adapter", "name_invalid", #"`Orders` is no name of an adapter"#,
            suggestion: #"orders"#),
        .init(
            #"sources:\#n  - { name: a b, adapter: orders, every: 60s, with: { key: "${env.KEY}" } }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 13, "sources[0].name", "name_invalid", #"`a b` is no name here"#, suggestion: #"a-b"#
        ),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s }\#n  - { name: s, adapter: orders, every: 60s, with: { key: "${env.KEY}" } }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            3, 13, "sources[1].name", "name_repeated", #"another source is called `s`: see 2:13"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s, streams: [order] }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 84, "sources[0].streams[0]", "stream_unknown",
            #"the adapter `orders` has no stream `order`"#, suggestion: #"orders"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s, streams: [orders, orders] }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 92, "sources[0].streams[1]", "name_repeated", #"`orders` is in the list already"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s, streams: [] }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 83, "sources[0].streams", "value_empty", #"the list is empty"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s, cron: '* * * * *' }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 74, "sources[0].cron", "keys_exclude_each_other",
            #"`cron` cannot stand beside `every`"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, cron: '61 * * * *' }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 69, "sources[0].cron", "cron_invalid", #"`61` is no minute"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, cron: '0 8 * * mon-fry' }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 77, "sources[0].cron", "cron_invalid", #"`fry` is no weekday"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, cron: '0 8 * *' }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 69, "sources[0].cron", "cron_invalid", #"it has 4 fields, and five are needed"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, cron: '0 0 31 4 *' }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 73, "sources[0].cron", "cron_invalid", #"there is no such day in any year"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, cron: '0 8 * * *', zone: CET }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 87, "sources[0].zone", "zone_unknown", #"`CET` is no zone of the IANA database"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s, window: 8-18 }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 82, "sources[0].window", "window_invalid", #"`8-18` names no hours"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s, window: [] }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 82, "sources[0].window", "value_empty", #"it would never be polled"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s, jitter: 2d }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 82, "sources[0].jitter", "value_out_of_range", #"`2d` is out of range"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, with: { key: "${env.KEY}" }, every: 60s, max_delete: half }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 86, "sources[0].max_delete", "type_mismatch", #"the text `half` was found"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, every: 60s, with: { kye: 1, key: "${env.KEY}" } }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 53, "sources[0].with.kye", "parameter_unknown",
            #"the adapter `orders` has no parameter `kye`"#, suggestion: #"key"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, every: 60s, with: { key: "${env.KYE}" } }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 59, "sources[0].with.key", "env_missing",
            #"the environment variable `KYE` is not set"#, suggestion: #"KEY"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, every: 60s, with: { key: "${file:/no}" } }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 59, "sources[0].with.key", "file_unreadable",
            #"the file `/no` cannot be read: there is no"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, every: 60s, with: { key: "${file:/locked}" } }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 59, "sources[0].with.key", "file_unreadable", #"the file `/locked` cannot be read:"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, every: 60s, with: { key: "${env.EMPTY}" } }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 59, "sources[0].with.key", "parameter_empty", #"the value of `key` is empty"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, every: 60s, with: { key: "${env.LINES}" } }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 59, "sources[0].with.key", "parameter_control",
            #"the value of `key` holds a line break or a"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, every: 60s, with: { key: "${params.x}" } }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 59, "sources[0].with.key", "placeholder_misplaced",
            #"`${params.x}` has no value in a bridge file"#),
        .init(
            #"sources:\#n  - { name: s, adapter: orders, every: 60s, with: { key: "${env.KEY}", region: asia } }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 80, "sources[0].with.region", "parameter_type",
            #"`asia` is none of the values that `region`"#),
        .init(
            #"sources:\#n  - { name: s, adapter: needy, every: 60s, with: { n: 1.5 } }\#nsubscriptions:\#n  - { name: t, url: https://t.example, secret: "${env.SECRET}" }\#n"#,
            2, 25, "sources[0].with.m", "parameter_missing",
            #"the adapter `needy` needs the parameter `m`"#, errors: 2),
    ]
}
