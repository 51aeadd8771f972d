import Glibc
import PullcordTestSupport
import PullcordTransfer
import Testing

@Suite(.timeLimit(.minutes(10))) struct TransferEngineTests {
    @Test func `an answer has its status, headers, body and way`() async throws {
        let server = try ScriptedServer { _ in
            .reply(status: 201, headers: [("X-One", "1"), ("x-one", " 2 ")], text: "hello")
        }
        let engine = try localEngine()
        let response = try await engine.send(HTTPRequest(url: server.url("/a?b=c")))
        #expect(response.status == 201)
        #expect(response.headers.values(of: "X-ONE") == ["1", "2"])
        #expect(response.headers.value(of: "content-length") == "5")
        #expect(response.body == Array("hello".utf8))
        #expect(response.version == .http1_1)
        #expect(response.remoteAddress == "127.0.0.1:\(server.port)")
        #expect(!response.isTruncated)
        #expect(response.timings.total >= response.timings.firstByte)
        #expect(server.requests.first?.target == "/a?b=c")
    }

    @Test(arguments: HTTPMethod.allCases)
    func `each method goes out as it is named, with and without a body`(method: HTTPMethod)
        async throws
    {
        let server = try ScriptedServer { _ in
            ScriptedReply.script(.text("HTTP/1.1 204 None\r\n\r\n"))
        }
        let engine = try localEngine()
        _ = try await engine.send(HTTPRequest(method: method, url: server.url()))
        if method != .head {
            _ = try await engine.send(
                HTTPRequest(method: method, url: server.url(), body: Array("body".utf8)))
            // The same handle again: nothing of the last request may be left.
            _ = try await engine.send(HTTPRequest(method: .get, url: server.url()))
        }
        let requests = server.requests
        #expect(requests.first?.method == method.rawValue)
        #expect(requests.first?.text == "")
        if method != .head {
            #expect(requests[1].method == method.rawValue)
            #expect(requests[1].text == "body")
            #expect(requests[2].method == "GET")
            #expect(requests[2].text == "")
        }
    }

    @Test func `only the headers that were asked for go out, in order, empty ones too`()
        async throws
    {
        let server = try ScriptedServer { _ in .reply(text: "") }
        let engine = try localEngine()
        let headers = [HTTPField("X-B", "2"), HTTPField("X-A", ""), HTTPField("X-B", "é")]
        let body = [UInt8](repeating: 0x78, count: 3 << 20)
        _ = try await engine.send(
            HTTPRequest(method: .post, url: server.url(), headers: headers, body: body))
        let received = try #require(server.requests.first)
        #expect(
            received.headers.map(\.name) == [
                "Host", "User-Agent", "Accept", "X-B", "X-A", "X-B", "Content-Length",
            ])
        #expect(received.headers.map(\.value)[3...5] == ["2", "", "é"])
        #expect(received.body == body)
    }

    @Test func `a redirect is an answer and is not followed`() async throws {
        let server = try ScriptedServer { _ in
            .reply(status: 302, headers: [("Location", "http://169.254.169.254/")], text: "")
        }
        let response = try await localEngine().send(HTTPRequest(url: server.url()))
        #expect(response.status == 302)
        #expect(response.headers.value(of: "location") == "http://169.254.169.254/")
        #expect(server.requests.count == 1)
    }

    @Test func `an interim answer is passed over`() async throws {
        let server = try ScriptedServer { _ in
            .script(
                .text("HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Wait\r\n\r\n"),
                .text("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
        }
        let response = try await localEngine().send(HTTPRequest(url: server.url()))
        #expect(response.status == 200)
        #expect(response.headers.fields == [HTTPField("Content-Length", "2")])
    }

    @Test func `a connection is used again`() async throws {
        let server = try ScriptedServer { _ in .reply(text: "x") }
        let engine = try localEngine()
        let first = try await engine.send(HTTPRequest(url: server.url()))
        let second = try await engine.send(HTTPRequest(url: server.url()))
        #expect(!first.reusedConnection)
        #expect(second.reusedConnection)
        #expect(server.acceptedConnections == 1)
    }

    @Test func `a connection that died while idle is replaced without an error`() async throws {
        let server = try ScriptedServer { _ in
            .script(.text("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"), .close)
        }
        let engine = try localEngine()
        for count in 1...3 {
            let response = try await engine.send(HTTPRequest(url: server.url()))
            #expect(response.status == 200)
            await server.waitForEndedConnections(count)
        }
        #expect(server.acceptedConnections == 3)
    }

    @Test func `codings are offered and undone only when asked for`() async throws {
        let server = try ScriptedServer { _ in
            .reply(headers: [("Content-Encoding", "gzip")], body: Samples.gzipOfHello)
        }
        let engine = try localEngine()
        let plain = try await engine.send(HTTPRequest(url: server.url()))
        #expect(plain.body == Samples.gzipOfHello)
        let decoded = try await engine.send(HTTPRequest(url: server.url(), acceptsEncoding: true))
        #expect(String(decoding: decoded.body, as: UTF8.self) == "hello")
        let requests = server.requests
        #expect(requests[0].header("accept-encoding") == nil)
        #expect(requests[1].header("accept-encoding")?.contains("gzip") == true)
    }

    @Test func `a proxy is used when named`() async throws {
        let proxy = try ScriptedServer { _ in .reply(text: "by proxy") }
        let engine = try localEngine()
        let request = HTTPRequest(url: "http://example.com/x", proxy: proxy.url(""))
        let response = try await engine.send(request)
        #expect(String(decoding: response.body, as: UTF8.self) == "by proxy")
        #expect(proxy.requests.first?.target == "http://example.com/x")
        let next = try await engine.send(HTTPRequest(url: proxy.url("/direct")))
        #expect(next.status == 200)
        #expect(proxy.requests.last?.target == "/direct")
    }

    @Test func `proxies of the environment are ignored`() async {
        // In a process of its own: the environment belongs to all threads of a process.
        await #expect(processExitsWith: .success) {
            let proxy = try ScriptedServer { _ in .reply(status: 502, text: "wrong way") }
            let server = try ScriptedServer { _ in .reply(text: "direct") }
            for name in ["http_proxy", "all_proxy", "ALL_PROXY"] {
                unsafe setenv(name, proxy.url(), 1)
            }
            let response = try await localEngine().send(HTTPRequest(url: server.url()))
            try #require(response.status == 200)
            try #require(proxy.requests.isEmpty)
        }
    }

    @Test func `thousands of exchanges are in flight at once`() async throws {
        let count = 2000
        let gate = try Gate()
        let server = try ScriptedServer { request in
            .script(
                .wait(gate),
                .text("HTTP/1.1 200 OK\r\nContent-Length: \(request.target.utf8.count)\r\n\r\n"),
                .text(request.target))
        }
        let limits = TransferLimits(connections: count, connectionsPerHost: count)
        let engine = try localEngine(limits)
        let right = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 1...count {
                group.addTask {
                    let request = HTTPRequest(
                        url: server.url("/\(number)"),
                        deadlines: deadlines(
                            connect: .seconds(60), firstByte: .seconds(60), total: .seconds(60)))
                    return try await engine.send(request).body == Array("/\(number)".utf8)
                }
            }
            // None is answered before all have come.
            await server.waitForConnections(count)
            gate.open()
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(right == count)
        await engine.shutdown()
    }
}
