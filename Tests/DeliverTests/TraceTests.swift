import PullcordDeliver
import PullcordModel
import PullcordTestSupport
import PullcordTransfer
import Testing

@Suite struct `The trace of an event` {
    private static func parents(
        _ delivery: Delivery, _ endpoint: Endpoint
    ) async -> (sent: [String], kept: String?) {
        let exchange = ScriptedExchange(.success(Fixture.response(204)))
        let result = await Sender(exchange: exchange, version: "1").attempt(
            delivery, to: endpoint, time: ManualTime(start: Fixture.time))
        let sent = exchange.requests.flatMap(\.headers)
            .filter { $0.name == "traceparent" }.map(\.value)
        return (sent, result.attempt.trace)
    }

    @Test func `is its id in other digits, and each attempt has a parent of its own`()
        async throws
    {
        var seen: Set<String> = []
        for attempts in 0..<3 {
            let (sent, kept) = await Self.parents(
                Fixture.delivery(attempts: attempts), Fixture.endpoint(isTraced: true))
            let header = try #require(sent.first)
            #expect(sent.count == 1 && kept == header)
            let parts = header.split(separator: "-").map(String.init)
            #expect(parts.count == 4 && parts[0] == "00" && parts[3] == "01")
            let trace = try #require(TraceContext.traceID(header))
            #expect(EventID(hex: trace) == Fixture.event().id)
            #expect(parts[2].utf8.count == 16 && parts[2] != "0000000000000000")
            seen.insert(parts[2])
        }
        #expect(seen.count == 3)
        let again = await Self.parents(Fixture.delivery(), Fixture.endpoint(isTraced: true))
        #expect(again.sent.allSatisfy { seen.contains(String($0.split(separator: "-")[2])) })
    }

    @Test func `is sent only where it is wanted, and never instead of the subscription's own`()
        async
    {
        let none = await Self.parents(Fixture.delivery(), Fixture.endpoint())
        #expect(none.sent.isEmpty && none.kept == nil)
        let own = EndpointHeader(name: "traceparent", value: Secret("mine"))
        let mine = await Self.parents(
            Fixture.delivery(), Fixture.endpoint(headers: [own], isTraced: true))
        #expect(mine.sent == ["mine"] && mine.kept == nil)
    }

    @Test func `is one for a batch`() async {
        let exchange = ScriptedExchange(.success(Fixture.response(204)))
        let results = await Sender(exchange: exchange, version: "1").attempt(
            batch: [Fixture.delivery(), Fixture.delivery()], to: Fixture.endpoint(isTraced: true),
            time: ManualTime(start: Fixture.time))
        #expect(results.count == 2 && results[0].attempt.trace != nil)
        #expect(results[0].attempt.trace == results[1].attempt.trace)
        #expect(
            results[0].attempt.trace.flatMap { TraceContext.traceID($0) }.flatMap {
                EventID(hex: $0)
            } != Fixture.event().id)
    }

    @Test(arguments: [
        ("4bf92f3577b34da6a3ce929d0e0e4736", "4bf92f3577b34da6a3ce929d0e0e4736"),
        ("4BF92F3577B34DA6A3CE929D0E0E4736", "4bf92f3577b34da6a3ce929d0e0e4736"),
        (
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "4bf92f3577b34da6a3ce929d0e0e4736"
        ),
        ("4bf92f3577b34da6a3ce929d0e0e473", nil), ("", nil), ("--", nil), ("---", nil),
        ("4bf92f3577b34da6a3ce929d0e0e473g", nil), ("evt_0fd1b8w2ffxz64pyqkmceyp25x", nil),
    ])
    func `is read by its id or out of a header`(text: String, id: String?) {
        #expect(TraceContext.traceID(text) == id)
    }

    @Test(arguments: [
        "evt_00000000000000000000000000", "evt_7zzzzzzzzzzzzzzzzzzzzzzzzz",
        "evt_0fd1b8w2ffxz64pyqkmceyp25x",
    ])
    func `leads back to the id of the event`(text: String) throws {
        let bytes = try #require(EventID(text).bytes)
        #expect(bytes.count == 16 && EventID(hex: Hex.text(bytes)) == EventID(text))
    }

    @Test(arguments: [
        "evt_1", "evt_8zzzzzzzzzzzzzzzzzzzzzzzzz", "evt_iiiiiiiiiiiiiiiiiiiiiiiiii", "",
    ])
    func `is a hash where an id holds no 128 bits`(text: String) {
        #expect(EventID(text).bytes == nil)
    }
}
