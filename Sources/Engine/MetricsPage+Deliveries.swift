import PullcordCommit
import PullcordMetrics
import PullcordModel

/// The parts of the page behind detection: deliveries, the store and the process itself.
extension MetricsPage {
    func writeDeliveries(_ page: inout Exposition) {
        page.family(
            "pullcord_deliveries_total", .counter,
            "Attempts of deliveries, by what came of the delivery and by the answer.")
        let known = Meters.DeliveryClass(outcome: .delivered, word: "2xx")
        let all = figures.deliveries.merging([known: 0]) { own, _ in own }
        let sorted = all.sorted {
            ($0.key.outcome.rawValue, $0.key.word) < ($1.key.outcome.rawValue, $1.key.word)
        }
        for (kind, count) in sorted {
            page.sample([("outcome", kind.outcome.rawValue), ("class", kind.word)], count)
        }
        let dead = figures.deliveries.reduce(0) {
            $0 + ($1.key.outcome == .dead ? $1.value : 0)
        }
        page.single(
            "pullcord_dead_letters_total", .counter, "Deliveries that were given up.", Double(dead))
        page.single(
            "pullcord_posts_total", .counter, "POSTs to subscribers, a batch is one.",
            Double(figures.posts))
        page.family("pullcord_attempt_duration_seconds", .histogram, "How long POSTs took.")
        page.sample([], figures.attemptDuration)
        page.family(
            "pullcord_delivery_lag_seconds", .histogram,
            "From the commit of a change to the 2xx of its delivery, without replays and backfill.")
        page.sample([], figures.deliveryLag)
        page.family(
            "pullcord_egress_blocked_total", .counter,
            "Requests that were refused because of where they would have gone.")
        for reason in ["refused_address", "refused_scheme"] {
            page.sample([("reason", reason)], figures.blocked[reason] ?? 0)
        }
    }

    func writeEndpoints(_ page: inout Exposition) {
        let ages = endpoints.map { endpoint in
            endpoint.oldestBacklog.map { max(0, (now - $0) / .seconds(1)) } ?? 0
        }
        page.single(
            "pullcord_outbox_backlog", .gauge, "Deliveries that wait, of all endpoints.",
            Double(endpoints.reduce(0) { $0 + max(0, $1.backlog) }))
        page.single(
            "pullcord_outbox_backlog_oldest_seconds", .gauge,
            "How long the oldest delivery of all has waited; 0 if none waits.", ages.max() ?? 0)
        page.family("pullcord_endpoints", .gauge, "Endpoints, by their state.")
        for state in EndpointHealth.Condition.allCases {
            page.sample(
                [("state", state.rawValue)], endpoints.count { $0.condition == state })
        }
        let hasOwn = hasOwnSeries && endpoints.count <= Self.ownSeriesMax
        let own = hasOwn ? Array(zip(endpoints, ages)) : []
        page.family("pullcord_outbox_depth", .gauge, "Deliveries that wait for the endpoint.")
        for (endpoint, _) in own { page.sample(endpoint.labels, max(0, endpoint.backlog)) }
        page.family(
            "pullcord_outbox_oldest_seconds", .gauge,
            "How long the endpoint's oldest delivery has waited; 0 if none waits.")
        for (endpoint, age) in own { page.sample(endpoint.labels, age) }
        page.family(
            "pullcord_endpoint_state", .gauge, "1 for the state that the endpoint is in, else 0.")
        for (endpoint, _) in own {
            for state in EndpointHealth.Condition.allCases {
                page.sample(
                    endpoint.labels + [("state", state.rawValue)],
                    endpoint.condition == state ? 1 : 0)
            }
        }
    }

    func writeStore(_ page: inout Exposition) {
        page.family(
            "pullcord_store_fsync_seconds", .histogram,
            "How long it took to make transactions of the store durable.")
        page.sample([], figures.sync)
        page.optional(
            "pullcord_store_size_bytes", .gauge, "Bytes of the store's file.", host.storeBytes)
        page.optional(
            "pullcord_store_wal_bytes", .gauge, "Bytes of the write-ahead log beside it.",
            host.logBytes)
        page.optional(
            "pullcord_store_free_bytes", .gauge, "Bytes left on the disk of the store.",
            host.freeBytes)
    }

    func writeRest(_ page: inout Exposition) {
        page.family("pullcord_reloads_total", .counter, "Reloads of the configuration.")
        page.sample([("result", "ok")], figures.reloads[true] ?? 0)
        page.sample([("result", "refused")], figures.reloads[false] ?? 0)
        page.single(
            "pullcord_config_last_reload_successful", .gauge,
            "1, or 0 if the files were refused at the last reload and an older state of them runs.",
            figures.lastReload?.isGood == false ? 0 : 1)
        page.family(
            "pullcord_config_last_reload_success_timestamp_seconds", .gauge,
            "When the files were last read anew and put to work.")
        if let time = figures.lastGoodReload { page.sample([], time.seconds) }
        page.single(
            "pullcord_definitions_set_aside", .gauge,
            "Sources and subscriptions of the store that do not run, because they are wrong.",
            Double(setAside))
        page.family(
            "pullcord_api_requests_total", .counter,
            "Requests of the HTTP API and the console, by operation and status.")
        let requests = figures.requests.sorted {
            ($0.key.operation, $0.key.status) < ($1.key.operation, $1.key.status)
        }
        for (kind, count) in requests {
            page.sample([("operation", kind.operation), ("status", kind.status)], count)
        }
        page.family(
            "pullcord_invariant_violations_total", .counter,
            "What must never be found, and was: a mistake of Pullcord's own.")
        var violations = Dictionary(
            uniqueKeysWithValues: Self.invariants.map { ($0, figures.violations[$0] ?? 0) })
        violations.merge(figures.violations) { _, found in found }
        for (invariant, count) in violations.sorted(by: { $0.key < $1.key }) {
            page.sample([("invariant", invariant)], count)
        }
    }

    private static let invariants = [
        "delivery_sent_twice", "order_broken", "request_failed", "store_fault",
    ]

    func writeProcess(_ page: inout Exposition) {
        page.optional(
            "process_cpu_seconds_total", .counter, "User and system time.", host.processorSeconds)
        page.optional(
            "process_resident_memory_bytes", .gauge, "Resident memory.", host.residentBytes)
        page.optional("process_virtual_memory_bytes", .gauge, "Virtual memory.", host.virtualBytes)
        page.optional("process_open_fds", .gauge, "Open file descriptors.", host.openFiles)
        page.optional(
            "process_max_fds", .gauge, "File descriptors that may be open.", host.openFilesMax)
        page.optional(
            "process_start_time_seconds", .gauge, "When the process began, since 1970.",
            host.started)
    }
}

extension SubscriptionSummary {
    fileprivate var labels: Exposition.Labels { [("endpoint", name.text)] }

    fileprivate var condition: EndpointHealth.Condition {
        guard disabledReason == nil else { return .disabled }
        return health.flatMap { EndpointHealth(stored: $0) }?.condition ?? .healthy
    }
}

extension Exposition {
    fileprivate mutating func optional(
        _ name: String, _ kind: Kind, _ help: String, _ value: Double?
    ) {
        family(name, kind, help)
        if let value { sample([], value) }
    }

    fileprivate mutating func optional(
        _ name: String, _ kind: Kind, _ help: String, _ value: Int?
    ) {
        optional(name, kind, help, value.map { Double($0) })
    }
}
