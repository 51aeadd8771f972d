import PullcordModel
import Testing

@testable import PullcordTransfer

@Suite struct AnswerTests {
    private func answer(_ limit: BodyLimit, lines: [String]) -> Answer {
        var answer = Answer(limit: limit)
        for line in lines { _ = answer.receive(line: Array("\(line)\r\n".utf8)) }
        return answer
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK", 200), ("HTTP/2 204", 204), ("HTTP/1.1 999 ", 999), ("HTTP/1.1", 0),
        ("HTTP/1.1 x", 0), ("", 0), ("HTTP/1.1 12345", 123),
    ])
    func `a status is the number after the first space`(line: String, status: Int) {
        #expect(answer(.page, lines: [line]).status == status)
    }

    @Test func `a folded line continues the one before`() {
        let answer = answer(.page, lines: ["HTTP/1.1 200 OK", "A: 1", "  2", "B: 3", ""])
        #expect(answer.headers.fields == [HTTPField("A", "1  2"), HTTPField("B", "3")])
        #expect(answer.hasWholeHeader)
    }

    @Test func `trailers are counted but not kept`() {
        var answer = answer(.page, lines: ["HTTP/1.1 200 OK", "A: 1", "", "Trailer: 1"])
        #expect(answer.headers.fields == [HTTPField("A", "1")])
        let long = [UInt8](repeating: 0x41, count: Limits.headerBytesMax)
        let isTaken = answer.receive(line: long)
        #expect(!isTaken)
        #expect(answer.stop == .headersTooLarge)
    }

    @Test(arguments: [0, 1, 2, 3, 4, 5])
    func `a body is taken up to the limit, whatever its chunks`(limit: Int) {
        for size in 1...4 {
            for limit in [BodyLimit.refuse(over: limit), .truncate(over: limit)] {
                var answer = Answer(limit: limit)
                var taken = 0
                while taken < 4 {
                    let chunk = [UInt8](repeating: 1, count: min(size, 4 - taken))
                    guard answer.receive(body: chunk, announced: .max) else { break }
                    taken += chunk.count
                }
                #expect((answer.stop == nil) == (limit.bytes >= 4))
                if limit.truncates || limit.bytes >= 4 {
                    let body = answer.takeBody()
                    #expect(body.count == min(4, limit.bytes))
                }
            }
        }
    }
}

@Suite struct ExchangeTimerTests {
    private static let second: Int64 = 1_000_000_000
    private let spans = Deadlines(
        connect: .seconds(1), firstByte: .seconds(2), total: .seconds(10))

    @Test func `the first byte is waited for from the moment of connection`() {
        var timer = ExchangeTimer(spans, now: 0)
        #expect(timer.expiry(at: 9 * Self.second) == nil)
        timer.connected(at: 5 * Self.second)
        #expect(timer.expiry(at: 7 * Self.second - 1) == nil)
        #expect(timer.expiry(at: 7 * Self.second) == .firstByte)
        timer.answered()
        #expect(timer.expiry(at: 9 * Self.second) == nil)
        #expect(timer.expiry(at: 10 * Self.second) == .total)
    }

    @Test func `nothing expires before the next due moment, whatever happens`() {
        for connect in stride(from: Int64(0), to: 12, by: 1) {
            var timer = ExchangeTimer(spans, now: 0)
            let due = timer.nextDue(at: 0)
            timer.connected(at: connect * Self.second)
            #expect(timer.expiry(at: due - 1) == nil)
        }
    }

    @Test(
        arguments: [
            (Duration.zero, 1_000_000), (.seconds(-5), 1_000_000),
            (.milliseconds(1500), 1_500_000_000),
            (.seconds(Int64.max), 86_400_000_000_000),
        ] as [(Duration, Int64)])
    func `a span is brought within sensible bounds`(span: Duration, nanoseconds: Int64) {
        #expect(ExchangeTimer.nanoseconds(span) == nanoseconds)
    }

    @Test func `a clock at its end does not overflow`() {
        var timer = ExchangeTimer(spans, now: .max - 1)
        timer.connected(at: .max - 1)
        #expect(timer.nextDue(at: .max) == .max)
    }
}

@Suite struct SocketTableTests {
    @Test func `a kept socket of our own stays watched between exchanges`() {
        var table = SocketTable()
        table.opened(7)
        let changes = [1, 0, 1, 5].map { table.want($0, of: 7) }
        #expect(changes == [.add(1), nil, nil, .modify(5)])
        let isWanted = table.isWanted(7)
        #expect(isWanted)
    }

    @Test func `an event that nobody wants takes the socket out`() {
        var table = SocketTable()
        table.opened(7)
        var changes = [1, 0].map { table.want($0, of: 7) }
        let isWanted = table.isWanted(7)
        changes.append(table.want(1, of: 7))
        #expect(!isWanted)
        #expect(changes == [.add(1), nil, .add(1)])
    }

    @Test func `a number that comes back stands for a new socket`() {
        var table = SocketTable()
        table.opened(7)
        var changes = [table.want(1, of: 7)]
        table.closed(7)
        changes.append(table.want(1, of: 7))
        table.opened(7)
        changes.append(table.want(1, of: 7))
        #expect(changes == [.add(1), .add(1), .add(1)])
    }

    @Test func `a socket that was not opened here is unwatched at once`() {
        var table = SocketTable()
        var changes = [1, 0, 0].map { table.want($0, of: 9) }
        changes.append(table.want(0, of: -1))
        #expect(changes == [.add(1), .remove, nil, nil])
    }
}
