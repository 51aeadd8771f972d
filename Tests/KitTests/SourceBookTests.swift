import PullcordConfig
import PullcordModel
import PullcordTestSupport
import PullcordTransfer
import Synchronization
import Testing

@testable import PullcordKit

/// Sources in code, as adapters and as what answers requests.
@Suite
struct SourceBookTests {
    private final class Counting: RecordSource {
        let asked = Mutex(0)

        var streams: [RecordStream] {
            asked.withLock { $0 += 1 }
            return [RecordStream("orders", key: ["id"])]
        }

        func page(_ request: PageRequest) async throws -> RecordPage { RecordPage(records: []) }
    }

    private struct Fixed: RecordSource {
        let page: RecordPage
        let streams = [RecordStream("orders", key: ["id"], reading: .changes)]

        func page(_ request: PageRequest) async throws -> RecordPage { page }
    }

    private static func answer(
        _ page: RecordPage
    ) async -> Result<HTTPResponse, TransferError> {
        var book = SourceBook()
        book.add(Fixed(page: page), as: "shop")
        let call = CodeCall(name: "shop", source: "shop", stream: "orders")
        do throws(TransferError) {
            return .success(
                try await book.answer(
                    to: call, HTTPRequest(url: "swift:shop"), time: ManualTime()))
        } catch {
            return .failure(error)
        }
    }

    @Test func `a source says once what it has, however often the file is read`() {
        let source = Counting()
        var book = SourceBook()
        book.add(source, as: "shop")
        let files = book.over(FileAccess(read: { _ in .missing }, list: { _ in [] }))
        for _ in 0..<3 {
            guard case .bytes = files.read("swift:shop") else {
                Issue.record("it is not found")
                return
            }
        }
        #expect(source.asked.withLock { $0 } == 1)
    }

    @Test func `what leads on comes back as it was`() async throws {
        let answer = try await Self.answer(
            RecordPage(records: [], next: "p 2", cursor: "{\"a\":1}")
        ).get()
        #expect(answer.headers.value(of: LocalHeader.next) == "p 2")
        #expect(answer.headers.value(of: LocalHeader.cursor) == "{\"a\":1}")
    }

    @Test(arguments: ["a\nb", " a", "a ", "a\u{0}", String(repeating: "a", count: 65_537)])
    func `what would not come back as it was is refused`(text: String) async {
        for page in [
            RecordPage(records: [], next: text), RecordPage(records: [], cursor: text),
        ] {
            guard case .failure(let error) = await Self.answer(page) else {
                Issue.record("it is taken")
                return
            }
            #expect(error.code == .program && error.message.contains("is no line"))
        }
    }
}
