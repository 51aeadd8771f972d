import Foundation
import PullcordTestSupport
import PullcordTransfer
import Testing

/// Client certificates and authorities of a request's own, against `openssl s_server`.
@Suite(.timeLimit(.minutes(10))) struct TLSIdentityTests {
    let folder: CertificateFolder

    init() throws { folder = try CertificateFolder() }

    private func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path)))
    }

    private func identity(_ client: TLSServer.Identity?) throws -> TLSIdentity {
        TLSIdentity(
            authority: try bytes(folder.authority),
            certificate: try client.map { try bytes($0.certificate) },
            key: try client.map { try bytes($0.key) })
    }

    /// A server that wants a client certificate of the folder's authority, and shows whose it got.
    private func strictServer(_ more: [String] = []) throws -> TLSServer {
        try TLSServer(
            try folder.issue("localhost"),
            options: ["-Verify", "2", "-verify_return_error", "-CAfile", folder.authority] + more)
    }

    private func request(_ server: TLSServer, _ identity: TLSIdentity?) -> HTTPRequest {
        HTTPRequest(
            url: "https://localhost:\(server.port)/", deadlines: deadlines(), tls: identity)
    }

    @Test func `an authority of the request's own is trusted, and by no other request`()
        async throws
    {
        let server = try TLSServer(try folder.issue("localhost"))
        let engine = try localEngine()
        let own = try TLSIdentity(authority: bytes(folder.authority))
        #expect(try await engine.send(request(server, own)).status == 200)
        let error = try await failure(of: request(server, nil), over: engine)
        #expect(error.code == .tlsUntrusted, "\(error)")
        let others = try CertificateFolder()
        let other = try TLSIdentity(authority: bytes(others.authority))
        let foreign = try await failure(of: request(server, other), over: engine)
        #expect(foreign.code == .tlsUntrusted, "\(foreign)")
    }

    @Test(arguments: [[], ["-tls1_2"]])
    func `a client certificate is shown to the server that asks for it`(options: [String])
        async throws
    {
        let server = try strictServer(options)
        let engine = try localEngine()
        let alice = try identity(folder.issue("alice.example"))
        let response = try await engine.send(request(server, alice))
        #expect(response.status == 200)
        #expect(String(decoding: response.body, as: UTF8.self).contains("alice.example"))
    }

    /// With and without TLS 1.3, where the server's judgement comes after the handshake.
    @Test(arguments: [[], ["-tls1_2"]])
    func `a client without a certificate, or with a foreign one, is told so`(options: [String])
        async throws
    {
        let server = try strictServer(options)
        let engine = try localEngine()
        let bare = try await failure(of: request(server, identity(nil)), over: engine)
        // Before TLS 1.3 the alert does not tell what the server misses.
        let code: TransferError.Code = options.isEmpty ? .tlsClientCertificate : .tlsProtocol
        #expect(bare.code == code, "\(bare)")
        let others = try CertificateFolder()
        let stranger = try others.issue("mallory.example")
        let foreign = try await failure(of: request(server, identity(stranger)), over: engine)
        #expect(foreign.code == .tlsClientCertificate, "\(foreign)")
        let expired = try folder.issue("alice.example", days: -1)
        let old = try await failure(of: request(server, identity(expired)), over: engine)
        #expect(old.code == .tlsClientCertificate, "\(old)")
        withExtendedLifetime(others) {}
    }

    @Test func `certificate and key that do not belong together are told of before a connection`()
        async throws
    {
        let server = try strictServer()
        let (one, two) = (try folder.issue("one.example"), try folder.issue("two.example"))
        for pair in [
            (one.certificate, two.key), (one.key, one.key), (one.certificate, folder.authority),
        ] {
            let mixed = TLSIdentity(
                authority: try bytes(folder.authority), certificate: try bytes(pair.0),
                key: try bytes(pair.1))
            let error = try await failure(of: request(server, mixed), over: localEngine())
            #expect(error.code == .tlsClientCertificate, "\(error)")
            #expect(!error.mayHaveBeenSent)
        }
    }

    /// Neither a kept connection nor a TLS session goes from one identity to another.
    @Test(arguments: [[], ["-tls1_2"]])
    func `connections are never shared between identities`(options: [String]) async throws {
        let server = try strictServer(options)
        let engine = try localEngine()
        for name in ["alice", "bob", "alice", "bob", "carol"] {
            let identity = try identity(folder.issue("\(name).example"))
            for _ in 0..<2 {
                let response = try await engine.send(request(server, identity))
                let body = String(decoding: response.body, as: UTF8.self)
                #expect(body.contains("\(name).example"))
            }
        }
        let error = try await failure(of: request(server, identity(nil)), over: engine)
        #expect([.tlsClientCertificate, .tlsProtocol].contains(error.code), "\(error)")
    }

    @Test func `an identity is not shown by any description`() throws {
        let identity = try identity(folder.issue("alice.example"))
        #expect(
            "\(identity) \(String(reflecting: identity))" == "TLSIdentity(***) TLSIdentity(***)")
        #expect(Mirror(reflecting: identity).children.isEmpty)
    }
}
