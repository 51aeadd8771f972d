import PullcordModel
import PullcordTestSupport
import PullcordTransfer
import Testing

@Suite(.timeLimit(.minutes(10))) struct RefusedAddressTests {
    @Test(arguments: [
        "127.0.0.1", "127.1", "0x7f.1", "017700000001", "2130706433", "localhost",
        "[::ffff:127.0.0.1]", "[::1]", "[::]", "0.0.0.0", "0", "169.254.169.254",
        "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "[2001::1]",
        "10.0.0.1", "[fe80::1%25lo]", "[fd00:ec2::254]",
    ])
    func `no spelling of an inner address gets through`(host: String) async throws {
        let server = try ScriptedServer { _ in .reply(text: "") }
        let engine = try TransferEngine(policy: AddressPolicy())
        let error = try await failure(
            of: HTTPRequest(url: server.url("/", host: host)), over: engine)
        #expect(error.code == .refusedAddress, "\(error)")
        #expect(error.hint.contains("network: { allow: ["))
        #expect(!error.mayHaveBeenSent)
        #expect(server.acceptedConnections == 0)
    }

    @Test(arguments: ["localhost.", "\u{FF11}27.0.0.1", "\u{2460}27.0.0.1", "127。0。0。1"])
    func `a spelling that depends on the machine fails before a connection`(host: String)
        async throws
    {
        let server = try ScriptedServer { _ in .reply(text: "") }
        let engine = try TransferEngine(policy: AddressPolicy())
        let error = try await failure(
            of: HTTPRequest(url: server.url("/", host: host)), over: engine)
        #expect([.refusedAddress, .dns, .invalidURL].contains(error.code), "\(error)")
        #expect(server.acceptedConnections == 0)
    }

    @Test func `a kept connection is judged again before each request`() async throws {
        let server = try ScriptedServer { _ in .reply(text: "") }
        let engine = try localEngine()
        _ = try await engine.send(HTTPRequest(url: server.url()))
        engine.setPolicy(AddressPolicy())
        let error = try await failure(of: HTTPRequest(url: server.url()), over: engine)
        #expect(error.code == .refusedAddress)
        #expect(!error.mayHaveBeenSent)
        #expect(server.requests.count == 1)
    }

    @Test func `a name with its port is allowed for exactly that host and port`() async throws {
        let server = try ScriptedServer { _ in .reply(text: "") }
        let entry = try AllowEntry(parsing: "LocalHost:\(server.port)")
        let engine = try TransferEngine(policy: AddressPolicy(allow: [entry]))
        let allowed = try await engine.send(HTTPRequest(url: server.url("/", host: "localhost")))
        #expect(allowed.status == 200)
        let refused = try await failure(of: HTTPRequest(url: server.url()), over: engine)
        #expect(refused.code == .refusedAddress)
        let other = try ScriptedServer { _ in .reply(text: "") }
        let wrongPort = try await failure(
            of: HTTPRequest(url: other.url("/", host: "localhost")), over: engine)
        #expect(wrongPort.code == .refusedAddress)
    }

    @Test func `the proxy is judged, not what lies behind it`() async throws {
        let proxy = try ScriptedServer { _ in .reply(text: "") }
        let engine = try TransferEngine(policy: AddressPolicy())
        let error = try await failure(
            of: HTTPRequest(url: "http://example.com/", proxy: proxy.url("")), over: engine)
        #expect(error.code == .refusedAddress)
        #expect(proxy.acceptedConnections == 0)
    }

    @Test func `a refused port is named`() async throws {
        let error = try await failure(
            of: HTTPRequest(url: "http://127.0.0.1:25/"), over: localEngine())
        #expect(error.code == .refusedAddress)
        #expect(error.message.contains("port 25"))
    }
}
