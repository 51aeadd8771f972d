import Foundation
import PullcordCommit
import PullcordJSON
import PullcordModel
import PullcordTestSupport
import PullcordTransfer
import Testing

@Suite(.timeLimit(.minutes(10)), .enabled(if: OAuthProvider.modules))
struct `Authlib's provider` {
    /// A pair of keys in PEM, made by openssl: what is read is the private one.
    private static func keys(
        _ folder: TemporaryFolder, _ name: String, _ algorithm: [String]
    ) throws -> String {
        let path = "\(folder.path)/\(name).pem"
        for words in [
            ["genpkey", "-algorithm"] + algorithm + ["-out", path],
            ["pkey", "-in", path, "-pubout", "-out", "\(path).pub"],
        ] {
            #expect(try ChildProcess("openssl", words).waitUntilEnd() == 0)
        }
        return try String(contentsOfFile: path, encoding: .utf8)
    }

    private struct Stand {
        let provider: OAuthProvider
        let time = ManualTime(
            start: Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)))
        let folder: TemporaryFolder
        let serviceKey: String
        let signerKey: String

        init() throws {
            folder = try TemporaryFolder()
            serviceKey = try keys(folder, "rsa", ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
            signerKey = try keys(folder, "ec", ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
            provider = try OAuthProvider(
                serviceKey: "\(folder.path)/rsa.pem.pub", signerKey: "\(folder.path)/ec.pem.pub")
        }

        func text(_ oauth: String, _ secret: String) throws -> BridgeText {
            var text = try BridgeText(try ChangingAPI("[]"), time: time, folder: folder)
            text.adapter = """
                retry: { attempts: 1 }
                auth: { oauth2: { token_url: "\(provider.url("/token"))", \(oauth) } }
                """
            text.stream = "{ request: { url: \"\(provider.url("/orders"))\" }, key: .id }"
            text.sources = [
                #"every: 60s, with: { token: "${env.T}", shelf: "s3cret/&=+ of web" }"#
            ]
            text.environment = ["T": secret]
            return text
        }

        func count(_ name: String, _ bridge: Bridge) async throws -> String? {
            let answer = try await bridge.engine.send(HTTPRequest(url: provider.url("/log")))
            guard case .number(let text)? = try JSONValue(parsing: answer.body)[name] else {
                return nil
            }
            return text
        }

        func expire(_ bridge: Bridge) async throws {
            _ = try await bridge.engine.send(
                HTTPRequest(method: .post, url: provider.url("/expire")))
        }
    }

    @Test func `takes every grant and every proof of a client, and refuses wrong ones`()
        async throws
    {
        let stand = try Stand()
        let secret = #"client_secret: "${params.token}", scope: orders"#
        let assertion = #"key: "${params.token}""#
        let escaped = stand.serviceKey.replacingOccurrences(of: "\n", with: "\\n")
        let rows: [(oauth: String, secret: String, outcome: String)] = [
            (
                "grant: client_credentials, client_id: web, \(secret)", "s3cret/&=+ of web",
                "baseline"
            ),
            (
                "grant: client_credentials, client_id: web, \(secret)", "wrong-secret",
                "login_refused"
            ),
            (
                "grant: client_credentials, client_id: form, client_auth: body, \(secret)",
                "s3cret/&=+ of form", "baseline"
            ),
            (
                "grant: client_credentials, client_id: web, client_auth: body, \(secret)",
                "s3cret/&=+ of web", "login_refused"
            ),
            (
                #"grant: password, client_id: web, client_secret: "${params.shelf}", scope: orders, username: ann, password: "${params.token}""#,
                "p4ss w0rd&", "baseline"
            ),
            (
                #"grant: password, client_id: web, client_secret: "${params.shelf}", scope: orders, username: ann, password: "${params.token}""#,
                "p4ss w0rd", "login_refused"
            ),
            (
                "grant: jwt_bearer, scope: orders, assertion: { issuer: service, subject: ann, \(assertion) }",
                stand.serviceKey, "baseline"
            ),
            (
                "grant: jwt_bearer, scope: orders, assertion: { issuer: service, subject: ann, \(assertion) }",
                escaped, "baseline"
            ),
            (
                "grant: jwt_bearer, scope: orders, assertion: { issuer: service, subject: bob, \(assertion) }",
                stand.serviceKey, "login_refused"
            ),
            (
                "grant: jwt_bearer, scope: orders, assertion: { issuer: service, audience: other, \(assertion) }",
                stand.serviceKey, "login_refused"
            ),
            (
                "grant: client_credentials, client_id: signer, client_auth: private_key_jwt, scope: orders, assertion: { \(assertion), algorithm: ES256 }",
                stand.signerKey, "baseline"
            ),
            (
                "grant: client_credentials, client_id: service, client_auth: private_key_jwt, scope: orders, assertion: { \(assertion), algorithm: ES256 }",
                stand.signerKey, "login_refused"
            ),
        ]
        for row in rows {
            let text = try stand.text(row.oauth, row.secret)
            let store = "\(stand.folder.path)/store.db"
            for end in ["", "-wal", "-shm", ".lock"] {
                try? FileManager.default.removeItem(atPath: store + end)
            }
            try await Bridge.with(text) { bridge in
                let report = try await bridge.poll()
                #expect(report.outcome == row.outcome, "\(row.oauth): \(report.reason)")
                #expect(!report.reason.contains("s3cret"))
            }
        }
    }

    @Test func `rotates refresh tokens, and never sees one twice`() async throws {
        let stand = try Stand()
        let text = try stand.text(
            #"grant: refresh_token, client_id: web, client_secret: "${params.shelf}", refresh_token: "${params.token}""#,
            "first-refresh-token")
        for round in 1...3 {
            try await Bridge.with(text) { bridge in
                try await bridge.polls()
                try await stand.expire(bridge)
                try await bridge.polls()
                stand.time.advance(by: .seconds(61))
                #expect(try await stand.count("tokens", bridge) == "\(round + 1)")
                #expect(try await stand.count("reuse", bridge) == "0")
            }
        }
    }
}
