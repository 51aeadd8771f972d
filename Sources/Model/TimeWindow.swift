/// Hours of some days of the week, as in `mon-fri 08:00-18:00`.
///
/// Days may be left out (all), as may hours (the whole day). Hours that end before they begin
/// reach into the next day: `22:00-06:00` of Friday ends on Saturday.
package struct TimeWindow: Sendable, Equatable, CustomStringConvertible {
    package let text: String
    /// Sunday is 0.
    private let weekdays: Set<Int64>
    /// Minutes of the day; an end of 1440 is midnight.
    private let start: Int64
    private let end: Int64

    private static let names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    /// nil if the text is none.
    package init?(_ text: String) {
        self.text = text
        let parts = text.lowercased().split(separator: " ").map(String.init)
        guard (1...2).contains(parts.count) else { return nil }
        let isHours = { (part: String) in part.contains(":") }
        guard let hours = parts.last, parts.count == 1 || isHours(hours),
            !isHours(parts[0])
                || parts.count == 1
        else { return nil }
        let days = isHours(parts[0]) ? "sun-sat" : parts[0]
        guard let weekdays = Self.weekdays(days) else { return nil }
        self.weekdays = weekdays
        guard isHours(hours) else {
            (start, end) = (0, 1440)
            return
        }
        let ends = hours.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let start = Self.minutes(String(ends[0])),
            let end = Self.minutes(String(ends[1])), start != end, start < 1440
        else { return nil }
        (self.start, self.end) = (start, end)
    }

    private static func weekdays(_ text: String) -> Set<Int64>? {
        var days: Set<Int64> = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = item.split(separator: "-", omittingEmptySubsequences: false)
                .map { names.firstIndex(of: String($0)) }
            guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1] else {
                return nil
            }
            var day = first
            days.insert(Int64(day))
            while day != last {
                day = (day + 1) % 7
                days.insert(Int64(day))
            }
        }
        return days
    }

    /// `08:00`, `24:00` for midnight at the end of a day.
    private static func minutes(_ text: String) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isNumber) }),
            let hour = Int64(parts[0]), let minute = Int64(parts[1]), minute < 60,
            hour < 24 || hour == 24 && minute == 0
        else { return nil }
        return hour * 60 + minute
    }

    /// The first moment at or after `time` that lies in one of `windows`; `time` itself if
    /// there are none.
    package static func opening(
        of windows: [TimeWindow], at time: Timestamp, in zone: any ZoneRules
    ) -> Timestamp {
        guard !windows.isEmpty else { return time }
        return windows.map { $0.opening(at: time, in: zone) }.min() ?? time
    }

    private func opening(at time: Timestamp, in zone: any ZoneRules) -> Timestamp {
        let local = LocalMinute(time, in: zone)
        // A window of yesterday may reach into today; eight days hold every weekday.
        for day in (local.day - 1)...(local.day + 8) {
            let weekday = (day + 4).flooredDivision(by: 7).remainder
            guard weekdays.contains(weekday) else { continue }
            let opens = LocalMinute(day * 1440 + start)
            let closes = LocalMinute(day * 1440 + (end > start ? end : end + 1440))
            if local < opens { return opens.firstInstant(in: zone) }
            if local < closes { return time }
        }
        return time
    }

    package var description: String { text }
}
