import Crypto
import Foundation
import PullcordAPI
import PullcordCommit
import PullcordModel
import PullcordSQLiteStore
import PullcordSigning
import PullcordTestSupport
import Testing
import WireSupport

/// Webhooks of others that make a source poll.
@Suite(.timeLimit(.minutes(10))) struct `A poke` {
    /// Somebody from outside, who has no token and comes through a proxy.
    private static let outside = ("X-Forwarded-For", "203.0.113.7")

    private static func signature(_ body: String, key: String = "open sesame") -> String {
        HMAC<SHA256>.authenticationCode(
            for: Array(body.utf8), using: SymmetricKey(data: Array(key.utf8))
        ).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private static func call(_ source: String, _ headers: [(String, String)]) -> Call {
        var call = Call("/v1/sources/\(source)/poke", "POST", headers: headers + [outside])
        call.body = "it changed"
        return call
    }

    @Test func `with the right signature polls at once, without a token`() async throws {
        let fixture = try APIFixture()
        try await fixture.fill(1)
        try await fixture.serve { port in
            let sign = "sha256=\(Self.signature("it changed"))"
            let answer = try await Self.call("shop", [("X-Signature", sign)]).send(port)
            #expect(answer.status == 202 && answer.object?["outcome"] as? String == "polled")
            #expect(fixture.polls.all == ["poll shop"])
            // What machines do all the time is not in the audit.
            let found1 = try await fixture.store.audit(limit: 9).isEmpty
            #expect(found1)
        }
    }

    @Test func `with a wrong signature is refused, whoever sends it`() async throws {
        let fixture = try APIFixture()
        try await fixture.fill(1)
        try await fixture.serve { port in
            let right = Self.signature("it changed")
            for value in [
                right, "sha256=", "sha256=\(right)00", "sha256=zz",
                "sha256=\(Self.signature("it changed", key: "other"))",
                "sha256=\(Self.signature("something else"))", "sha1=\(right)",
            ] {
                let answer = try await Self.call("shop", [("X-Signature", value)]).send(port)
                #expect(answer.status == 401 && answer.code == "signature_invalid")
            }
            let found2 = try await Self.call("shop", []).send(port).status
            #expect(found2 == 401)
            // Nobody learns by it which sources there are.
            let found3 = try await Self.call("nobody", []).send(port).status
            #expect(found3 == 401)
            #expect(fixture.polls.all.isEmpty)
        }
    }

    @Test func `of Standard Webhooks is verified with its time`() async throws {
        let fixture = try APIFixture()
        try await fixture.fill(1)
        try await fixture.serve { port in
            let secret = try SigningSecret(parsing: APIFixture.secret)
            func headers(at time: Timestamp) -> [(String, String)] {
                Signer.headers(
                    id: EventID("msg_1"), time: time, body: Array("it changed".utf8),
                    secrets: [secret]
                ).map { ($0.name, $0.value) }
            }
            let now = fixture.time.wall()
            let old = try await Self.call(
                "depot", headers(at: now - .seconds(600))
            ).send(port)
            #expect(old.status == 401)
            let right = try await Self.call(
                "depot", headers(at: now)
            ).send(port)
            #expect(right.status == 202)
        }
    }

    @Test func `with a signature gets through while strangers knock`() async throws {
        let fixture = try APIFixture(api: "{ listen: \"127.0.0.1:0\", rate: 1/m }")
        try await fixture.fill(1)
        try await fixture.serve { port in
            let sign = "sha256=\(Self.signature("it changed"))"
            let wrong = [("X-Signature", "sha256=00")]
            let first = try await Self.call("shop", wrong).send(port)
            #expect(first.status == 401 && first.code == "signature_invalid")
            // Guesses share one rate, those of all sources.
            let second = try await Self.call("depot", wrong).send(port)
            #expect(second.status == 429)
            for _ in 0..<3 {
                let right = try await Self.call("shop", [("X-Signature", sign)]).send(port)
                #expect(right.status == 202)
            }
        }
    }

    @Test func `of many becomes few, and the last is not lost`() async throws {
        let fixture = try APIFixture()
        try await fixture.fill(1)
        try await fixture.serve { port in
            var outcomes: [String] = []
            for _ in 0..<5 {
                let answer = try await Call("/v1/sources/shop/poke", "POST").send(port)
                outcomes.append(answer.object?["outcome"] as? String ?? "")
            }
            #expect(outcomes == ["polled"] + Array(repeating: "coalesced", count: 4))
            #expect(fixture.polls.all == ["poll shop"])
            await fixture.time.advanceToNextSleeper()
            while fixture.polls.all.count < 2 { await Task.yield() }
            #expect(fixture.polls.all == ["poll shop", "poll shop"])
        }
    }
}
