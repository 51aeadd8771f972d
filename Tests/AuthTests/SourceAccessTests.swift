import PullcordAuth
import PullcordModel
import PullcordTestSupport
import PullcordTransfer
import Testing

@Suite struct `The access of a source` {
    private let time = ManualTime()

    /// The URL that is asked, the realm of its 401, and whether the password goes there.
    @Test(arguments: [
        ("https://registry-1.docker.io/v2/", "https://auth.docker.io/token", true),
        ("https://ghcr.io/v2/", "https://ghcr.io/token", true),
        ("https://r.example.com/v2/", "https://example.com/token", true),
        ("https://r.example.com/v2/", "https://other.example/token", false),
        ("https://r.example.com/v2/", "https://example.com.evil.net/token", false),
        ("https://a.co.uk/v2/", "https://b.co.uk/token", false),
        ("https://r.a.co.uk/v2/", "https://t.a.co.uk/token", true),
        ("https://r.example.com/v2/", "http://r.example.com/token", false),
        ("https://10.0.0.1/v2/", "https://10.9.0.1/token", false),
        ("https://r.example.com/v2/", "https://r.example.com@evil.net/token", false),
        ("https://r.example.com/v2/", "file:///etc/passwd", false),
        ("https://r.example.com/v2/", "https://auth.partner.net/token", true),
    ])
    func `shows the password to the API's own domain and to hosts that are named`(
        url: String, realm: String, isAllowed: Bool
    ) async throws {
        let registry = RegistryLogin(
            username: "ann", password: Secret("p4ssword"), realmHosts: ["Auth.Partner.net"],
            book: SecretBook())
        let access = SourceAccess(.registry(registry), book: SecretBook())
        let stage = Stage(#"{"token":"t0ken"}"#)
        let first = try await access.prepare(HTTPRequest(url: url), over: stage, time: time)
        #expect(first.request.headers.isEmpty)
        let challenge = HTTPResponse(
            status: 401,
            headers: HTTPHeaders([HTTPField("WWW-Authenticate", "Bearer realm=\"\(realm)\"")]))
        guard isAllowed else {
            let error = #expect(throws: AuthError.self) {
                try access.mayRepeat(first, after: challenge, wantsLogin: true, time: time)
            }
            #expect(error?.code == .foreignRealm && stage.requests.isEmpty)
            return
        }
        #expect(try access.mayRepeat(first, after: challenge, wantsLogin: true, time: time))
        let second = try await access.prepare(HTTPRequest(url: url), over: stage, time: time)
        #expect(second.request.headers == [HTTPField("Authorization", "Bearer t0ken")])
        #expect(stage.requests.map(\.url) == [realm])
        #expect(stage.requests[0].headers.contains { $0.name == "Authorization" })
    }

    @Test func `asks for nothing that a 401 does not offer`() async throws {
        let registry = RegistryLogin(
            username: nil, password: nil, realmHosts: [], book: SecretBook())
        let access = SourceAccess(.registry(registry), book: SecretBook())
        let stage = Stage("{}")
        let request = HTTPRequest(url: "https://a.example/")
        let prepared = try await access.prepare(request, over: stage, time: time)
        for value in ["Basic realm=\"x\"", "Bearer", "Bearer service=\"x\""] {
            let answer = HTTPResponse(
                status: 401, headers: HTTPHeaders([HTTPField("WWW-Authenticate", value)]))
            #expect(
                try !access.mayRepeat(prepared, after: answer, wantsLogin: true, time: time))
        }
    }

    @Test func `adds to cookies, queries and bodies, and replaces what is of its name`() {
        let pass = Pass(
            items: [
                .init(.cookie, "sid", Secret("1")), .init(.query, "k ey", Secret("a&b")),
                .init(.body, "au\"th", Secret("x\"y")), .init(.header, "X-T", Secret("t")),
            ], lifetime: nil)
        let plain = pass.added(to: HTTPRequest(url: "https://a.example/p"))
        #expect(plain.url == "https://a.example/p?k%20ey=a%26b" && plain.body == nil)
        let full = pass.added(
            to: HTTPRequest(
                url: "https://a.example/p?k%20ey=old&z=1",
                headers: [HTTPField("cookie", "sid=0; lang=de"), HTTPField("x-t", "old")],
                body: Array(#" {"id":1}"#.utf8)))
        #expect(full.url == "https://a.example/p?z=1&k%20ey=a%26b")
        #expect(
            full.headers == [HTTPField("cookie", "lang=de; sid=1"), HTTPField("X-T", "t")])
        #expect(String(decoding: full.body ?? [], as: UTF8.self) == #" {"au\"th":"x\"y","id":1}"#)
        for (body, expected) in [("{ }", #"{"au\"th":"x\"y" }"#), ("[1]", "[1]"), ("", "")] {
            let request = pass.added(
                to: HTTPRequest(url: "https://a.example", body: Array(body.utf8)))
            #expect(String(decoding: request.body ?? [], as: UTF8.self) == expected)
        }
    }

    @Test func `hands a challenge's header on, and repeats a request for it once`() async throws {
        let access = SourceAccess(
            .none, challenge: .init(status: 409, header: "X-Id"), book: SecretBook())
        let stage = Stage("{}")
        let request = HTTPRequest(url: "https://a.example/")
        let answer = HTTPResponse(status: 409, headers: HTTPHeaders([HTTPField("x-id", "abc")]))
        var prepared = try await access.prepare(request, over: stage, time: time)
        #expect(prepared.request.headers.isEmpty)
        #expect(try access.mayRepeat(prepared, after: answer, wantsLogin: false, time: time))
        prepared = try await access.prepare(request, over: stage, time: time)
        #expect(prepared.request.headers == [HTTPField("X-Id", "abc")])
        #expect(try !access.mayRepeat(prepared, after: answer, wantsLogin: false, time: time))
        for other in [
            HTTPResponse(status: 409), HTTPResponse(status: 403, headers: answer.headers),
        ] {
            #expect(try !access.mayRepeat(prepared, after: other, wantsLogin: false, time: time))
        }
    }
}
