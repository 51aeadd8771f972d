import PullcordTestSupport
import PullcordTransfer
import Testing

@Suite(.timeLimit(.minutes(10))) struct TLSTests {
    let folder: CertificateFolder

    init() throws { folder = try CertificateFolder() }

    private func request(_ server: TLSServer, trusting authority: String?) -> HTTPRequest {
        HTTPRequest(
            url: "https://localhost:\(server.port)/", deadlines: deadlines(),
            certificateAuthority: authority)
    }

    @Test func `a certificate of a known authority is trusted`() async throws {
        let server = try TLSServer(try folder.issue("localhost"))
        let engine = try localEngine()
        for _ in 0..<3 {
            let response = try await engine.send(request(server, trusting: folder.authority))
            #expect(response.status == 200)
        }
        // The authority of one request is not that of the next.
        let error = try await failure(of: request(server, trusting: nil), over: engine)
        #expect(error.code == .tlsUntrusted)
    }

    /// How each certificate is wrong, and a word of what is said about it.
    enum Flaw: String, CaseIterable {
        case expired, wrongHost, selfSigned, unknownAuthority, oldTLS

        var code: TransferError.Code {
            switch self {
            case .expired: .tlsExpired
            case .wrongHost: .tlsHostname
            case .selfSigned, .unknownAuthority: .tlsUntrusted
            case .oldTLS: .tlsProtocol
            }
        }
    }

    @Test(arguments: Flaw.allCases)
    func `what cannot be trusted is a tls error before anything is sent`(flaw: Flaw) async throws {
        let (server, word) = try server(with: flaw)
        let authority = flaw == .unknownAuthority ? nil : folder.authority
        let error = try await failure(
            of: request(server, trusting: authority), over: localEngine())
        #expect(error.code == flaw.code, "\(error)")
        #expect(error.phase == .tls)
        #expect(!error.mayHaveBeenSent)
        #expect("\(error.message) \(error.hint)".contains(word), "\(error)")
    }

    private func server(with flaw: Flaw) throws -> (TLSServer, String) {
        switch flaw {
        case .expired: (try TLSServer(try folder.issue("localhost", days: -1)), "expired")
        case .wrongHost: (try TLSServer(try folder.issue("other.example")), "name")
        case .selfSigned: (try TLSServer(try folder.selfSigned("localhost")), "authority")
        case .unknownAuthority: (try TLSServer(try folder.issue("localhost")), "authority")
        case .oldTLS:
            (
                try TLSServer(
                    try folder.issue("localhost"),
                    options: ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]), "version"
            )
        }
    }

    @Test func `a bundle that is not there is a tls error`() async throws {
        let server = try TLSServer(try folder.issue("localhost"))
        let error = try await failure(
            of: request(server, trusting: "/nowhere/ca.pem"), over: localEngine())
        #expect(error.code == .tls)
    }

    @Test func `clear text on a TLS port is a tls error`() async throws {
        let server = try ScriptedServer { _ in .reply(text: "") }
        let gate = try Gate()
        gate.open()
        let error = try await failure(
            of: HTTPRequest(
                url: "https://127.0.0.1:\(server.port)/",
                deadlines: deadlines(connect: .milliseconds(200))), over: localEngine())
        #expect([.tlsProtocol, .timeoutConnect].contains(error.code), "\(error)")
    }
}
