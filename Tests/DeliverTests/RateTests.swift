import PullcordDeliver
import PullcordModel
import Testing

@Suite struct `The rate of an endpoint` {
    /// The starts within a span, if everything that may start does, and the greatest number of
    /// them within any window as long as the rate's unit.
    private func starts(
        _ rate: Rate, seconds: Int64, window: Duration
    ) -> (total: Int, most: Int) {
        var gate = EndpointGate(limitMax: 64, rate: rate)
        var now = Fixture.time
        let end = now + .seconds(seconds)
        var times: [Timestamp] = []
        while now < end {
            for _ in 0..<gate.slotsFree(now: now) {
                gate.started(now: now)
                gate.ended()
                times.append(now)
            }
            guard let next = gate.opens(now: now), next > now else { break }
            now = next
        }
        var most = 0
        var first = 0
        for (index, time) in times.enumerated() {
            while time - times[first] >= window { first += 1 }
            most = max(most, index - first + 1)
        }
        return (times.count, most)
    }

    /// Rate, its unit in seconds, how many fit a minute, and the most within one unit.
    @Test(arguments: [
        ("10/s", 1, 600, 10), ("600/m", 60, 600, 600), ("1/s", 1, 60, 1), ("60/h", 3600, 1, 1),
        ("100/s", 1, 6000, 109), ("7/m", 60, 7, 7), ("36000/h", 3600, 600, 600),
    ])
    func `is used up and never exceeded`(text: String, unit: Int64, total: Int, most: Int) throws {
        let rate = try #require(Rate(text))
        let found = starts(rate, seconds: 60, window: .seconds(unit))
        #expect(found.total <= total + 10 && found.total >= total * 98 / 100, "\(found)")
        #expect(found.most <= most, "\(found)")
    }

    @Test func `is halved by an overload and comes back with successes`() {
        var gate = EndpointGate(limitMax: 64, rate: Rate(1, per: .second))
        var now = Fixture.time
        gate.started(now: now)
        gate.ended()
        #expect(gate.opens(now: now) == now + .seconds(1))
        _ = gate.heard(.throttled(retryAfter: .zero), started: now, now: now)
        now = now + .seconds(10)
        gate.started(now: now)
        gate.ended()
        #expect(gate.opens(now: now) == now + .seconds(2))
        for _ in 0..<64 { _ = gate.heard(.delivered, started: now, now: now) }
        now = now + .seconds(10)
        gate.started(now: now)
        #expect(gate.opens(now: now) == now + .seconds(1))
    }

    @Test func `lets nothing pile up in a quiet hour`() {
        var gate = EndpointGate(limitMax: 64, rate: Rate(10, per: .second))
        gate.started(now: Fixture.time)
        #expect(gate.slotsFree(now: Fixture.time + .seconds(3600)) == 1)
    }

    @Test func `goes on after a clock was set back by a year`() {
        var gate = EndpointGate(rate: Rate(1, per: .hour))
        gate.started(now: Fixture.time)
        gate.ended()
        #expect(gate.slotsFree(now: Fixture.time) == 0)
        #expect(gate.slotsFree(now: Fixture.time - .seconds(365 * 86_400)) == 1)
    }

    @Test(arguments: [
        ("10/s", 10, "10/s", 600), ("600/m", 600, "600/m", 600), ("1000/h", 1000, "1000/h", 16),
        ("1/h", 1, "1/h", 1),
    ])
    func `is read as it is written`(text: String, count: Int, shown: String, minute: Int) throws {
        let rate = try #require(Rate(text))
        #expect(rate.count == count)
        #expect(rate.description == shown)
        #expect(rate.perMinute == minute)
    }

    @Test(arguments: [
        "", "10", "/s", "10/", "0/s", "-1/s", "1.5/s", "10/d", "10 /s", "1e3/s", "10/s/s",
        "1000001/s", "99999999999999999999/s", "+1/s",
    ])
    func `is nothing else`(text: String) { #expect(Rate(text) == nil) }
}
