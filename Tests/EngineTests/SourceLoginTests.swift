import Foundation
import PullcordCommit
import PullcordModel
import PullcordTestSupport
import PullcordTransfer
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct `The login of a source` {
    @Test(arguments: [
        ("pass-word", "baseline", 1), ("wrong-one", "unauthorized", 0),
    ])
    func `by digest is accepted by Apache if the password is right`(
        password: String, outcome: String, records: Int
    ) async throws {
        let apache = try await Apache()
        try await SourceBridge.with(
            #"auth: { digest: { username: "${params.user}", password: "${params.secret}" } }"#,
            stream: "{ request: { url: '\(apache.url)' }, key: .id }",
            environment: ["SECRET": password]
        ) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == outcome, "\(report.reason)")
            #expect(try await bridge.liveCount == records)
            #expect(!report.reason.contains(password))
        }
    }

    /// The example of RFC 7616, section 3.9.1, names both; the better must be taken.
    @Test func `by digest uses SHA-256 and sends POST bodies once proven`() async throws {
        let seen = Mutex<[String]>([])
        let server = try ScriptedServer { request in
            let proof = request.header("authorization") ?? ""
            seen.withLock { $0.append("\(proof.prefix(6)) \(request.body.count)") }
            guard proof.contains("algorithm=SHA-256") else {
                return .reply(
                    status: 401,
                    headers: [
                        (
                            "WWW-Authenticate",
                            #"Digest realm="r", qop="auth", algorithm=SHA-256, nonce="abc""#
                        )
                    ], text: "who?")
            }
            return .reply(text: #"[{"id":1}]"#)
        }
        try await SourceBridge.with(
            #"auth: { digest: { username: "${params.user}", password: "${params.secret}" } }"#,
            stream: """
                { request: { url: '\(server.url("/x"))', method: POST, body: { a: 1 } }, key: .id }
                """,
            environment: ["SECRET": "pass-word"]
        ) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == "baseline", "\(report.reason)")
            #expect(try await bridge.liveCount == 1)
        }
        #expect(seen.withLock { $0.last } == "Digest 7")
    }

    @Test(arguments: [
        (#"DOM\\ann"#, "pass-word", "baseline"), (#"DOM\\ann"#, "wrong-one", "unauthorized"),
        (#"DOM\\bob"#, "pass-word", "unauthorized"),
    ])
    func `by NTLM is accepted by pyspnego if it is right`(
        username: String, password: String, outcome: String
    ) async throws {
        let folder = try TemporaryFolder()
        let users = "\(folder.path)/users"
        try "DOM:ann:pass-word\n".write(toFile: users, atomically: true, encoding: .utf8)
        let server = try Judge(python: Self.ntlmServer, environment: ["NTLM_USER_FILE": users])
        try await SourceBridge.with(
            #"auth: { ntlm: { username: "\#(username)", password: "${params.secret}" } }"#,
            stream: "{ request: { url: 'http://127.0.0.1:\(server.port)/x' }, key: .id }",
            environment: ["SECRET": password], folder: folder
        ) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome == outcome, "\(report.reason)")
        }
    }

    @Test func `by NTLM keeps each user's connections to itself`() async throws {
        let folder = try TemporaryFolder()
        let users = "\(folder.path)/users"
        try "DOM:ann:one-pass\nDOM:bob:two-pass\n".write(
            toFile: users, atomically: true, encoding: .utf8)
        let server = try Judge(python: Self.ntlmServer, environment: ["NTLM_USER_FILE": users])
        let engine = try TransferEngine(policy: AddressPolicy(allow: [.loopback]))
        var request = HTTPRequest(url: "http://127.0.0.1:\(server.port)/who")
        var answers: [String] = []
        for (name, password) in [
            ("ann", "one-pass"), ("bob", "two-pass"), ("ann", "one-pass"), ("bob", "wrong"),
        ] {
            request.login = ServerLogin(
                .ntlm, username: "DOM\\\(name)", password: Secret(password))
            let answer = try await engine.send(request)
            answers.append("\(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        }
        request.login = nil
        answers.append("\(try await engine.send(request).status)")
        await engine.shutdown()
        #expect(answers.prefix(3) == ["200 DOM\\ann", "200 DOM\\bob", "200 DOM\\ann"])
        #expect(answers[3].hasPrefix("401"))
        #expect(answers[4] == "401")
    }

    /// Proves connections with pyspnego, as Windows' servers do.
    static let ntlmServer = """
        import base64, http.server, spnego
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            context, user = None, None
            def answer(self, status, body, challenge=None):
                self.send_response(status)
                if challenge: self.send_header("WWW-Authenticate", challenge)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def do_GET(self):
                given = self.headers.get("Authorization", "")
                if given.startswith("NTLM "):
                    if self.context is None: self.context = spnego.server(protocol="ntlm")
                    try:
                        token = self.context.step(base64.b64decode(given[5:]))
                    except Exception as error:
                        self.context = None
                        return self.answer(401, b"no", "NTLM")
                    if not self.context.complete:
                        text = base64.b64encode(token).decode()
                        return self.answer(401, b"", "NTLM " + text)
                    self.user = self.context.client_principal
                    self.context = None
                if self.user is None: return self.answer(401, b"who", "NTLM")
                body = self.user.encode() if self.path == "/who" else b'[{"id":1}]'
                self.answer(200, body)
            def log_message(self, *words): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_port)
        server.serve_forever()
        """
}

/// Apache's httpd with mod_auth_digest, and one user.
private final class Apache {
    let url: String
    private let folder = try? TemporaryFolder()
    private let judge: Judge

    init() async throws {
        let folder = try #require(folder).path
        let program = try Judge.tool("apache2")
        let modules = program.dropLast("apache2".count) + "web/usr/lib/apache2/modules"
        let documents = "\(folder)/documents"
        try FileManager.default.createDirectory(
            atPath: documents, withIntermediateDirectories: false)
        try #"[{"id":1}]"#.write(
            toFile: "\(documents)/things", atomically: true, encoding: .utf8)
        // What `htdigest` writes: the MD5 of `ann:area:pass-word`.
        try "ann:area:eb5f024bb3b4b675befe50f472938486\n".write(
            toFile: "\(folder)/users", atomically: true, encoding: .utf8)
        let loaded = [
            "mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_digest",
        ].map { "LoadModule \($0)_module \(modules)/mod_\($0).so\n" }.joined()
        judge = try await Judge(
            program, ["-f", "\(folder)/httpd.conf", "-DFOREGROUND"],
            configuration: """
                ServerRoot \(folder)
                ServerName localhost
                Listen 127.0.0.1:PORT
                PidFile \(folder)/pid
                ErrorLog \(folder)/errors
                DefaultRuntimeDir \(folder)
                \(loaded)
                DocumentRoot \(documents)
                <Location />
                  AuthType Digest
                  AuthName area
                  AuthDigestProvider file
                  AuthUserFile \(folder)/users
                  Require valid-user
                </Location>
                """, to: "\(folder)/httpd.conf")
        url = "http://127.0.0.1:\(judge.port)/things"
    }
}
