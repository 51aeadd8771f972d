import Foundation
import PullcordCommit
import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct `The signature of a source's requests` {
    /// Requests that differ in what signers differ in.
    @Test(arguments: [
        (service: "execute-api", request: "url: 'BASE/'"),
        (service: "execute-api", request: "url: 'BASE/a/b?b=2&a=1&a=0&c'"),
        (service: "execute-api", request: "url: 'BASE/a%20b/c+d/~e?q=%C3%A9&p=a%2Fb&r=x%20y'"),
        (service: "s3", request: "url: 'BASE/a%20b/c?list-type=2&prefix=%C3%A9'"),
        (service: "dynamodb", request: "url: 'BASE/', method: POST, body: { Limit: 3, K: ü }"),
        (service: "ec2", request: "url: 'BASE/', query: { Version: '2016-11-15', Action: 'A b' }"),
        (
            service: "sts",
            request: "url: 'BASE/', method: POST, body: 'A=b&c=', "
                + "content_type: 'application/x-www-form-urlencoded; charset=utf-8'"
        ),
    ])
    func `by SigV4 is what botocore makes`(service: String, request: String) async throws {
        let server = try Judge(python: Self.awsServer)
        let url = "http://127.0.0.1:\(server.port)"
        for token in ["", ", session_token: 'to/ken=='"] {
            try await SourceBridge.with(
                """
                auth:
                  aws_sigv4: { access_key: AKID, secret_key: "${params.secret}", \
                region: eu-west-1, service: \(service)\(token) }
                """,
                stream: "{ request: { \(request.replacing("BASE", with: url)) }, key: .id }",
                environment: ["SECRET": "wJalr/XUtn+:key"]
            ) { bridge in
                let report = try await bridge.poll()
                #expect(report.outcome == "baseline", "\(report.reason)")
            }
        }
    }

    @Test func `by another key is refused`() async throws {
        let server = try Judge(python: Self.awsServer)
        try await SourceBridge.with(
            """
            auth:
              aws_sigv4: { access_key: AKID, secret_key: "${params.secret}", \
            region: eu-west-1, service: s3 }
            """,
            stream: "{ request: { url: 'http://127.0.0.1:\(server.port)/' }, key: .id }",
            environment: ["SECRET": "another-key"]
        ) { bridge in
            let report = try await bridge.poll()
            #expect(report.outcome != "baseline")
            #expect(!report.reason.contains("another-key"))
        }
    }

    @Test func `by HMAC is made anew for every attempt`() async throws {
        let seen = Mutex<[String]>([])
        let server = try ScriptedServer { request in
            let count = seen.withLock {
                $0.append("\(request.header("x-time") ?? "") \(request.header("x-sign") ?? "")")
                return $0.count
            }
            return count == 1 ? .reply(status: 503) : .reply(text: #"[{"id":1}]"#)
        }
        try await SourceBridge.with(
            """
            auth:
              hmac:
                key: "${params.secret}"
                sign: "${request.method}\\n${request.path}\\n${request.time}\\n${request.nonce}"
                headers: { X-Time: "${request.time | date "%s"}", X-Sign: "v1=${signature}" }
            """.replacing("\"%s\"", with: "'%s'"),
            stream: "{ request: { url: '\(server.url("/x"))' }, key: .id }",
            environment: ["SECRET": "a-secret-key"]
        ) { bridge in
            try await bridge.poll()
            bridge.time.advance(by: .seconds(5))
            #expect(try await bridge.poll().outcome == "baseline")
        }
        let parts = seen.withLock { $0.map { $0.split(separator: " ") } }
        let times = parts.compactMap { Int($0[0]) }
        #expect(times.count == 2 && times[1] == times[0] + 5)
        #expect(parts[0][1] != parts[1][1])
        #expect(parts.allSatisfy { $0[1].count == 3 + 64 })
    }

    /// Compares each signature with botocore's own.
    static let awsServer = """
        import http.server
        from botocore.auth import SigV4Auth, S3SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.compat import HTTPHeaders
        from botocore.credentials import Credentials
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                given = self.headers["Authorization"].split(" ", 1)[1]
                parts = dict(p.strip().split("=", 1) for p in given.split(","))
                key, day, region, service, end = parts["Credential"].split("/")
                names = parts["SignedHeaders"].split(";")
                signed = HTTPHeaders()
                for name in names: signed[name] = self.headers[name]
                request = AWSRequest(
                    method=self.command, url="http://" + self.headers["Host"] + self.path,
                    data=body, headers={n: self.headers[n] for n in names})
                request.context["timestamp"] = self.headers["X-Amz-Date"]
                token = self.headers.get("X-Amz-Security-Token")
                kind = S3SigV4Auth if service == "s3" else SigV4Auth
                signer = kind(Credentials("AKID", "wJalr/XUtn+:key", token), service, region)
                signer.headers_to_sign = lambda request: signed
                text = signer.string_to_sign(request, signer.canonical_request(request))
                good = signer.signature(text, request) == parts["Signature"]
                good = good and key == "AKID" and "host" in names and (
                    token is None or "x-amz-security-token" in names)
                answer = b'[{"id":1}]' if good else b"no"
                self.send_response(200 if good else 403)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            do_GET = do_POST = answer
            def log_message(self, *words): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_port)
        server.serve_forever()
        """
}
