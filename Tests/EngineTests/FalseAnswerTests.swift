import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Testing

/// Answers that must never become events, each with the name of its refusal.
private struct FalseAnswer: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let reply: ScriptedReply
    let outcome: String

    init(_ name: String, _ outcome: String, _ reply: ScriptedReply) {
        testDescription = name
        self.reply = reply
        self.outcome = outcome
    }

    init(_ name: String, _ outcome: String, text: String) {
        self.init(name, outcome, .reply(text: text))
    }

    static let all: [FalseAnswer] = [
        FalseAnswer(
            "cut JSON", "json_truncated", text: #"{"data":[{"id":1,"value":"new"},{"id":2"#),
        FalseAnswer("cut after a record", "json_truncated", text: #"{"data":[{"id":1},{"id":2}"#),
        FalseAnswer(
            "a cut body", "transfer",
            .script(.text("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"data\":[]}"), .close)),
        FalseAnswer("a hang-up", "transfer", .script(.close)),
        FalseAnswer(
            "a login page", "not_data",
            .reply(
                headers: [("Content-Type", "text/html; charset=utf-8")],
                body: Array("<html>Log in</html>".utf8))),
        FalseAnswer("a web page", "json_unexpected", text: "<!DOCTYPE html><html></html>"),
        FalseAnswer("an empty object", "records_missing", text: "{}"),
        FalseAnswer("an error in JSON", "records_missing", text: #"{"error":"try later"}"#),
        FalseAnswer("null", "records_missing", text: #"{"data":null}"#),
        FalseAnswer("a text", "records_missing", text: #"{"data":"none"}"#),
        FalseAnswer("only a list", "records_missing", text: "[]"),
        FalseAnswer("nothing", "json_empty", text: ""),
        FalseAnswer("204", "json_empty", .reply(status: 204)),
        FalseAnswer("two documents", "json_trailing", text: #"{"data":[]}{"data":[]}"#),
        FalseAnswer(
            "broken UTF-8", "json_utf8",
            .reply(body: Array(#"{"data":[{"id":1,"value":""#.utf8) + [0xFF] + Array(#""}]}"#.utf8))
        ),
        FalseAnswer("no key", "key_missing", text: #"{"data":[{"id":1},{"number":2}]}"#),
        FalseAnswer("a null key", "key_missing", text: #"{"data":[{"id":null}]}"#),
        FalseAnswer("304 to no question", "redirect", .reply(status: 304)),
        FalseAnswer("a redirect", "redirect", .reply(status: 302, headers: [("Location", "/x")])),
        FalseAnswer("400", "status", .reply(status: 400, text: #"{"data":[]}"#)),
        FalseAnswer("401", "unauthorized", .reply(status: 401, text: #"{"data":[]}"#)),
        FalseAnswer("403", "unauthorized", .reply(status: 403)),
        FalseAnswer("404", "status", .reply(status: 404, text: #"{"data":[]}"#)),
        FalseAnswer("410", "status", .reply(status: 410)),
        FalseAnswer("429", "rate_limited", .reply(status: 429)),
        FalseAnswer("500", "status", .reply(status: 500, text: #"{"data":[]}"#)),
        FalseAnswer("503", "status", .reply(status: 503)),
    ]
}

@Suite(.timeLimit(.minutes(10))) struct FalseAnswerTests {
    @Test(arguments: FalseAnswer.all)
    private func `what is no list of records is a refusal with a name, and changes nothing`(
        answer: FalseAnswer
    ) async throws {
        let good = #"{"data":\#(orders(1...3))}"#
        let api = try ChangingAPI(good)
        var text = try BridgeText(api)
        text.stream = "{ request: /orders, records: .data, key: .id }"
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set { _ in answer.reply }
            let report = try await bridge.poll()
            #expect(report.outcome == answer.outcome, "\(report.reason)")
            #expect(!report.reason.isEmpty)
            #expect(try await bridge.changes() == [])
            let state = try await bridge.state()
            #expect(state.liveCount == 3)
            #expect(state.failures == 1)
            #expect(state.lastPoll?.outcome == answer.outcome)
            api.set(good)
            // An API that refuses for asking too much is left alone for a while.
            bridge.time.advance(by: .seconds(3600))
            #expect(try await bridge.poll().outcome == "unchanged")
            #expect(try await bridge.state().failures == 0)
        }
    }

    @Test(arguments: FalseAnswer.all)
    private func `a first poll that failed is no baseline`(answer: FalseAnswer) async throws {
        let api = try ChangingAPI { _ in answer.reply }
        var text = try BridgeText(api)
        text.stream = "{ request: /orders, records: .data, key: .id }"
        try await Bridge.with(text) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == answer.outcome)
            #expect(try await !bridge.state().hasBaseline)
            api.set(#"{"data":\#(orders(1...3))}"#)
            bridge.time.advance(by: .seconds(3600))
            #expect(try await bridge.poll().outcome == "baseline")
            #expect(try await bridge.changes() == [])
        }
    }

    @Test func `what came before the bad page stays, once, and nothing is deleted`() async throws {
        let api = try ChangingAPI { request in
            let pages = [1: orders(1...2), 2: orders(3...4)]
            return .reply(text: pages[request.number("page") ?? 0] ?? "[]")
        }
        var text = try BridgeText(api)
        text.stream = """
            { request: { path: /orders, query: { page: "${page.number}" } }, records: ., \
            key: .id, pages: { number: 1 } }
            """
        try await Bridge.with(text) { bridge in
            try await bridge.poll()
            api.set { request in
                .reply(
                    text: request.number("page") == 1 ? orders([(1, "x"), (2, "new")]) : #"[{"id""#)
            }
            for _ in 1...3 { #expect(try await bridge.poll().outcome == "json_truncated") }
            #expect(try await bridge.changes() == ["updated 1 v2"])
            #expect(try await bridge.state().failures == 3)
        }
    }
}
