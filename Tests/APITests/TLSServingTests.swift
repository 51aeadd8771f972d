import Foundation
import PullcordAPI
import PullcordTestSupport
import Testing
import WireSupport

/// HTTPS, and a page that somebody else serves beside the API.
@Suite(.timeLimit(.minutes(10))) struct `The server of the API` {
    @Test func `serves HTTPS with a certificate, and nothing else`() async throws {
        let folder = try CertificateFolder()
        let identity = try folder.issue("localhost")
        let fixture = try APIFixture(
            api: """
                { listen: ":0",
                  tls: { certificate: "\(identity.certificate)", key: "\(identity.key)" } }
                """)
        try await fixture.serve { port in
            func ask(_ authority: String) async throws -> Int32 {
                try await ChildProcess("python3", ["-c", Self.script, String(port), authority])
                    .status()
            }
            let found1 = try await ask(folder.authority)
            #expect(found1 == 0)
            let found2 = try await ask("")
            #expect(found2 == 3)
            let plain = try await Call("/healthz").send(port)
            #expect(plain.status == 0)
        }
    }

    /// Ends with 0 if it was answered, with 3 if the certificate is not trusted.
    private static let script = """
        import socket, ssl, sys
        context = ssl.create_default_context(cafile=sys.argv[2] or None)
        try:
            with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20) as plain:
                with context.wrap_socket(plain, server_hostname="localhost") as secure:
                    secure.sendall(b"GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
                    sys.exit(0 if b" 200 " in secure.recv(4096) else 1)
        except ssl.SSLCertVerificationError:
            sys.exit(3)
        """

    @Test func `serves a renewed certificate without a restart, and a good one beside a bad`()
        async throws
    {
        let old = try CertificateFolder()
        let new = try CertificateFolder()
        let (first, second) = (try old.issue("localhost"), try new.issue("localhost"))
        let fixture = try APIFixture(
            api: """
                { listen: ":0",
                  tls: { certificate: "\(first.certificate)", key: "\(first.key)" } }
                """)
        @Sendable func copy(_ from: String, _ to: String) throws {
            try Data(contentsOf: URL(filePath: from)).write(
                to: URL(filePath: to), options: .atomic)
        }
        try await fixture.serve { port in
            func ask(_ authority: String) async throws -> Int32 {
                try await ChildProcess("python3", ["-c", Self.script, String(port), authority])
                    .status()
            }
            var found = try await ask(old.authority)
            #expect(found == 0)
            // Half of it is new: the certificate and the key do not belong together.
            try copy(second.certificate, first.certificate)
            fixture.time.advance(by: .seconds(2))
            found = try await ask(old.authority)
            #expect(found == 0)
            try copy(second.key, first.key)
            fixture.time.advance(by: .seconds(2))
            found = try await ask(new.authority)
            #expect(found == 0)
            found = try await ask(old.authority)
            #expect(found == 3)
        }
    }

    @Test func `says which certificate it cannot use`() async throws {
        let fixture = try APIFixture(
            api: "{ listen: \":0\", tls: { certificate: /nowhere.pem, key: /nowhere.key } }")
        let error = await #expect(throws: APIError.self) {
            try await fixture.serve { _ in Issue.record("it listens") }
        }
        #expect(error?.code == .certificate)
    }

    @Test func `says that its port is taken`() async throws {
        let first = try APIFixture()
        try await first.serve { port in
            let second = try APIFixture(api: "{ listen: \"127.0.0.1:\(port)\" }")
            let error = await #expect(throws: APIError.self) {
                try await second.serve { _ in Issue.record("it listens") }
            }
            #expect(error?.code == .portTaken)
        }
    }

    @Test func `serves what others add, and tells nothing of what is hidden`() async throws {
        struct Page: RouteGroup {
            var routes: [Route] {
                var page = Route(
                    .get, "/", id: "page", tag: "page", "A page.", access: .open,
                    reply: .other("text/html")
                ) { _ in
                    APIAnswer(contentType: "text/html", .bytes(Array("<p>hello".utf8)))
                }
                page.isDocumented = false
                return [page]
            }
        }
        let fixture = try APIFixture()
        try await fixture.serve(groups: [Page()]) { port in
            let page = try await Call("/").send(port)
            #expect(page.status == 200 && page.body == "<p>hello")
            let document = try await Call("/v1/openapi.json").send(port)
            #expect(document.status == 200 && !document.body.contains("A page."))
        }
    }
}
