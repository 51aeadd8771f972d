import Foundation
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import PullcordTransfer
import Synchronization
import Testing

/// A daemon with an API, a changing source and a subscriber; Prometheus and its tools look at it.
@Suite(.timeLimit(.minutes(10))) struct TelemetryTests {
    private static let packaging = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/pullcord/Packaging")

    /// Runs promtool; an empty text if it had no complaint.
    private static func promtool(
        _ folder: TemporaryFolder, _ arguments: [String], input: String? = nil
    ) async throws -> String {
        let output = folder.url.appending(path: "promtool-\(UUID().uuidString)")
        let words = arguments.map { "'\($0)'" }.joined(separator: " ")
        let process = try ChildProcess(
            "/bin/sh", ["-c", "promtool \(words)\(input.map { " < '\($0)'" } ?? "")"],
            environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""],
            output: .file(output.path))
        let status = await process.status()
        let text = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
        return status == 0 ? "" : "status \(status): \(text)"
    }

    /// All names of metrics in a text, of which parts may be PromQL.
    private static func names(_ text: String) -> Set<String> {
        let pattern = #/\b(?:pullcord|process)_[a-z0-9_]+/#
        return Set(text.matches(of: pattern).map { String($0.output) })
    }

    @Test func `what the daemon measures is what its rules, its dashboard and Prometheus read`()
        async throws
    {
        let world = try await DaemonWorld()
        let exchange = try TransferEngine(policy: AddressPolicy(allow: [.loopback]))
        await world.receiver.wait { !$0.isEmpty }
        let page = try await world.metrics(exchange) {
            $0.contains("outcome=\"delivered\",class=\"2xx\"} 1")
        }
        for line in [
            "pullcord_ready 1", "pullcord_streams{state=\"up\"} 1", "pullcord_streams_stalled 0",
            "pullcord_source_up{source=\"shop\",stream=\"orders\"} 1",
            "pullcord_delivery_lag_seconds_count 1",
            "pullcord_detection_lag_seconds_count{basis=\"poll\"} 1",
            "pullcord_changes_total{kind=\"created\",origin=\"live\"} 1",
            "pullcord_endpoint_state{endpoint=\"receiver\",state=\"healthy\"} 1",
        ] {
            #expect(page.contains("\(line)\n"), "\(line) is not in \(page)")
        }
        for name in [
            "process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds",
            "process_max_fds", "process_start_time_seconds", "pullcord_store_size_bytes",
            "pullcord_store_wal_bytes", "pullcord_store_free_bytes",
            "pullcord_store_fsync_seconds_count",
        ] {
            let value = page.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
                .flatMap { Double($0.dropFirst(name.count + 1)) }
            #expect(value ?? -1 >= 0 && (name.contains("wal") || value ?? 0 > 0), "\(name)")
        }

        let file = try world.folder.write(page, to: "metrics.txt")
        #expect(try await Self.promtool(world.folder, ["check", "metrics"], input: file) == "")
        let known = Self.names(page)
        for name in ["alerts.yaml", "grafana.json"] {
            let text = try String(
                contentsOf: Self.packaging.appending(path: name), encoding: .utf8)
            let used = Self.names(text)
            #expect(used.count > 10 && used.isSubset(of: known), "\(used.subtracting(known))")
        }
        try await Self.expectScrape(of: world, exchange)
        await exchange.shutdown()
        await world.stop()
    }

    /// A real Prometheus reads the daemon and answers a question about it.
    private static func expectScrape(
        of world: DaemonWorld, _ exchange: TransferEngine
    ) async throws {
        let file = try world.folder.write(
            """
            global: { scrape_interval: 1s }
            rule_files: ["\(packaging.appending(path: "alerts.yaml").path)"]
            scrape_configs:
              - job_name: pullcord
                static_configs: [{ targets: ["127.0.0.1:\(world.port)"] }]
            """, to: "prometheus.yml")
        let server = try ForeignServer("prometheus") { port in
            [
                "--config.file=\(file)", "--web.listen-address=127.0.0.1:\(port)",
                "--storage.tsdb.path=\(world.folder.url.appending(path: "tsdb").path)",
                "--log.level=error",
            ]
        }
        try await server.waitUntilReady("/-/ready")
        let query = "/api/v1/query?query=pullcord_deliveries_total%7Bjob%3D%22pullcord%22%7D"
        var text = ""
        while !text.contains(#""outcome":"delivered""#) {
            try Task.checkCancellation()
            let answer = try await exchange.send(HTTPRequest(url: server.url + query))
            text = String(decoding: answer.body, as: UTF8.self)
        }
        #expect(text.contains(#""job":"pullcord""#) && text.contains(#""class":"2xx""#))
    }

    @Test func `the alert rules are right, and ring when they should`() async throws {
        let folder = try TemporaryFolder()
        let rules = Self.packaging.appending(path: "alerts.yaml").path
        #expect(try await Self.promtool(folder, ["check", "rules", rules]) == "")
        let text = try String(contentsOfFile: rules, encoding: .utf8)
        let alerts = text.matches(of: #/- alert: (\w+)/#).map { String($0.output.1) }
        #expect(alerts.count >= 10)
        #expect(text.components(separatedBy: "summary:").count == alerts.count + 1)
        #expect(text.components(separatedBy: "description:").count == alerts.count + 1)
        let cases = Self.ringing.map { alert, series, values in
            """
              - interval: 1m
                input_series:
                  - { series: '\(series)', values: '\(values)' }
                alert_rule_test:
                  - { eval_time: 5m, alertname: \(alert), exp_alerts: [] }
                promql_expr_test:
                  - expr: count(ALERTS{alertname="\(alert)",alertstate="firing"})
                    eval_time: 3h
                    exp_samples: [{ labels: '{}', value: 1 }]
            """
        }
        let file = try folder.write(
            "rule_files: [\"\(rules)\"]\nevaluation_interval: 1m\ntests:\n"
                + cases.joined(separator: "\n") + "\n", to: "test.yaml")
        #expect(try await Self.promtool(folder, ["test", "rules", file]) == "")
    }

    /// A series under which each alert is silent after five minutes, and rings after three hours.
    private static let ringing: [(alert: String, series: String, values: String)] = [
        (
            "PullcordDown", #"up{job="pullcord",instance="a"}"#,
            "1x10 0x200"
        ),
        (
            "PullcordNotReady", #"pullcord_ready{instance="a"}"#,
            "1x10 0x200"
        ),
        (
            "PullcordSourceStalled", #"pullcord_streams_stalled{instance="a"}"#,
            "0x10 2x200"
        ),
        (
            "PullcordQuarantined", #"pullcord_poll_quarantined{instance="a"}"#,
            "0x10 1x200"
        ),
        (
            "PullcordEndpointDisabled", #"pullcord_endpoints{instance="a",state="disabled"}"#,
            "0x10 1x200"
        ),
        (
            "PullcordBacklogOld", #"pullcord_outbox_backlog_oldest_seconds{instance="a"}"#,
            "0+60x200"
        ),
        (
            "PullcordDeadLetters", #"pullcord_dead_letters_total{instance="a"}"#,
            "0x10 1+1x200"
        ),
        (
            "PullcordReloadRefused", #"pullcord_config_last_reload_successful{instance="a"}"#,
            "1x10 0x200"
        ),
        (
            "PullcordInvariantViolated",
            #"pullcord_invariant_violations_total{invariant="order_broken"}"#,
            "0x10 1+1x200"
        ),
    ]

    @Test func `an attempt is found by the trace that the subscriber was sent`() async throws {
        let world = try await DaemonWorld()
        await world.receiver.wait { !$0.isEmpty }
        let header = try #require(world.receiver.traces.first)
        let trace = try #require(TraceContext.traceID(header))
        for asked in [header, trace] {
            var text = ""
            // The attempt is written down a moment after the answer.
            while !text.contains(header) {
                try Task.checkCancellation()
                text = try await PullcordProcess.run(
                    "deliveries", "--trace", asked, "--json", "--config", world.bridge
                ).text
            }
            #expect(text.split(separator: "\n").count == 1)
        }
        let wrong = try await PullcordProcess.run(
            "deliveries", "--trace", "nonsense", "--config", world.bridge)
        #expect(wrong.status != 0 && wrong.text.contains("32 hexadecimal digits"))
        await world.stop()
        let log = try String(contentsOf: world.log, encoding: .utf8)
        let attempt = try #require(log.split(separator: "\n").first { $0.contains(header) })
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(attempt.utf8)) as? [String: Any])
        #expect(object["message"] as? String == "attempt" && object["age_ms"] is Int)
        #expect(
            Set(object.keys).isSuperset(of: [
                "time", "level", "delivery", "subscription", "event", "type", "source", "key",
                "attempt", "outcome", "status", "duration_ms", "traceparent",
            ]))
    }
}

/// The real program, whose API listens, beside an API that has a new record after the first poll.
private final class DaemonWorld: Sendable {
    let folder: TemporaryFolder
    let receiver: Receiver
    let bridge: String
    let log: URL
    let port: UInt16
    private let api: ScriptedServer
    private let process: PullcordProcess

    private final class Polls: Sendable {
        let count = Mutex(0)

        func isFirst() -> Bool {
            count.withLock { count in
                count += 1
                return count == 1
            }
        }
    }

    init() async throws {
        folder = try TemporaryFolder()
        receiver = try Receiver()
        let polls = Polls()
        api = try ScriptedServer { _ in
            .reply(text: polls.isFirst() ? #"[{"id":1}]"# : #"[{"id":1},{"id":2}]"#)
        }
        let taken = try ScriptedServer { _ in .script(.close) }
        port = taken.port
        taken.stop()
        _ = try folder.write(
            """
            adapter: shop
            base_url: "\(api.url(""))"
            streams:
              orders: { request: /orders, records: ., key: .id }
            """, to: "shop.yaml")
        bridge = try folder.write(
            """
            network: { allow: [loopback] }
            api: { listen: "127.0.0.1:\(port)", rate: 10000/s }
            sources: [{ name: shop, adapter: shop.yaml, every: 1s }]
            subscriptions: [{ name: receiver, url: "\(receiver.url)", secret: "${env.SECRET}" }]
            """, to: "pullcord.yaml")
        log = folder.url.appending(path: "log")
        process = try PullcordProcess(
            ["run", "--log-format", "json", "--config", bridge], log: log,
            environment: ["SECRET": receiver.secret.text.expose()])
    }

    /// Asks until what is measured is as a test wants it.
    func metrics(
        _ exchange: TransferEngine, until isDone: (String) -> Bool
    ) async throws -> String {
        while true {
            try Task.checkCancellation()
            let answer = try? await exchange.send(
                HTTPRequest(url: "http://127.0.0.1:\(port)/metrics"))
            let text = String(decoding: answer?.body ?? [], as: UTF8.self)
            if isDone(text) { return text }
        }
    }

    func stop() async {
        process.signal(SIGTERM)
        #expect(await process.status() == 0)
        receiver.stop()
        api.stop()
    }
}
