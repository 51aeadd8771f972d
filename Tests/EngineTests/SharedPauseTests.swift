import PullcordEngine
import Synchronization
import Testing

@Suite struct SharedPauseTests {
    /// What a poll was told of its waiting.
    private final class Told: Sendable {
        let words = Mutex<[Bool]>([])
        var all: [Bool] { words.withLock { $0 } }
    }

    @Test func `a poll waits while all that it does at once waits, however little that is`()
        async throws
    {
        let told = Told()
        let (options, pause) = PollOptions(
            pausing: { isPausing in told.words.withLock { $0.append(isPausing) } }
        ).shared()
        try await pause.during {
            options.pausing?(true)
            #expect(told.all == [true])
            options.pausing?(false)
            #expect(told.all == [true, false])
            try await pause.during {
                options.pausing?(true)
                #expect(told.all.count == 2)
                options.pausing?(true)
                #expect(told.all == [true, false, true])
                options.pausing?(false)
            }
            // One has come to its end, and the other still waits.
            #expect(told.all == [true, false, true, false, true])
            options.pausing?(false)
        }
        #expect(told.all == [true, false, true, false, true, false])
    }
}
