import Foundation
import PullcordCommit
import PullcordModel
import PullcordTestSupport
import PullcordTransfer
import Testing

@Suite(.timeLimit(.minutes(10))) struct `The certificates of a source` {
    private static let basic =
        #"auth: { basic: { username: "${params.user}", password: "${params.secret}" } }"#

    @Test func `get it into nginx, also when they are renewed while it runs`() async throws {
        let nginx = try await Nginx()
        let stranger = try CertificateFolder()
        let folder = try TemporaryFolder()
        func place(_ identity: TLSServer.Identity) throws {
            for (name, file) in [("c.pem", identity.certificate), ("k.pem", identity.key)] {
                let text = try String(contentsOfFile: file, encoding: .utf8)
                try text.write(
                    toFile: "\(folder.path)/\(name)", atomically: true, encoding: .utf8)
            }
        }
        try place(try stranger.issue("pullcord"))
        try await SourceBridge.with(
            Self.basic,
            stream: "{ request: { url: '\(nginx.url)' }, key: .id }",
            source: ", tls: { ca: '\(nginx.authority)', certificate: c.pem, key: ./k.pem }",
            environment: ["SECRET": "pass-word"], folder: folder
        ) { bridge in
            // nginx answers 400 to a certificate of another authority.
            let refused = try await bridge.poll()
            #expect(refused.reason.contains("400"), "\(refused.outcome) \(refused.reason)")
            try place(try nginx.certificates.issue("pullcord"))
            bridge.time.advance(by: .seconds(1))
            #expect(try await bridge.poll().outcome == "baseline")
            #expect(try await bridge.liveCount == 1)
            try place(try stranger.issue("pullcord"))
            bridge.time.advance(by: .seconds(1))
            // A kept connection was proven by another certificate, so it is not used.
            let again = try await bridge.poll()
            #expect(again.reason.contains("400"), "\(again.outcome) \(again.reason)")
        }
    }

    @Test(arguments: [("pass-word", "baseline"), ("wrong-one", "unauthorized")])
    func `may be named by the adapter, beside basic credentials`(
        password: String, outcome: String
    ) async throws {
        let nginx = try await Nginx()
        let client = try nginx.certificates.issue("pullcord")
        try await SourceBridge.with(
            Self.basic
                + "\ntls: { ca: '\(nginx.authority)', certificate: '\(client.certificate)', "
                + "key: '\(client.key)' }",
            stream: "{ request: { url: '\(nginx.url)' }, key: .id }",
            environment: ["SECRET": password]
        ) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == outcome, "\(report.reason)")
        }
    }

    @Test func `are wanted: without the authority nothing is trusted`() async throws {
        let nginx = try await Nginx()
        try await SourceBridge.with(
            Self.basic, stream: "{ request: { url: '\(nginx.url)' }, key: .id }",
            environment: ["SECRET": "pass-word"]
        ) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome != "baseline")
            #expect(report.reason.contains("certificate"), "\(report.reason)")
        }
    }
}

/// A real nginx that wants a client certificate and basic credentials.
private final class Nginx {
    let url: String
    let certificates: CertificateFolder
    private let folder = try? TemporaryFolder()
    private let judge: Judge

    var authority: String { certificates.authority }

    init() async throws {
        let folder = try #require(folder).path
        certificates = try CertificateFolder()
        let identity = try certificates.issue("localhost")
        try "ann:{PLAIN}pass-word\n".write(
            toFile: "\(folder)/users", atomically: true, encoding: .utf8)
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path \(folder)/\($0);\n"
        }.joined()
        judge = try await Judge(
            try Judge.tool("nginx"),
            ["-p", folder, "-c", "\(folder)/nginx.conf", "-e", "\(folder)/errors"],
            configuration: """
                daemon off; master_process off; pid \(folder)/pid;
                error_log \(folder)/errors;
                events {}
                http {
                  access_log off;
                  \(paths)
                  server {
                    listen 127.0.0.1:PORT ssl http2;
                    ssl_certificate \(identity.certificate);
                    ssl_certificate_key \(identity.key);
                    ssl_client_certificate \(certificates.authority);
                    ssl_verify_client on;
                    location / {
                      auth_basic area;
                      auth_basic_user_file \(folder)/users;
                      default_type application/json;
                      try_files /nothing @things;
                    }
                    location @things { return 200 '[{"id":1}]'; }
                  }
                }
                """, to: "\(folder)/nginx.conf")
        url = "https://localhost:\(judge.port)/things"
    }
}
