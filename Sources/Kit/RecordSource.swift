/// A source of records in code, put to work by a bridge file like any adapter.
///
/// Pullcord asks it page by page, finds what was created, updated or deleted, and delivers it. A
/// type that only reads a list needs ``streams`` and ``page(_:)``, and no memory of its own.
public protocol RecordSource: Sendable {
    /// The lists of records that it has; asked for once, when it is added to a ``Bridge``.
    var streams: [RecordStream] { get }

    /// The values that a bridge file gives it under `with:`; none unless said otherwise.
    var parameters: [SourceParameter] { get }

    /// One page of a stream.
    ///
    /// Streams are asked for at the same time, the pages of one stream one after the other. When
    /// the process is to stop, the task is cancelled. A page that is not there after a minute has
    /// failed, and its task is cancelled; an adapter in YAML may say otherwise
    /// (`limits: { timeout: … }`). A source that goes on all the same is not waited for, and is
    /// asked for that stream again only when it has come back.
    ///
    /// - Throws: anything: the poll fails with its description, and nothing of the page counts.
    ///   ``SourceFailure`` says it in words of its own, and whether trying again soon may help.
    func page(_ request: PageRequest) async throws -> RecordPage
}

extension RecordSource {
    /// None.
    public var parameters: [SourceParameter] { [] }
}

/// One list of records of a ``RecordSource``.
public struct RecordStream: Sendable, Equatable {
    /// What the pages of a poll are.
    public enum Reading: Sendable, Equatable {
        /// The whole list, each time: what is missing from a complete one is deleted.
        case wholeList
        /// What has changed since ``PageRequest/cursor``, which the source itself states in
        /// ``RecordPage/cursor``. No delete is seen.
        case changes
        /// What has changed since ``PageRequest/cursor``: the greatest value of this member of
        /// the records, RFC 3339 text with an offset. Inclusive: records that come again are
        /// recognised. No delete is seen.
        case changesByTime(member: String)
        /// News: each record is one event, and what is no longer listed is not gone.
        case feed
    }

    /// Letters, digits and `_`; the first part of event types, as in `orders.created`.
    public var name: String
    /// The members that tell one record from another, one to eight.
    public var key: [String]
    /// How changes are found.
    public var reading: Reading
    /// Members that mean nothing: records that differ in them alone have not changed.
    public var ignore: [String]

    /// A stream; the whole list is read unless ``reading`` says otherwise.
    public init(
        _ name: String, key: [String], reading: Reading = .wholeList, ignore: [String] = []
    ) {
        self.name = name
        self.key = key
        self.reading = reading
        self.ignore = ignore
    }
}

/// A value that a bridge file gives to a ``RecordSource``.
public struct SourceParameter: Sendable, Equatable {
    /// Letters, digits, `-` and `_`.
    public var name: String
    /// Whether a bridge file must give it.
    public var isRequired: Bool
    /// Whether it is masked in everything that is logged, stored and shown.
    public var isSecret: Bool

    /// A parameter that may be left out and is no secret, unless said otherwise.
    public init(_ name: String, isRequired: Bool = false, isSecret: Bool = false) {
        self.name = name
        self.isRequired = isRequired
        self.isSecret = isSecret
    }
}

/// What a ``RecordSource`` is asked for.
public struct PageRequest: Sendable, Equatable {
    /// The name of the source in the bridge file that asks; the code may serve many.
    public var source: String
    /// One of ``RecordSource/streams``.
    public var stream: String
    /// The values under `with:`; one that was not given is not in it.
    public var parameters: [String: String]
    /// Where to go on from; nil at the first poll, and whenever everything is to be read.
    public var cursor: String?
    /// ``RecordPage/next`` of the page before; nil for the first page of a poll.
    public var page: String?
    /// Whether everything is wanted, so that ``RecordPage/unchanged`` is no answer.
    public var wantsAll: Bool

    /// A request for a page; by default the first one, of everything.
    public init(
        source: String, stream: String, parameters: [String: String] = [:],
        cursor: String? = nil, page: String? = nil, wantsAll: Bool = false
    ) {
        self.source = source
        self.stream = stream
        self.parameters = parameters
        self.cursor = cursor
        self.page = page
        self.wantsAll = wantsAll
    }
}

/// One page of records.
public struct RecordPage: Sendable, Equatable {
    /// A JSON array of objects; its bytes go into webhooks as they are.
    public var json: [UInt8]
    /// What leads to the next page; nil on the last one.
    ///
    /// One line, 64 KiB at most, without blanks at its ends.
    public var next: String?
    /// Where the next poll goes on, for ``RecordStream/Reading/changes``.
    ///
    /// Stored in the same transaction as what the poll has found. One line, 64 KiB at most,
    /// without blanks at its ends.
    public var cursor: String?
    /// Whether the pages hold all that there is; false keeps whatever is missing from being taken
    /// for deleted, and the cursor from moving.
    public var isComplete: Bool
    let isUnchanged: Bool

    /// A page of records that are JSON already: one array of objects.
    public init(
        json: [UInt8], next: String? = nil, cursor: String? = nil, isComplete: Bool = true
    ) {
        self.json = json
        self.next = next
        self.cursor = cursor
        self.isComplete = isComplete
        isUnchanged = false
    }

    /// A page of records that are each one JSON object.
    public init(
        records: [[UInt8]], next: String? = nil, cursor: String? = nil, isComplete: Bool = true
    ) {
        var json: [UInt8] = [0x5B]
        for (index, record) in records.enumerated() {
            if index > 0 { json.append(0x2C) }
            json += record
        }
        json.append(0x5D)
        self.init(json: json, next: next, cursor: cursor, isComplete: isComplete)
    }

    private init() {
        json = []
        isComplete = true
        isUnchanged = true
    }

    /// Nothing is new since the last poll; an answer to the first page only, and not if
    /// ``PageRequest/wantsAll``.
    public static let unchanged = RecordPage()
}

/// Why a ``RecordSource`` has no page.
public struct SourceFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// One sentence; secrets among the parameters are masked.
    public var message: String
    /// Whether the page is asked for again within the poll, after a pause of seconds.
    public var isTemporary: Bool

    /// A failure that ends the poll, unless it is temporary.
    public init(_ message: String, isTemporary: Bool = false) {
        self.message = message
        self.isTemporary = isTemporary
    }

    /// The message.
    public var description: String { message }
}
