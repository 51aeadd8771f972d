import PullcordModel
import PullcordTestSupport
import Synchronization
import Testing

@testable import PullcordKit

/// Pages of sources in code, within their time.
@Suite
struct PageDeskTests {
    /// Does not heed that its task is cancelled: it comes back when it is let go.
    private final class Stubborn: RecordSource {
        private let gate = Mutex<[CheckedContinuation<Void, Never>]>([])
        let streams = [RecordStream("orders", key: ["id"])]

        func page(_ request: PageRequest) async throws -> RecordPage {
            await withCheckedContinuation { continuation in
                gate.withLock { $0.append(continuation) }
            }
            return RecordPage(json: Array("[]".utf8))
        }

        /// How many pages it works on.
        var underWay: Int { gate.withLock { $0.count } }

        func letGo() {
            let waiting = gate.withLock { gate in
                defer { gate = [] }
                return gate
            }
            for continuation in waiting { continuation.resume() }
        }
    }

    private struct Prompt: RecordSource {
        let streams = [RecordStream("orders", key: ["id"])]

        func page(_ request: PageRequest) async throws -> RecordPage {
            RecordPage(json: Array(#"[{"id":1}]"#.utf8), cursor: request.stream)
        }
    }

    private static func request(_ stream: String = "orders") -> PageRequest {
        PageRequest(source: "shop", stream: stream)
    }

    @Test func `a page that comes in time is the page`() async throws {
        let outcome = try await PageDesk().page(
            of: Prompt(), Self.request(), within: .seconds(60), ManualTime())
        guard case .page(let page) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(page.cursor == "orders")
    }

    @Test func `a source that heeds nothing is given up, and asked again when it is back`()
        async throws
    {
        let (desk, source, time) = (PageDesk(), Stubborn(), ManualTime())
        async let first = desk.page(of: source, Self.request(), within: .seconds(60), time)
        #expect(await time.advanceToNextSleeper() == .seconds(60))
        guard case .late = try await first else {
            Issue.record("it was waited for")
            return
        }
        while source.underWay == 0 { await Task.yield() }
        guard
            case .busy = try await desk.page(
                of: source, Self.request(), within: .seconds(60), time)
        else {
            Issue.record("two pages of one stream are under way")
            return
        }
        #expect(source.underWay == 1)
        source.letGo()
        // What it brings is nobody's; then the stream is asked for again.
        while true {
            let outcome = try await desk.page(
                of: Prompt(), Self.request(), within: .seconds(60), time)
            if case .page = outcome { break }
            await Task.yield()
        }
    }

    @Test func `a poll that is stopped waits for nobody`() async throws {
        let (desk, source, time) = (PageDesk(), Stubborn(), ManualTime())
        let poll = Task {
            try await desk.page(of: source, Self.request(), within: .seconds(60), time)
        }
        while source.underWay == 0 { await Task.yield() }
        poll.cancel()
        await #expect(throws: CancellationError.self) { try await poll.value }
        // Another stream of it is another matter.
        let other = try await desk.page(
            of: Prompt(), Self.request("items"), within: .seconds(60), time)
        guard case .page = other else {
            Issue.record("\(other)")
            return
        }
        source.letGo()
    }
}
