import Foundation
import PullcordDemo
import PullcordModel
import Testing

@Suite struct `The order book` {
    static let now = Timestamp(milliseconds: 1_769_851_800_000)

    func book(seed: UInt64 = 7, count: Int = 24) -> OrderBook {
        OrderBook(seed: seed, count: count, now: Self.now)
    }

    @Test func `is the same for the same seed and ticks, and another for another seed`() throws {
        var (first, second) = (book(), book())
        for step in Int64(1)...200 {
            let time = Self.now + .seconds(step)
            #expect(first.tick(now: time) == second.tick(now: time))
        }
        #expect(first == second)
        #expect(book(seed: 8).orders != book(seed: 7).orders)
    }

    @Test(arguments: [0, 7, 24, UInt64.max])
    func `is never empty and never grows without bound`(seed: UInt64) {
        for count in [-5, 0, 8, 24, 60, 100_000] {
            var book = book(seed: seed, count: count)
            for step in Int64(0)..<2000 {
                #expect((OrderBook.countMin...OrderBook.countMax).contains(book.orders.count))
                _ = book.tick(now: Self.now + .seconds(step))
            }
        }
    }

    @Test func `does in each tick what it says, and nothing else`() throws {
        var book = book()
        var kinds: [ChangeKind: Int] = [:]
        for step in Int64(1)...1000 {
            let before = book.orders
            let change = book.tick(now: Self.now + .seconds(step))
            kinds[change.kind, default: 0] += 1
            let old = before.first { $0.id == change.id }
            let new = book.order(change.id)
            switch change.kind {
            case .created:
                #expect(old == nil && new?.status == .placed)
            case .updated:
                #expect(try #require(old).status.next == new?.status)
                #expect(try #require(new).updatedAt > (try #require(old).updatedAt))
            case .deleted:
                #expect(old != nil && new == nil)
            }
            #expect(
                before.filter { $0.id != change.id } == book.orders.filter { $0.id != change.id })
        }
        #expect(ChangeKind.allCases.allSatisfy { kinds[$0, default: 0] > 50 })
    }

    @Test func `keeps ids ascending and never gives one twice`() {
        var book = book()
        var created = Set(book.orders.map(\.id))
        for step in Int64(1)...2000 {
            let change = book.tick(now: Self.now + .seconds(step))
            if change.kind == .created { #expect(created.insert(change.id).inserted) }
            #expect(zip(book.orders, book.orders.dropFirst()).allSatisfy { $0.id < $1.id })
        }
    }

    @Test func `goes on after a restart as if there had been none`() throws {
        var whole = book()
        for step in Int64(1)...50 { _ = whole.tick(now: Self.now + .seconds(step)) }
        var resumed = try OrderBook(decoding: whole.encoded())
        #expect(resumed == whole)
        for step in Int64(51)...100 {
            let time = Self.now + .seconds(step)
            #expect(resumed.tick(now: time) == whole.tick(now: time))
        }
    }

    @Test(arguments: [
        "", "null", "{}", "[]", #"{"orders":[],"nextID":-1,"random":{"state":1}}"#,
        #"{"orders":[],"nextID":9223372036854775807,"random":{"state":1}}"#, "{\"orders\":",
    ])
    func `refuses bytes that are no book`(text: String) {
        let error = #expect(throws: DemoError.self) {
            try OrderBook(decoding: Array(text.utf8))
        }
        #expect(error?.code == .badState)
    }

    @Test func `is kept in a file, which is replaced whole`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "orders.json").path
        let file = OrderBookFile(path: path)
        #expect(try file.load() == nil)
        try file.save(book(seed: 1))
        try file.save(book(seed: 2))
        #expect(try file.load() == book(seed: 2))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
        try Data("junk".utf8).write(to: URL(filePath: path))
        #expect(throws: DemoError.self) { try file.load() }
        let nowhere = OrderBookFile(path: folder.path + "/no/such/folder/x")
        let error = #expect(throws: DemoError.self) { try nowhere.save(book()) }
        #expect(error?.code == .io)
    }
}
