/// The offsets of a place's clocks from UTC, as they change through the years.
package protocol ZoneRules: Sendable {
    /// Seconds that the local clocks are ahead of UTC.
    func offset(at time: Timestamp) -> Int64
}

/// UTC itself.
package struct UniversalTime: ZoneRules {
    package init() {}

    package func offset(at time: Timestamp) -> Int64 { 0 }
}

/// A time as local clocks show it, in minutes since 1970-01-01T00:00 of those clocks.
struct LocalMinute: Hashable, Comparable {
    let minutes: Int64

    init(_ minutes: Int64) { self.minutes = minutes }

    init(_ time: Timestamp, in zone: any ZoneRules) {
        let seconds = time.seconds + zone.offset(at: time)
        minutes = seconds.flooredDivision(by: 60).quotient
    }

    init(day: Int64, hour: Int64, minute: Int64) {
        minutes = day * 1440 + hour * 60 + minute
    }

    var day: Int64 { minutes.flooredDivision(by: 1440).quotient }

    static func < (left: Self, right: Self) -> Bool { left.minutes < right.minutes }

    /// The instants at which the clocks show this time, in order: two where the clocks are set
    /// back, none where they are set forward.
    func instants(in zone: any ZoneRules) -> [Timestamp] {
        let guess = Timestamp(milliseconds: minutes * 60_000)
        var found: [Timestamp] = []
        // An offset in force within a day of it is the one meant, and no zone changes its
        // offset twice in two days.
        for offset in [
            zone.offset(at: guess - .seconds(86_400)), zone.offset(at: guess + .seconds(86_400)),
        ] {
            let instant = Timestamp(milliseconds: minutes * 60_000 - offset * 1000)
            guard zone.offset(at: instant) == offset, !found.contains(instant) else { continue }
            found.append(instant)
        }
        return found.sorted()
    }

    /// The first instant of this time, or the first after the gap that it lies in.
    func firstInstant(in zone: any ZoneRules) -> Timestamp {
        if let instant = instants(in: zone).first { return instant }
        let guess = Timestamp(milliseconds: minutes * 60_000)
        let before = zone.offset(at: guess - .seconds(86_400))
        // As the clocks before the change would have shown it: that lies behind the gap by as
        // much as this lies in it.
        var low = guess - .seconds(86_400)
        var high = Timestamp(milliseconds: minutes * 60_000 - before * 1000)
        while high - low > .seconds(60) {
            let middle = low + .seconds((high - low).components.seconds / 2)
            if zone.offset(at: middle) == before { low = middle } else { high = middle }
        }
        return Timestamp(milliseconds: high.seconds.flooredDivision(by: 60).quotient * 60_000)
    }
}

extension CronExpression {
    /// Days that are searched: eight years hold a 29 February, with one that is left out.
    private static let daysMax: Int64 = 8 * 366 + 1

    /// The first time after `time`.
    ///
    /// A time that the clocks skip comes at the first moment after the gap, once; a time that
    /// they show twice comes the first time only. Where the hour is `*` the clocks' jumps mean
    /// nothing: it comes in every hour that there is.
    package func next(after time: Timestamp, in zone: any ZoneRules) -> Timestamp? {
        let start = LocalMinute(time, in: zone)
        // Clocks that are set back show earlier times again.
        let from = LocalMinute(start.minutes - 180)
        for day in from.day...(start.day + Self.daysMax)
        where matches(CivilDate(daysSince1970: day)) {
            if let found = next(onDay: day, from: from, after: time, in: zone) { return found }
        }
        return nil
    }

    private func next(
        onDay day: Int64, from: LocalMinute, after time: Timestamp, in zone: any ZoneRules
    ) -> Timestamp? {
        var best: Timestamp?
        var bestLocal: LocalMinute?
        for hour in hours.values {
            for minute in minutes.values {
                let local = LocalMinute(day: day, hour: hour, minute: minute)
                if local < from { continue }
                // What the clocks show hours later cannot come earlier.
                if let bestLocal, local.minutes > bestLocal.minutes + 180 { return best }
                let instants =
                    hours.isStar
                    ? local.instants(in: zone) : [local.firstInstant(in: zone)]
                guard let instant = instants.first(where: { $0 > time }) else { continue }
                if instant < best ?? instant + .milliseconds(1) {
                    best = instant
                    bestLocal = local
                }
            }
        }
        return best
    }
}
