package import PullcordCommit
package import PullcordMetrics
package import PullcordModel

/// Everything that is told of the process to who collects metrics, as of one moment.
package struct MetricsPage: Sendable {
    /// Streams, and endpoints, that have series of their own; of more there are only totals.
    package static let ownSeriesMax = 2000

    package var version: String
    package var now: Timestamp
    package var isReady: Bool
    package var figures: Meters.Figures
    package var sights: [SourceWatch.Sight]
    package var paused: Set<String>
    package var quarantined: Int
    /// Definitions of the store that do not run, because something is wrong with them.
    package var setAside: Int
    /// Those that the configuration names.
    package var endpoints: [SubscriptionSummary]
    package var host: HostFigures
    /// Whether streams and endpoints have series of their own at all.
    package var hasOwnSeries: Bool

    package init(
        version: String, now: Timestamp, isReady: Bool, figures: Meters.Figures,
        sights: [SourceWatch.Sight], paused: Set<String>, quarantined: Int, setAside: Int,
        endpoints: [SubscriptionSummary], host: HostFigures, hasOwnSeries: Bool
    ) {
        self.version = version
        self.now = now
        self.isReady = isReady
        self.figures = figures
        self.sights = sights
        self.paused = paused
        self.quarantined = quarantined
        self.setAside = setAside
        self.endpoints = endpoints.filter(\.isInFile)
        self.host = host
        self.hasOwnSeries = hasOwnSeries
    }

    package func text(_ format: Exposition.Format) -> [UInt8] {
        var page = Exposition(format)
        page.family("pullcord_build_info", .info, "The version that runs.")
        page.sample([("version", version)], 1)
        page.single(
            "pullcord_ready", .gauge, "1, or 0 while nothing is polled because the store is full.",
            isReady ? 1 : 0)
        writePolls(&page)
        writeStreams(&page)
        writeDeliveries(&page)
        writeEndpoints(&page)
        writeStore(&page)
        writeRest(&page)
        writeProcess(&page)
        return page.finish()
    }

    /// Whether so many have series of their own.
    private func hasOwn(_ count: Int) -> Bool { hasOwnSeries && count <= Self.ownSeriesMax }

    private func writePolls(_ page: inout Exposition) {
        page.family("pullcord_polls_total", .counter, "Polls that have ended, by how.")
        for result in Meters.PollResult.allCases {
            page.sample([("result", result.rawValue)], figures.polls[result] ?? 0)
        }
        page.family("pullcord_poll_failures_total", .counter, "Failed polls, by what failed.")
        for (reason, count) in figures.failures.sorted(by: { $0.key < $1.key }) {
            page.sample([("reason", reason)], count)
        }
        page.family("pullcord_poll_duration_seconds", .histogram, "How long polls took.")
        page.sample([], figures.pollDuration)
        page.single(
            "pullcord_poll_quarantined", .gauge, "Streams of which something is not believed.",
            Double(quarantined))
        page.single(
            "pullcord_records_read_total", .counter, "Records on the pages that were read.",
            Double(figures.records))
        page.single(
            "pullcord_pages_read_total", .counter, "Pages that were read.", Double(figures.pages))
        page.family("pullcord_changes_total", .counter, "Changes that were made into events.")
        for kind in EventKind.allCases where !kind.isHealth {
            for origin in [Origin.live, .backfill, .resync] {
                let key = Meters.ChangeClass(kind: kind, origin: origin)
                page.sample(
                    [("kind", kind.rawValue), ("origin", origin.rawValue)],
                    figures.changes[key] ?? 0)
            }
        }
        page.family("pullcord_health_events_total", .counter, "Events of health.")
        for kind in EventKind.allCases where kind.isHealth {
            let key = Meters.ChangeClass(kind: kind, origin: .live)
            page.sample([("kind", kind.rawValue)], figures.changes[key] ?? 0)
        }
        page.family(
            "pullcord_detection_lag_seconds", .histogram,
            "From a change to its commit: from the time that the record states (basis record), "
                + "or from the start of the last poll that did not find it (basis poll).")
        page.sample([("basis", "record")], figures.statedLag)
        page.sample([("basis", "poll")], figures.assumedLag)
    }

    private func writeStreams(_ page: inout Exposition) {
        var counts = ["up": 0, "failing": 0, "new": 0, "paused": 0]
        for sight in sights { counts[state(of: sight), default: 0] += 1 }
        page.family("pullcord_streams", .gauge, "Streams that are polled, by how they fare.")
        for (state, count) in counts.sorted(by: { $0.key < $1.key }) {
            page.sample([("state", state)], count)
        }
        page.single(
            "pullcord_streams_stalled", .gauge, "Streams that have been silent for too long.",
            Double(sights.count { $0.isStalled }))
        let own = hasOwn(sights.count) ? sights.sorted { $0.address < $1.address } : []
        page.family(
            "pullcord_source_up", .gauge, "1 if the stream's last poll ended well, 0 if not.")
        for sight in own {
            if let isUp = sight.isUp { page.sample(sight.labels, isUp ? 1 : 0) }
        }
        page.family(
            "pullcord_source_last_success_timestamp_seconds", .gauge,
            "When the stream's last poll that ended well began.")
        for sight in own {
            if let time = sight.lastSuccess { page.sample(sight.labels, time.seconds) }
        }
        page.family(
            "pullcord_source_stalled", .gauge, "1 if the stream has been silent for too long.")
        for sight in own { page.sample(sight.labels, sight.isStalled ? 1 : 0) }
        page.family(
            "pullcord_series_left_out", .gauge,
            "Streams and endpoints that are in the totals only, without series of their own.")
        page.sample([("of", "streams")], sights.count - own.count)
        page.sample([("of", "endpoints")], hasOwn(endpoints.count) ? 0 : endpoints.count)
    }

    private func state(of sight: SourceWatch.Sight) -> String {
        if paused.contains(sight.address.source.text) { return "paused" }
        guard let isUp = sight.isUp else { return "new" }
        return isUp ? "up" : "failing"
    }
}

extension SourceWatch.Sight {
    fileprivate var labels: Exposition.Labels {
        [("source", address.source.text), ("stream", address.stream.text)]
    }
}

extension Timestamp {
    var seconds: Double { Double(milliseconds) / 1000 }
}
