import Foundation
import PullcordModel
import PullcordReceiver
import PullcordSigning
import Synchronization
import Testing

@Suite struct `The printer of webhooks` {
    func line(_ webhook: ReceivedWebhook, _ form: WebhookPrinter.Form = .plain) -> String {
        WebhookPrinter(form: form) { _ in }.line(for: webhook)
    }

    /// An envelope around a record.
    func body(_ record: String, type: String = "orders.created", key: String = "7") -> [UInt8] {
        Array(#"{"type":"\#(type)","data":{"record":\#(record),"key":"\#(key)"}}"#.utf8)
    }

    @Test func `writes time, mark, type, key, a summary and the delay`() {
        #expect(
            line(Fixture.webhook())
                == "09:30:00.125Z  ✓  orders.updated  1042  id=1042 status=paid total=12.50  +0.5s")
    }

    @Test func `marks repeats and refusals`() {
        #expect(line(Fixture.webhook(isDuplicate: true)).hasSuffix("total=12.50  dup  +0.5s"))
        let refused = line(Fixture.webhook(status: 500))
        #expect(refused.contains("✗  orders.updated") && refused.contains("  answered 500  "))
    }

    @Test(arguments: [
        (
            Verdict.noMatchingSignature,
            "no_matching_signature: no signature was made with the secret"
        ),
        (.missingHeader("webhook-id"), "missing_header: the header webhook-id is missing"),
        (.tooOld(by: .seconds(400)), "too_old: signed 400 s ago"),
    ])
    func `says why a webhook is not to be trusted`(verdict: Verdict, reason: String) {
        let text = line(Fixture.webhook(verdict: verdict))
        #expect(text.hasPrefix("09:30:00.125Z  ✗  evt_1 \(reason)"))
    }

    @Test func `paints only where it was asked to`() {
        #expect(!line(Fixture.webhook()).contains("\u{1B}"))
        #expect(!line(Fixture.webhook(), .json).contains("\u{1B}"))
        let painted = line(Fixture.webhook(), .coloured)
        #expect(painted.contains("\u{1B}[32m✓\u{1B}[0m"))
        #expect(painted.contains("\u{1B}[34morders.updated\u{1B}[0m"))
    }

    @Test(arguments: WebhookPrinter.Form.allCases)
    func `lets no stranger write a second line or drive the terminal`(
        form: WebhookPrinter.Form
    ) {
        let hostile = #"\u001b[2J\u0000\r\n\u009b31m\u202e"#
        let webhooks = [
            Fixture.webhook(body: body(#"{"a":"\#(hostile)"}"#, type: hostile, key: hostile)),
            Fixture.webhook(verdict: .noMatchingSignature, id: "x\u{1B}[2J\r\ny"),
            Fixture.webhook(body: body("{\n\"a\" :\r\n1 }")),
            Fixture.webhook(body: body("{\"a\":\"\u{1B}[2J\u{9B}31m\u{7F}\"}")),
        ]
        for webhook in webhooks {
            let text = line(webhook, form).replacing(/\u{1B}\[[0-9]+m/, with: "")
            #expect(
                text.unicodeScalars.allSatisfy {
                    $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) && $0.value != 0x202E
                })
        }
    }

    @Test(arguments: [
        (
            #"{"id":1,"tags":[1,2],"o":{"x":1},"n":null,"b":true,"t":"x y","z":9}"#,
            "id=1 n=null b=true t=x y"
        ),
        (#"{}"#, ""), (#"{"nested":{"deep":[1]}}"#, ""), ("[1,2]", "[1,2]"),
        (#""just text""#, #""just text""#), ("12.50", "12.50"), ("null", ""),
        (#"{"broken":"#, #"{"broken":"#),
    ])
    func `sums a record up by its first scalar members`(record: String, expected: String) {
        let text = line(Fixture.webhook(body: body(record)))
        let parts = ["09:30:00.125Z", "✓", "orders.created", "7", expected]
        if record == #"{"broken":"# {
            #expect(text.contains("(no envelope)"))
        } else {
            #expect(text == parts.filter { !$0.isEmpty }.joined(separator: "  "))
        }
    }

    @Test func `shows each event of a batch`() {
        let one = String(decoding: body(#"{"id":1}"#), as: UTF8.self)
        let two = #"{"type":"orders.deleted","time":"2026-01-01T00:00:00Z","data":{"key":"8"}}"#
        let batch = Fixture.webhook(body: Array("[ \(one) , \(two),7]".utf8))
        #expect(
            line(batch).split(separator: "\n") == [
                "09:30:00.125Z  ✓  batch of 3 events", "    orders.created  7  id=1",
                "    orders.deleted  8", "    (no envelope)",
            ])
        let json = line(batch, .json)
        #expect(
            json.contains(
                #""events":[{"type":"orders.created","key":"7","record":{"id":1}},"#
                    + #"{"type":"orders.deleted","key":"8"},{}]"#))
        for broken in ["[1,", "[1 2]", "[1]x", "[,]"] {
            #expect(line(Fixture.webhook(body: Array(broken.utf8))).contains("(no envelope)"))
        }
    }

    @Test func `keeps a line short`() {
        let long = String(repeating: "x", count: 10_000)
        let text = line(
            Fixture.webhook(body: body(#"{"\#(long)":"\#(long)"}"#, type: long, key: long)))
        #expect(text.count < 260)
    }

    @Test func `writes one JSON object a line for programs`() throws {
        let pretty = body("{\n  \"total\": 12.50,\r\n  \"text\": \"a\\nb\"\n}")
        for webhook in [
            Fixture.webhook(), Fixture.webhook(body: pretty),
            Fixture.webhook(verdict: .badTimestamp),
            Fixture.webhook(body: Array("no json".utf8)),
        ] {
            let text = line(webhook, .json)
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            #expect(object["verdict"] as? String == webhook.verdict.code)
            #expect(object["id"] as? String == "evt_1")
            #expect(object["type"] as? String == webhook.content?.type)
        }
        #expect(line(Fixture.webhook(), .json).contains(#""total":12.50}"#))
        #expect(line(Fixture.webhook(), .json).contains(#""delay_ms":500"#))
    }

    @Test func `ends each line that it writes`() {
        let sink = Sink()
        let printer = WebhookPrinter(form: .plain) { sink.add($0) }
        printer.print(Fixture.webhook())
        printer.print(Fixture.webhook())
        #expect(sink.all.count == 2)
        #expect(sink.all.allSatisfy { $0.hasSuffix("+0.5s\n") })
    }
}

/// Collects what is written.
private final class Sink: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

@Suite struct `The content of a webhook` {
    @Test(arguments: [
        "", "null", "[]", "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1}x", "{1:2}",
        "{\"a\":\"", "{\"a\":\"\\", "{\"a\":[}", "{\"a\":{\"b\":[1,2}", "{\"\\ud800\":1}",
        String(repeating: "[", count: 100_000), "{\"a\":" + String(repeating: "[", count: 100_000),
    ])
    func `of a body that is no object is none`(text: String) {
        #expect(ReceivedWebhook.Content(body: Array(text.utf8)) == nil)
    }

    @Test(arguments: [
        "{}", #"{"type":7,"timestamp":"yesterday","data":[]}"#,
        #"{"data":{"record":null,"key":{},"version":"3"}}"#,
        #"{"data":{"version":99999999999999999999}}"#, #"{"data":"text"}"#,
    ])
    func `leaves out what is not of the type it should be`(text: String) {
        let empty = ReceivedWebhook.Content()
        #expect(ReceivedWebhook.Content(body: Array(text.utf8)) == empty)
    }

    @Test func `reads escapes as any parser does`() {
        let content = ReceivedWebhook.Content(
            body: Array(#" {"ty\u0070e" : "a\"\\\/\u00e9\ud83d\ude82" } "#.utf8))
        #expect(content?.type == "a\"\\/é🚂")
    }

    @Test func `never traps on a mangled body`() {
        for index in Fixture.body.indices {
            for byte: UInt8 in [0, 0x22, 0x5C, 0x7B, 0x7D, 0xFF] {
                var body = Fixture.body
                body[index] = byte
                _ = ReceivedWebhook.Content(body: body)
                _ = ReceivedWebhook.Content(body: Array(body[..<index]))
            }
        }
    }
}
