import PullcordAuth
import PullcordModel
import PullcordTestSupport
import PullcordTransfer
import Testing

@Suite struct `A login by a refresh token` {
    private let time = ManualTime()
    private let vault = MemoryVault()

    private func login(
        _ token: String = "first-token", vault: MemoryVault? = nil, book: SecretBook = SecretBook()
    ) -> OAuthLogin {
        OAuthLogin(
            OAuthGrant(
                kind: .refreshToken(Secret(token)), tokenURL: "https://a.example/token",
                clientID: "me", proof: .body(Secret("s3cret"))),
            vault: vault ?? self.vault, book: book)
    }

    private static func answer(_ token: String, refresh: String? = nil, life: Int = 3600) -> String
    {
        let more = refresh.map { #","refresh_token":"\#($0)""# } ?? ""
        return #"{"access_token":"\#(token)","expires_in":\#(life)\#(more)}"#
    }

    private func header(_ pass: Pass) -> String? {
        pass.added(to: HTTPRequest(url: "https://a.example")).headers.first?.value
    }

    @Test func `goes on with the token that followed, also after a restart`() async throws {
        let stage = Stage(
            Self.answer("one", refresh: "second-token"), Self.answer("two", refresh: "third-token"),
            Self.answer("three"), Self.answer("four"))
        let login = login()
        var pass = try await login.pass(insteadOf: nil, over: stage, time: time)
        #expect(header(pass) == "Bearer one")
        pass = try await login.pass(insteadOf: pass, over: stage, time: time)
        let other = self.login()
        pass = try await other.pass(insteadOf: pass, over: stage, time: time)
        _ = try await other.pass(insteadOf: pass, over: stage, time: time)
        #expect(header(pass) == "Bearer three")
        let sent = stage.bodies.map { $0.split(separator: "&")[1] }
        #expect(
            sent == ["first", "second", "third", "third"].map { "refresh_token=\($0)-token" })
    }

    @Test func `uses a token that another run has fetched, until its end is near`() async throws {
        let stage = Stage(Self.answer("one", refresh: "second-token"), Self.answer("two"))
        _ = try await login().pass(insteadOf: nil, over: stage, time: time)
        let again = try await login().pass(insteadOf: nil, over: stage, time: time)
        #expect(header(again) == "Bearer one" && stage.requests.count == 1)
        #expect(again.lifetime == .seconds(3600))
        time.advance(by: .seconds(3580))
        let fresh = try await login().pass(insteadOf: nil, over: stage, time: time)
        #expect(header(fresh) == "Bearer two" && stage.requests.count == 2)
    }

    @Test func `starts anew with another token in the file`() async throws {
        let stage = Stage(Self.answer("one", refresh: "second-token"), Self.answer("two"))
        _ = try await login().pass(insteadOf: nil, over: stage, time: time)
        _ = try await login("pasted-token").pass(insteadOf: nil, over: stage, time: time)
        #expect(stage.bodies.last?.contains("refresh_token=pasted-token") == true)
        #expect(vault.kept.count == 2)
    }

    @Test func `keeps nothing that can be read`() async throws {
        let stage = Stage(Self.answer("access-token", refresh: "second-token"))
        _ = try await login().pass(insteadOf: nil, over: stage, time: time)
        let bytes = try #require(vault.kept.first)
        for text in ["first-token", "second-token", "access-token", "s3cret", "a.example"] {
            #expect(!bytes.key.contains(text))
            #expect(!String(decoding: bytes.value, as: UTF8.self).contains(text))
        }
    }

    @Test func `takes what was changed in the store for nothing`() async throws {
        let stage = Stage(Self.answer("one", refresh: "second-token"), Self.answer("two"))
        _ = try await login().pass(insteadOf: nil, over: stage, time: time)
        var (name, bytes) = try #require(vault.kept.first)
        bytes[bytes.count / 2] ^= 1
        try await vault.save(bytes, as: name)
        _ = try await login().pass(insteadOf: nil, over: stage, time: time)
        #expect(stage.bodies.last?.contains("refresh_token=first-token") == true)
    }

    @Test func `gives no token away that could not be kept, and does not ask for it twice`()
        async throws
    {
        let stage = Stage(Self.answer("one", refresh: "second-token"), Self.answer("two"))
        let login = login()
        vault.setFull(true)
        for _ in 0..<2 {
            let error = await #expect(throws: AuthError.self) {
                try await login.pass(insteadOf: nil, over: stage, time: time)
            }
            #expect(error?.code == .store)
        }
        #expect(stage.requests.count == 1)
        vault.setFull(false)
        let pass = try await login.pass(insteadOf: nil, over: stage, time: time)
        #expect(header(pass) == "Bearer one" && stage.requests.count == 1)
    }

    @Test func `goes back to the token of the file once if the one that followed is unknown`()
        async throws
    {
        let stage = Stage { request in
            let body = String(decoding: request.body ?? [], as: UTF8.self)
            let isKnown = body.contains("first-token")
            return .success(
                HTTPResponse(
                    status: isKnown ? 200 : 400,
                    body: Array(
                        (isKnown
                            ? Self.answer("one", refresh: "lost-token", life: 1)
                            : #"{"error":"invalid_grant"}"#).utf8)))
        }
        _ = try await login().pass(insteadOf: nil, over: stage, time: time)
        let pass = try await login().pass(insteadOf: nil, over: stage, time: time)
        #expect(header(pass) == "Bearer one")
        #expect(stage.bodies.map { $0.contains("lost-token") } == [false, true, false])
    }

    @Test func `says what to do if no token is good any more`() async throws {
        let stage = Stage(
            status: 400,
            #"{"error":"invalid_grant","error_description":"first-token is s3cret-revoked"}"#)
        let error = await #expect(throws: AuthError.self) {
            try await login().pass(insteadOf: nil, over: stage, time: time)
        }
        #expect(error?.grantError == "invalid_grant" && error?.code == .refused(status: 400))
        #expect(error?.message == "answered 400, invalid_grant: *** is ***-revoked")
        #expect(error?.hint.contains("new refresh token") == true)
        #expect(stage.requests.count == 1)
    }

    @Test(arguments: [400, 401, 500])
    func `goes back for no other refusal`(status: Int) async throws {
        let first = Stage(Self.answer("one", refresh: "second-token", life: 1))
        _ = try await login().pass(insteadOf: nil, over: first, time: time)
        let stage = Stage(status: status, #"{"error":"invalid_client"}"#)
        await #expect(throws: AuthError.self) {
            try await login().pass(insteadOf: nil, over: stage, time: time)
        }
        #expect(stage.requests.count == 1)
    }

    @Test func `spends nothing in a rehearsal`() async throws {
        let stage = Stage(Self.answer("one"))
        let error = await #expect(throws: AuthError.self) {
            try await login(vault: MemoryVault(isWritable: false)).pass(
                insteadOf: nil, over: stage, time: time)
        }
        #expect(error?.code == .rehearsal && stage.requests.isEmpty)
    }

    @Test func `has everything masked that it fetches`() async throws {
        let book = SecretBook()
        let stage = Stage(Self.answer("access-token", refresh: "second-token"))
        let keeper = PassKeeper(login(book: book), book: book)
        _ = try await keeper.pass(over: stage, time: time)
        let text = "first-token second-token access-token s3cret Bearer"
        #expect(Redactor([], book: book).redact(text) == "*** *** *** *** Bearer")
    }
}

@Suite struct `A request for a token` {
    private static func form(_ grant: OAuthGrant) async throws -> (HTTPRequest, [String]) {
        let stage = Stage(#"{"access_token":"t"}"#)
        let login = OAuthLogin(grant, vault: MemoryVault(), book: SecretBook())
        _ = try await login.pass(insteadOf: nil, over: stage, time: ManualTime())
        let request = try #require(stage.requests.first)
        return (request, stage.bodies[0].split(separator: "&").map(String.init))
    }

    @Test func `names client, scope and further items, and encodes them`() async throws {
        let (request, items) = try await Self.form(
            OAuthGrant(
                kind: .clientCredentials, tokenURL: "https://a.example/t", clientID: "m e",
                proof: .body(Secret("a&b")), scope: "x y",
                parameters: [("audience", "https://api"), ("resource", "ü")]))
        #expect(
            items == [
                "grant_type=client_credentials", "scope=x+y", "client_id=m+e",
                "client_secret=a%26b", "audience=https%3A%2F%2Fapi", "resource=%C3%BC",
            ])
        #expect(!request.headers.contains { $0.name == "Authorization" })
    }

    @Test func `proves the client by Basic with both halves encoded`() async throws {
        let (request, items) = try await Self.form(
            OAuthGrant(
                kind: .password(username: "ann", password: Secret("p w")),
                tokenURL: "https://a.example/t", clientID: "m:e", proof: .basic(Secret("a+b"))))
        #expect(items == ["grant_type=password", "username=ann", "password=p+w"])
        let pair = Base64.encode(Array("m%3Ae:a%2Bb".utf8))
        #expect(
            request.headers.first { $0.name == "Authorization" }?.value == "Basic \(pair)")
    }

    @Test func `says only the name of a public client`() async throws {
        let (_, items) = try await Self.form(
            OAuthGrant(
                kind: .refreshToken(Secret("rrrr")), tokenURL: "https://a.example/t",
                clientID: "me", proof: .none))
        #expect(items == ["grant_type=refresh_token", "refresh_token=rrrr", "client_id=me"])
    }

    @Test(arguments: [
        ("no pem", AssertionSigner.Algorithm.rs256), ("", .es256),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", .rs256),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", .es256),
    ])
    func `is refused with a key that is none`(pem: String, algorithm: AssertionSigner.Algorithm) {
        let error = #expect(throws: AuthError.self) {
            try AssertionSigner(pem: Secret(pem), algorithm: algorithm)
        }
        #expect(error?.code == .configuration && error?.message.contains("`key`") == true)
    }
}
