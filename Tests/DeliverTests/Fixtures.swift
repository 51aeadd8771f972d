import PullcordDeliver
import PullcordModel
import PullcordSigning
import PullcordTestSupport
import PullcordTransfer
import Synchronization

/// A server that answers as it was told, and remembers what it was sent.
final class ScriptedExchange: Exchange {
    private let answer: Result<HTTPResponse, TransferError>
    private let duration: Duration
    private let clock: ManualTime
    private let sent = Mutex<[HTTPRequest]>([])

    init(
        _ answer: Result<HTTPResponse, TransferError>, after duration: Duration = .zero,
        clock: ManualTime = ManualTime(start: Fixture.time)
    ) {
        self.answer = answer
        self.duration = duration
        self.clock = clock
    }

    var requests: [HTTPRequest] { sent.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws(TransferError) -> HTTPResponse {
        sent.withLock { $0.append(request) }
        clock.advance(by: duration)
        return try answer.get()
    }
}

enum Fixture {
    static let address = StreamAddress(source: SourceName("shop"), stream: StreamName("orders"))
    /// 2026-01-31T09:30:00.125Z.
    static let time = Timestamp(milliseconds: 1_769_851_800_125)

    static func event(
        key: String = "1042", kind: EventKind = .updated,
        record: String? = #"{"id":1042,"total":12.50}"#, source: String = "shop"
    ) -> Event {
        Event(
            id: EventID("evt_0fd1b8w2ffxz64pyqkmceyp25x"),
            address: StreamAddress(source: SourceName(source), stream: address.stream),
            key: RecordKey(key), kind: kind, version: 3, fingerprint: nil, time: time,
            origin: .live, record: record.map { Array($0.utf8) })
    }

    static func delivery(attempts: Int = 0) -> Delivery {
        Delivery(
            id: DeliveryID(7), subscription: SubscriptionID(1), event: event(),
            attempts: attempts, committed: time)
    }

    static func endpoint(
        secrets: [SigningSecret] = [.generate()], headers: [EndpointHeader] = [],
        timeout: Duration = .seconds(20), isTraced: Bool = false
    ) -> Endpoint {
        Endpoint(
            subscription: SubscriptionID(1), name: SubscriptionName("triage"),
            url: Secret("https://hooks.example.com/T0KEN-IN-PATH"),
            keys: SigningKeys(secrets: secrets.map { .init($0) }), headers: headers,
            timeout: timeout, isTraced: isTraced)
    }

    static func response(
        _ status: Int, headers: [HTTPField] = [], body: [UInt8] = [], isTruncated: Bool = false
    ) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: HTTPHeaders(headers), body: body, isTruncated: isTruncated)
    }

    static func result(_ outcome: AttemptResult.Outcome, number: Int = 1) -> AttemptResult {
        AttemptResult(
            delivery: DeliveryID(7),
            attempt: Attempt(
                number: number, started: time, duration: .seconds(1), status: nil,
                outcome: outcome.word, reason: "", reply: ""),
            outcome: outcome)
    }
}
