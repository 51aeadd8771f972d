import PullcordAuth
import PullcordModel
import Testing

@Suite struct `A holder of tokens` {
    private func granted(_ text: String, _ seconds: Int64?) -> GrantedToken {
        GrantedToken(text: Secret(text), lifetime: seconds.map { .seconds($0) })
    }

    @Test func `sends the first who asks to fetch, and lets the others wait`() {
        var holder = TokenHolder()
        #expect(holder.step(now: .zero) == .fetch)
        #expect(holder.step(now: .zero) == .wait)
        holder.fetched(granted("a", 3600), now: .seconds(1))
        #expect(holder.step(now: .seconds(2)) == .use(Secret("a")))
    }

    /// Lifetime in seconds, and for how long the token is used without a thought of another.
    @Test(
        arguments: [
            (3600, 3570), (61, 31), (60, 30), (40, 20), (1, 0), (0, 0), (nil, 270),
        ] as [(Int64?, Int64)])
    func `replaces a token before its end`(lifetime: Int64?, used: Int64) {
        var holder = TokenHolder()
        _ = holder.step(now: .zero)
        holder.fetched(granted("a", lifetime), now: .zero)
        if used > 0 {
            #expect(holder.step(now: .seconds(used) - .milliseconds(1)) == .use(Secret("a")))
        }
        #expect(holder.step(now: .seconds(max(used, 1))) == .fetch)
    }

    @Test func `goes on with the old token while a new one is fetched, but not beyond its end`() {
        var holder = TokenHolder()
        _ = holder.step(now: .zero)
        holder.fetched(granted("a", 100), now: .zero)
        #expect(holder.step(now: .seconds(80)) == .fetch)
        #expect(holder.step(now: .seconds(80)) == .use(Secret("a")))
        #expect(holder.step(now: .seconds(100)) == .wait)
        holder.failed()
        #expect(holder.step(now: .seconds(100)) == .fetch)
    }

    @Test func `forgets a token that was not accepted, and no other`() {
        var holder = TokenHolder()
        _ = holder.step(now: .zero)
        holder.fetched(granted("b", 3600), now: .zero)
        holder.rejected(Secret("a"))
        #expect(holder.step(now: .zero) == .use(Secret("b")))
        holder.rejected(Secret("b"))
        #expect(holder.step(now: .zero) == .fetch)
    }

    @Test func `after a failure sends the next to fetch`() {
        var holder = TokenHolder()
        #expect(holder.step(now: .zero) == .fetch)
        holder.failed()
        #expect(holder.step(now: .zero) == .fetch)
    }
}
