package import PullcordConfig
package import PullcordJSON
package import PullcordModel
package import PullcordTransfer

/// A test file of an adapter, read and found right.
package struct TestFile: Sendable {
    package let path: String
    package let cases: [TestCase]
}

/// A series of polls of one source that begins with nothing known.
package struct TestCase: Sendable {
    /// What is claimed, as a sentence.
    package let name: String
    package let place: Place
    package let configuration: Configuration
    /// What a URL that begins with `/` stands below; empty if the adapter has no `base_url`.
    package let baseURL: String
    package let start: Timestamp
    /// From poll to poll where a poll does not say otherwise.
    package let interval: Duration
    package let polls: [TestPoll]
}

/// One poll of all streams, and what is to come of it.
package struct TestPoll: Sendable {
    package let place: Place
    /// nil for the interval of the source.
    package var after: Duration?
    package var now: Timestamp?
    package var exchanges: [ExpectedExchange] = []
    /// nil if nothing is said of them.
    package var events: [ExpectedEvent]?
    package var cursor: NamedExpectation?
    package var error: NamedExpectation?

    package init(place: Place) { self.place = place }
}

/// A text that is expected, or one for each stream.
package struct NamedExpectation: Sendable, Equatable {
    package enum Value: Sendable, Equatable {
        case single(String)
        case named([Named])
    }

    package struct Named: Sendable, Equatable {
        package let name: String
        package let text: String
    }

    package let value: Value
    package let place: Place
}

/// A change that has to come out of a poll.
package struct ExpectedEvent: Sendable {
    package let place: Place
    package let kind: ChangeKind
    package let key: String
    package var stream: String?
    package var origin: Origin?
    /// Members that the record must have so.
    package var record: JSONValue?
    package var previous: JSONValue?
    package var changed: [String]?

    package init(place: Place, kind: ChangeKind, key: String) {
        self.place = place
        self.kind = kind
        self.key = key
    }
}

/// What may be asked, and what comes back.
package struct ExpectedExchange: Sendable {
    package enum Body: Sendable {
        case json(JSONValue)
        case text(String)
    }

    package struct Header: Sendable {
        package let name: String
        /// nil if it must not be there; `*` for any value.
        package let value: String?
    }

    package let place: Place
    package let method: HTTPMethod
    package let url: URLShape
    package var headers: [Header] = []
    package var body: Body?
    /// nil for any number of times, also none.
    package var times: Int? = 1
    package var answer = CannedAnswer()

    package init(place: Place, method: HTTPMethod, url: URLShape) {
        self.place = place
        self.method = method
        self.url = url
    }
}

/// What comes back, or what goes wrong.
package struct CannedAnswer: Sendable {
    package var status = 200
    package var headers: [HTTPField] = []
    package var body: [UInt8] = []
    package var fault: Fault?

    package init() {}
}

/// What goes wrong instead of an answer.
package enum Fault: String, Sendable, CaseIterable {
    case timeout, reset, refused, truncated

    func error(url: String) -> TransferError {
        let url = RequestURL.withoutSecrets(url)
        return switch self {
        case .timeout:
            TransferError(
                code: .timeoutFirstByte, url: url, phase: .firstByte, mayHaveBeenSent: true,
                message: "no answer came in time")
        case .reset:
            TransferError(
                code: .reset, url: url, phase: .firstByte, mayHaveBeenSent: true,
                message: "the connection was reset")
        case .refused:
            TransferError(
                code: .connect, url: url, phase: .connect, message: "the connection was refused")
        case .truncated:
            TransferError(
                code: .truncated, url: url, phase: .body, mayHaveBeenSent: true,
                message: "the body ended before it was complete")
        }
    }
}
