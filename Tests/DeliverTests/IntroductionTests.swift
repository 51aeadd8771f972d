import PullcordDeliver
import PullcordModel
import PullcordTransfer
import Testing

@Suite struct `The consent of an endpoint` {
    private let now = Fixture.time

    private func gate(
        handshake: ConsentPolicy = .off, challenge: ConsentPolicy = .off, identity: String = "a",
        rate: Rate? = nil, health: EndpointHealth = EndpointHealth()
    ) -> EndpointGate {
        EndpointGate(
            rate: rate,
            introduction: Introduction(
                handshake: handshake, challenge: challenge, identity: identity), health: health)
    }

    @Test func `is not asked for where it is off`() {
        let gate = gate()
        #expect(gate.introduction.step(now: now) == .none)
        #expect(gate.slotsFree(now: now) == 8)
    }

    @Test func `is asked for before the first delivery, and once only where it is tried`() {
        var gate = gate(handshake: .try)
        #expect(gate.slotsFree(now: now) == 0)
        #expect(gate.introduction.step(now: now) == .ask(.handshake))
        #expect(gate.heard(.handshake, .refused(reason: "no"), now: now) == .none)
        #expect(gate.introduction.step(now: now) == .none)
        #expect(gate.slotsFree(now: now) == 8)
    }

    @Test func `is asked for again, less and less often, where it is required`() {
        var gate = gate(handshake: .require)
        var time = now
        var pauses: [Int64] = []
        for _ in 0..<9 {
            #expect(gate.introduction.step(now: time) == .ask(.handshake))
            #expect(gate.heard(.handshake, .refused(reason: "no"), now: time) == .note)
            let shown = gate.shownHealth(now: time)
            #expect(shown.condition == .unverified)
            #expect(shown.reason == "no")
            #expect(gate.slotsFree(now: time) == 0)
            let until = gate.opens(now: time) ?? time
            #expect(shown.until == until)
            pauses.append((until - time).components.seconds)
            time = until
        }
        #expect(pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600])
        #expect(gate.heard(.handshake, .agreed(rate: nil), now: time) == .note)
        #expect(gate.slotsFree(now: time) == 8)
        #expect(gate.shownHealth(now: time).condition == .healthy)
    }

    @Test func `is remembered for the URL that it was given for, and for no other`() throws {
        var first = gate(handshake: .require, challenge: .require)
        _ = first.heard(.handshake, .agreed(rate: Rate(60, per: .minute)), now: now)
        #expect(first.introduction.step(now: now) == .ask(.challenge))
        _ = first.heard(.challenge, .agreed(rate: nil), now: now)
        let health = try #require(EndpointHealth(stored: first.shownHealth(now: now).stored))
        let same = gate(handshake: .require, challenge: .require, health: health)
        #expect(same.introduction.step(now: now) == .none)
        let other = gate(
            handshake: .require, challenge: .require, identity: "b", health: health)
        #expect(other.introduction.step(now: now) == .ask(.handshake))
    }

    @Test func `bounds the rate, and so does the subscription's own`() {
        for (own, allowed, pause) in [
            (nil, 60, 1), (Rate(10, per: .second), 60, 1), (Rate(6, per: .minute), 60, 10),
        ] as [(Rate?, Int, Int64)] {
            var gate = gate(handshake: .require, rate: own)
            _ = gate.heard(.handshake, .agreed(rate: Rate(allowed, per: .minute)), now: now)
            gate.started(now: now)
            #expect(gate.opens(now: now) == now + .seconds(pause))
        }
    }

    @Test func `is asked for a little later where we gave up ourselves`() {
        var gate = gate(challenge: .require)
        #expect(gate.heard(.challenge, .abandoned, now: now) == .none)
        #expect(gate.opens(now: now) == now + .seconds(1))
    }

    /// Headers of an answer, whether a rate was asked for, and what they mean.
    @Test(
        arguments: [
            ([("WebHook-Allowed-Origin", "bridge.example")], false, "agreed"),
            ([("webhook-allowed-origin", "BRIDGE.example")], false, "agreed"),
            ([("WebHook-Allowed-Origin", "*")], false, "agreed"),
            ([("WebHook-Allowed-Origin", "other.example, bridge.example")], false, "agreed"),
            ([("WebHook-Allowed-Origin", "*"), ("WebHook-Allowed-Rate", "*")], true, "agreed"),
            ([("WebHook-Allowed-Origin", "*"), ("WebHook-Allowed-Rate", "120")], true, "120/m"),
            ([("WebHook-Allowed-Origin", "*"), ("WebHook-Allowed-Rate", "120")], false, "120/m"),
            ([("WebHook-Allowed-Origin", "*")], true, "without WebHook-Allowed-Rate"),
            ([("WebHook-Allowed-Origin", "*"), ("WebHook-Allowed-Rate", "0")], true, "neither"),
            ([("WebHook-Allowed-Origin", "*"), ("WebHook-Allowed-Rate", "fast")], true, "neither"),
            ([("WebHook-Allowed-Origin", "other.example")], false, "does not name bridge.example"),
            ([("Allow", "POST")], false, "without WebHook-Allowed-Origin"), ([], false, "without"),
        ] as [([(String, String)], Bool, String)])
    func `is in the headers of the answer, whatever its status`(
        headers: [(String, String)], asksRate: Bool, meaning: String
    ) {
        for status in [200, 204, 405, 500] {
            let response = Fixture.response(
                status, headers: headers.map { HTTPField($0.0, $0.1) })
            let answer = Introducer.consent(
                response, origin: "bridge.example", asksRate: asksRate)
            switch answer {
            case .agreed(let rate): #expect(meaning == (rate?.description ?? "agreed"))
            case .refused(let reason): #expect(reason.contains(meaning), "\(reason)")
            case .abandoned: Issue.record("abandoned")
            }
        }
    }

    @Test(arguments: [
        (200, "abc123", true), (204, "abc123", true), (200, " abc123\r\n", true),
        (200, #"{"challenge":"abc123","more":1}"#, true), (200, #"{"challenge":"abc"}"#, false),
        (200, "abc1234", false), (200, "xabc123", false), (200, "", false),
        (200, #"["abc123"]"#, false), (404, "abc123", false), (302, "abc123", false),
    ])
    func `by a challenge is proved by its echo`(status: Int, body: String, isProof: Bool) {
        let response = Fixture.response(status, body: Array(body.utf8))
        let answer = Introducer.proof(response, nonce: "abc123")
        #expect((answer == .agreed(rate: nil)) == isProof)
    }
}
