import PullcordAuth
import PullcordModel
import PullcordTestSupport
import PullcordTransfer
import Synchronization
import Testing

/// A login that lasts until it is let go.
private struct SlowLogin: Login {
    let name: String
    let entered = AsyncStream<Void>.makeStream()
    let door = AsyncStream<Void>.makeStream()

    func pass(
        insteadOf rejected: Pass?, over exchange: any Exchange, time: any TimeSource
    ) async throws(AuthError) -> Pass {
        entered.continuation.yield()
        for await _ in door.stream { break }
        return .bearer(Secret(name), lifetime: nil)
    }

    func wait() async { for await _ in entered.stream { break } }
    func letGo() { door.continuation.finish() }
}

@Suite(.timeLimit(.minutes(10))) struct PassKeeperTests {
    private let time = ManualTime()
    private let stage = Stage("{}")

    @Test func `who waits for another's login gives up its turn meanwhile`() async throws {
        let login = SlowLogin(name: "first-token")
        let keeper = PassKeeper(login, book: SecretBook())
        let pauses = AsyncStream<Bool>.makeStream()
        async let first = keeper.pass(over: stage, time: time)
        await login.wait()
        async let second = keeper.pass(over: stage, time: time) { pauses.continuation.yield($0) }
        var turns = pauses.stream.makeAsyncIterator()
        #expect(await turns.next() == true)
        login.letGo()
        let numbers = try await (first.number, second.number)
        #expect(numbers == (1, 1))
        #expect(await turns.next() == false)
    }

    @Test func `who is cancelled waits no longer for another's login`() async throws {
        let login = SlowLogin(name: "first-token")
        let keeper = PassKeeper(login, book: SecretBook())
        async let first = keeper.pass(over: stage, time: time)
        await login.wait()
        let (stage, time) = (stage, time)
        let pauses = AsyncStream<Bool>.makeStream()
        let second = Task {
            try await keeper.pass(over: stage, time: time) { pauses.continuation.yield($0) }.number
        }
        for await _ in pauses.stream { break }
        second.cancel()
        let error = await #expect(throws: AuthError.self) { try await second.value }
        #expect(error?.code == .unreachable(.cancelled))
        login.letGo()
        #expect(try await first.number == 1)
    }

    @Test func `a login that takes over is used at once, whatever the other brings`() async throws {
        let old = SlowLogin(name: "old-token")
        let keeper = PassKeeper(old, book: SecretBook())
        async let first = keeper.pass(over: stage, time: time)
        await old.wait()
        let new = SlowLogin(name: "new-token")
        new.letGo()
        keeper.renew(new)
        old.letGo()
        let expected = Pass.bearer(Secret("new-token"), lifetime: nil)
        #expect(try await first.pass == expected)
        #expect(try await keeper.pass(over: stage, time: time).pass == expected)
    }
}
