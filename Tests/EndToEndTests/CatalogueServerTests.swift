import Foundation
import PullcordModel
import PullcordTestSupport
import PullcordTransfer
import Testing

/// Adapters of the catalogue against the servers that they are for.
@Suite(.timeLimit(.minutes(10))) struct CatalogueServerTests {
    @Test func `alerts and rules of a real Prometheus come and go`() async throws {
        let folder = try TemporaryFolder()
        func rules(_ alerts: [String]) throws -> String {
            let items = alerts.map {
                "    - { alert: \($0), expr: vector(1), labels: { severity: page } }"
            }
            return try folder.write(
                """
                groups:
                - name: house
                  interval: 1s
                  rules:
                    - { record: one, expr: vector(1) }
                    - { record: two, expr: vector(2) }
                    - { record: three, expr: vector(3) }
                \(items.joined(separator: "\n"))
                """, to: "rules.yml")
        }
        let file = try folder.write(
            "rule_files: [\"\(try rules(["DiskFull", "HostDown"]))\"]", to: "prometheus.yml")
        let server = try ForeignServer("prometheus") { port in
            [
                "--config.file=\(file)", "--web.listen-address=127.0.0.1:\(port)",
                "--storage.tsdb.path=\(folder.url.appending(path: "tsdb").path)",
                "--log.level=error", "--web.enable-lifecycle",
            ]
        }
        try await server.waitUntilReady("/-/ready")
        let source = try ForeignSource(folder, catalogue: "prometheus", server.url)
        try await server.waitFor("/api/v1/alerts") {
            $0.contains("DiskFull") && $0.contains("HostDown")
        }
        try await source.poll()
        #expect(try await source.events() == [])

        _ = try rules(["HostDown", "Slow"])
        try await server.send(.post, "/-/reload")
        try await server.waitFor("/api/v1/alerts") {
            $0.contains("Slow") && !$0.contains("DiskFull")
        }
        try await source.poll()
        let path = folder.url.appending(path: "rules.yml").path
        let rule = { (name: String) in
            "\"\(path)\",\"house\",\"\(name)\",\"vector(1)\",\"{severity=page}\""
        }
        #expect(
            try await source.events() == [
                "alerts.created alertname=Slow,severity=page",
                "alerts.deleted alertname=DiskFull,severity=page",
                "rules.created [\(rule("Slow"))]", "rules.deleted [\(rule("DiskFull"))]",
            ])
    }
}

extension ForeignServer {
    fileprivate func send(
        _ method: HTTPMethod, _ path: String, _ body: String = ""
    ) async throws {
        let exchange = try TransferEngine(policy: AddressPolicy(allow: [.loopback]))
        let answer = try await exchange.send(
            HTTPRequest(
                method: method, url: url + path,
                headers: [HTTPField("Content-Type", "application/json")], body: Array(body.utf8)))
        await exchange.shutdown()
        try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    }

    /// Asks until the answer is as it should be.
    fileprivate func waitFor(_ path: String, _ isDone: (String) -> Bool) async throws {
        let exchange = try TransferEngine(policy: AddressPolicy(allow: [.loopback]))
        var text = ""
        while !isDone(text) {
            try Task.checkCancellation()
            let answer = try await exchange.send(HTTPRequest(url: url + path))
            text = String(decoding: answer.body, as: UTF8.self)
        }
        await exchange.shutdown()
    }
}
