import PullcordAdapter
import PullcordModel
import PullcordPoll
import PullcordTransfer
import Testing

@Suite struct RequestSealTests {
    private static let nonce = "0123456789abcdef0123456789abcdef"

    private static func seal(
        _ spec: HMACAuthSpec, _ request: HTTPRequest, parameters: [String: String] = [:],
        at time: Int64 = 1_499_827_319_559
    ) throws -> HTTPRequest {
        let seal = try #require(try RequestSeal(.hmac(spec), parameters: parameters))
        return try seal.sealed(request, at: Timestamp(milliseconds: time)) { nonce }
    }

    /// The example of Binance's documentation, "SIGNED Endpoint Examples".
    @Test func `Binance's signature stands at the end of the query`() throws {
        let spec = HMACAuthSpec(
            key: try PollFixture.template("${params.key}"),
            message: try PollFixture.template("${request.query}${request.body}"),
            headers: try PollFixture.items(["X-MBX-APIKEY": "k"]),
            query: try PollFixture.items([
                "timestamp": #"${request.time | date "%Q"}"#, "signature": "${signature}",
            ]))
        let query =
            "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1"
            + "&recvWindow=5000"
        let url = "https://api.binance.com/api/v3/order?"
        let sent = try Self.seal(
            spec, HTTPRequest(url: url + query),
            parameters: ["key": "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"])
        #expect(
            sent.url == url + query + "&timestamp=1499827319559&signature="
                + "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71")
        #expect(sent.headers.map(\.name) == ["X-MBX-APIKEY"])
        // What a next page's URL brings along is replaced.
        let again = try Self.seal(
            spec, HTTPRequest(url: sent.url),
            parameters: ["key": "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"])
        #expect(again.url == sent.url)
    }

    /// The example of Duo's documentation, "Authentication" of the Accounts API.
    @Test func `Duo's signature is the password of HTTP Basic`() throws {
        let spec = HMACAuthSpec(
            algorithm: .sha1, key: try PollFixture.template("${params.skey}"),
            message: try PollFixture.template(
                #"${request.time | date "%a, %d %b %Y %H:%M:%S -0000"}"#
                    + "\n${request.method}\n${request.host}\n${request.path}\n${request.body}"),
            headers: try PollFixture.items([
                "Date": #"${request.time | date "%a, %d %b %Y %H:%M:%S -0000"}"#
            ]), username: try PollFixture.template("${params.ikey}"))
        let sent = try Self.seal(
            spec,
            HTTPRequest(
                method: .post, url: "https://api-XXXXXXXX.duosecurity.com/accounts/v1/account/list",
                body: Array("realname=First%20Last&username=root".utf8)),
            parameters: [
                "ikey": "DIWJ8X6AEYOR5OMC6TQ1",
                "skey": "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep",
            ], at: 1_345_570_158_000)
        #expect(sent.headers.first?.value == "Tue, 21 Aug 2012 17:29:18 -0000")
        #expect(
            sent.headers.last?.value == "Basic RElXSjhYNkFFWU9SNU9NQzZUUTE6MmQ5N2Q2MTY2MzE5Nzgx"
                + "YjVhM2EwN2FmMzlkMzY2ZjQ5MTIzNGVkYw==")
    }

    @Test(arguments: [
        ("${request.method}", "POST"), ("${request.host}", "api.example.com:8443"),
        ("${request.path}", "/a%20b"), ("${request.query}", "b=2&a=1&c"),
        ("${request.sorted_query}", "a=1&b=2&c="), ("${request.body}", "{}"),
        ("${request.url}", "https://api.example.com:8443/a%20b?b=2&a=1&c"),
        ("${request.time}", "2017-07-12T02:41:59Z"), ("${request.nonce}", nonce),
        (#"${request.time | date "%s"}"#, "1499827319"),
        (
            "${request.body_hash}",
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        ),
    ])
    func `a placeholder stands for what is sent`(placeholder: String, expected: String) throws {
        let spec = HMACAuthSpec(
            key: try PollFixture.template("k"), message: try PollFixture.template("x"),
            headers: try PollFixture.items(["X-Value": placeholder, "X-Sign": "${signature}"]))
        let sent = try Self.seal(
            spec,
            HTTPRequest(
                method: .post, url: "https://API.example.com:8443/a%20b?b=2&a=1&c",
                body: Array("{}".utf8)))
        #expect(sent.headers.first?.value == expected)
    }

    @Test func `a key that is not written as it should be is refused`() throws {
        let spec = HMACAuthSpec(
            key: try PollFixture.template("${params.key}"), keyEncoding: .hex,
            message: try PollFixture.template("x"))
        #expect(throws: TemplateError.self) {
            try RequestSeal(.hmac(spec), parameters: ["key": "xyz"])
        }
        let absent = try RequestSeal(.hmac(spec), parameters: [:]).map { _ in true }
        #expect(absent == nil)
    }

    @Test func `without such an auth there is no seal`() throws {
        for auth in [AuthSpec.none, .bearer(try PollFixture.template("x"))] {
            let seal = try RequestSeal(auth, parameters: [:]).map { _ in true }
            #expect(seal == nil)
        }
    }
}
