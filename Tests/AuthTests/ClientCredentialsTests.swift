import PullcordAuth
import PullcordModel
import PullcordTransfer
import Testing

@Suite struct `Client credentials` {
    private func credentials(
        _ style: ClientCredentials.Style, scope: String? = nil, audience: String? = nil
    ) -> ClientCredentials {
        ClientCredentials(
            tokenURL: "https://auth.example/token?tenant=t0p", identifier: "id:1",
            secret: Secret("p@ss word"), scope: scope, audience: audience, style: style)
    }

    @Test func `go into a Basic header, each part encoded as RFC 6749 section 2_3_1 asks`() {
        let request = credentials(.header, scope: "a b", audience: "https://x.example").request()
        #expect(request.method == .post)
        #expect(request.url == "https://auth.example/token?tenant=t0p")
        let value = request.headers.first { $0.name == "Authorization" }?.value
        #expect(value == "Basic " + Base64.encode(Array("id%3A1:p%40ss%20word".utf8)))
        #expect(
            String(decoding: request.body ?? [], as: UTF8.self)
                == "grant_type=client_credentials&scope=a+b&audience=https%3A%2F%2Fx.example")
    }

    @Test func `go into the body where the server wants them there`() {
        let request = credentials(.body).request()
        #expect(!request.headers.contains { $0.name == "Authorization" })
        #expect(
            String(decoding: request.body ?? [], as: UTF8.self)
                == "grant_type=client_credentials&client_id=id%3A1&client_secret=p%40ss+word")
    }

    @Test(
        arguments: [
            (#"{"access_token":"t0ken","token_type":"Bearer","expires_in":3600}"#, 3600),
            (#"{"access_token":"t0ken","token_type":"bearer","expires_in":"60"}"#, 60),
            (#"{"access_token":"t0ken"}"#, nil),
            (#"{"access_token":"t0ken","expires_in":null}"#, nil),
            (#"{"access_token":"t0ken","expires_in":-5}"#, nil),
            (#"{"access_token":"t0ken","expires_in":1e300}"#, 31_536_000),
        ] as [(String, Int64?)])
    func `are answered by a token`(body: String, seconds: Int64?) throws {
        let response = HTTPResponse(status: 200, body: Array(body.utf8))
        let token = try credentials(.header).token(from: response)
        #expect(token.text == Secret("t0ken"))
        #expect(token.lifetime == seconds.map { .seconds($0) })
    }

    @Test(arguments: [
        (400, #"{"error":"invalid_client","error_description":"who are you"}"#, "invalid_client"),
        (401, "no", "answered 401"), (302, "", "answered 302"), (500, "{", "answered 500"),
        (200, "<html>", "access_token"), (200, "{}", "access_token"),
        (200, #"{"access_token":""}"#, "access_token"),
        (200, #"{"access_token":7}"#, "access_token"),
        (200, #"{"access_token":"a b"}"#, "no header"),
        (200, #"{"access_token":"a","token_type":"mac"}"#, "mac"),
        (400, #"{"error":"x","error_description":"bad p@ss word given"}"#, "bad *** given"),
    ])
    func `that bring no token say why, and never the secret`(
        status: Int, body: String, piece: String
    ) {
        let response = HTTPResponse(status: status, body: Array(body.utf8))
        do throws(AuthError) {
            _ = try credentials(.header).token(from: response)
            Issue.record("a token came of \(body)")
        } catch {
            #expect(error.reason.contains(piece), "\(error.reason)")
            #expect(error.reason.contains("https://auth.example/token (answer)"))
            #expect(!error.reason.contains("t0p"))
            #expect(!error.reason.contains("p@ss"))
        }
    }
}
