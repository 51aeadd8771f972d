import PullcordConfig
import Testing

@Suite struct KeyTableTests {
    static let tables = [
        AdapterKeys.adapter, AdapterKeys.parameter, AdapterKeys.auth, AdapterKeys.basic,
        AdapterKeys.apiKey, LimitKeys.limits, LimitKeys.count, LimitKeys.time, AdapterKeys.retry,
        AnswerKeys.rule, AnswerKeys.wait, AnswerKeys.expect,
        StreamKeys.stream, StreamKeys.request, StreamKeys.pages, StreamKeys.tokenHeader,
        StreamKeys.start, StreamKeys.cursor, BridgeKeys.bridge, BridgeKeys.network,
        BridgeKeys.source, BridgeKeys.subscription, BridgeKeys.secret, BridgeKeys.retry,
        APIKeys.api, APIKeys.tls, APIKeys.token, APIKeys.poke,
    ]

    @Test(arguments: tables.map(\.name))
    func `a table has each key once, with one sentence`(name: String) throws {
        let table = try #require(Self.tables.first { $0.name == name })
        #expect(Set(table.keys.map(\.name)).count == table.keys.count)
        for key in table.keys {
            #expect(key.summary.hasSuffix("."), "\(key.name)")
            #expect(!key.type.words.isEmpty)
            #expect(!(key.isRequired && key.defaultText != nil), "\(key.name)")
        }
        #expect(table.elsewhere.keys.allSatisfy { table.key($0) == nil })
    }
}
