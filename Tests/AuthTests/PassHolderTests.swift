import PullcordAuth
import PullcordModel
import PullcordTransfer
import Testing

@Suite struct `A holder of a pass` {
    private func pass(_ token: String, life: Int?) -> Pass {
        .bearer(Secret(token), lifetime: life.map { .seconds($0) })
    }

    private func error(
        _ code: AuthError.Code, retryAfter: Duration? = nil
    ) -> AuthError {
        AuthError(
            code: code, url: "", phase: "", message: "no", retryAfter: retryAfter)
    }

    @Test(arguments: [(3600, 3570), (40, 20), (1, 0)])
    func `replaces a pass shortly before its end`(life: Int, refresh: Int) {
        var holder = PassHolder()
        #expect(holder.step(now: .zero) == .fetch(insteadOf: nil))
        #expect(holder.step(now: .zero) == .wait)
        let held = pass("a", life: life)
        holder.fetched(held, now: .zero)
        let moment = Duration.seconds(refresh)
        if refresh > 0 {
            #expect(holder.step(now: moment - .milliseconds(1)) == .use(number: 1, held))
            #expect(holder.step(now: moment) == .fetch(insteadOf: nil))
            // Others go on with it meanwhile.
            #expect(holder.step(now: moment) == .use(number: 1, held))
            #expect(holder.step(now: .seconds(life)) == .wait)
        }
    }

    @Test(arguments: [nil, 0]) func `keeps a pass without an end`(life: Int?) {
        var holder = PassHolder()
        _ = holder.step(now: .zero)
        holder.fetched(pass("a", life: life), now: .zero)
        #expect(holder.step(now: .seconds(1_000_000)) == .use(number: 1, pass("a", life: life)))
    }

    @Test func `goes on with a good pass while logins fail`() {
        var holder = PassHolder()
        _ = holder.step(now: .zero)
        let held = pass("a", life: 100)
        holder.fetched(held, now: .zero)
        #expect(holder.step(now: .seconds(80)) == .fetch(insteadOf: nil))
        holder.failed(error(.refused(status: 401)), now: .seconds(80))
        #expect(holder.step(now: .seconds(99)) == .use(number: 1, held))
        #expect(holder.step(now: .seconds(100)) == .refuse(error(.refused(status: 401))))
    }

    @Test(arguments: [
        (AuthError.Code.refused(status: 400), [60, 120, 240]),
        (.refused(status: 503), [5, 10, 20]), (.unreachable(.connect), [5, 10, 20]),
        (.malformed, [60, 120, 240]),
    ])
    func `waits longer after each failure`(code: AuthError.Code, pauses: [Int]) {
        var holder = PassHolder()
        var now = Duration.zero
        for pause in pauses {
            #expect(holder.step(now: now) == .fetch(insteadOf: nil))
            holder.failed(error(code), now: now)
            now += .seconds(pause)
            #expect(holder.step(now: now - .milliseconds(1)) == .refuse(error(code)))
        }
        #expect(holder.step(now: now) == .fetch(insteadOf: nil))
    }

    @Test func `waits no longer than an hour, or as long as the server asks`() {
        var holder = PassHolder()
        for _ in 0..<50 { holder.failed(error(.malformed), now: .zero) }
        #expect(holder.step(now: .seconds(3600)) == .fetch(insteadOf: nil))
        holder.failed(error(.malformed, retryAfter: .seconds(7200)), now: .zero)
        let refusal = error(.malformed, retryAfter: .seconds(7200))
        #expect(holder.step(now: .seconds(7199)) == .refuse(refusal))
    }

    @Test func `takes a login that was cancelled for none`() {
        var holder = PassHolder()
        _ = holder.step(now: .zero)
        holder.failed(error(.unreachable(.cancelled)), now: .zero)
        #expect(holder.step(now: .zero) == .fetch(insteadOf: nil))
    }

    @Test func `replaces a pass that is not accepted once a minute at most`() {
        var holder = PassHolder()
        _ = holder.step(now: .zero)
        holder.fetched(pass("a", life: nil), now: .zero)
        let first = holder.rejected(1, now: .zero)
        #expect(first)
        #expect(holder.step(now: .zero) == .fetch(insteadOf: pass("a", life: nil)))
        holder.fetched(pass("b", life: nil), now: .zero)
        // Those who were refused with the old one try the new one.
        let old = holder.rejected(1, now: .seconds(1))
        let early = holder.rejected(2, now: .seconds(59))
        #expect(old && !early)
        #expect(holder.step(now: .seconds(59)) == .use(number: 2, pass("b", life: nil)))
        let late = holder.rejected(2, now: .seconds(60))
        #expect(late)
    }
}

@Suite struct `What WWW-Authenticate asks for` {
    typealias Header = AuthenticateHeader

    @Test(arguments: [
        (
            "Bearer realm=\"https://a/t\",service=\"r\",scope=\"repository:x:pull,push\"",
            [
                Header(
                    scheme: "bearer",
                    parameters: [
                        "realm": "https://a/t", "service": "r", "scope": "repository:x:pull,push",
                    ])
            ]
        ),
        (
            "Basic realm=\"a, b=\\\"c\\\"\" , Bearer REALM = x",
            [
                Header(scheme: "basic", parameters: ["realm": "a, b=\"c\""]),
                Header(scheme: "bearer", parameters: ["realm": "x"]),
            ]
        ),
        (
            "Negotiate, NTLM TlRMTVNT==, Digest a=b",
            [
                Header(scheme: "negotiate"), Header(scheme: "ntlm", token: "TlRMTVNT=="),
                Header(scheme: "digest", parameters: ["a": "b"]),
            ]
        ),
        (",, Basic", [Header(scheme: "basic")]), ("", []), ("=x", []), ("\"x\"", []),
        ("Bearer realm=\"never ends", [Header(scheme: "bearer")]),
        ("Bearer realm=", [Header(scheme: "bearer", token: "realm=")]),
        ("Bearer a=1, a=2", [Header(scheme: "bearer", parameters: ["a": "1"])]),
    ])
    func `is read as RFC 9110 writes it`(text: String, expected: [Header]) {
        #expect(Header.parse([text]) == expected)
    }
}
