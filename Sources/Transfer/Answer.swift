import PullcordModel

/// What has come of an answer so far, and whether more of it is wanted.
///
/// A pure machine: it is fed the header lines and body chunks in the order of the wire.
struct Answer {
    let limit: BodyLimit
    private(set) var status = 0
    private(set) var headers = HTTPHeaders()
    /// Body bytes, decoded; only the first of them where a file holds the body.
    private(set) var body: [UInt8] = []
    private var spool: BodySpool?
    private let spooling: Spooling?
    /// How many bytes of the body have come.
    private var received = 0
    /// Why no more was wanted; nil as long as the wire is to go on.
    private(set) var stop: Stop?
    private var state = State.statusLine
    private var headerBytes = 0

    /// Whether libcurl may answer a 401 by itself, so that another header follows.
    private let mayBeAsked: Bool

    init(limit: BodyLimit, mayBeAsked: Bool = false, spooling: Spooling? = nil) {
        self.limit = limit
        self.mayBeAsked = mayBeAsked
        self.spooling = spooling
    }

    /// From how many bytes on the body goes to a file, and in which folder.
    struct Spooling {
        let over: Int
        let folder: String
    }

    /// Why an answer was ended on our side.
    enum Stop: Sendable, Equatable {
        case headersTooLarge
        case bodyTooLarge
        case spoolFailed(BodySpool.Failure)
    }

    private enum State {
        case statusLine
        case header
        case body
    }

    /// Whether no byte of a body has come.
    var isBodyEmpty: Bool { received == 0 }

    /// Whether anything has come.
    var hasBegun: Bool { headerBytes > 0 }

    /// Whether the header of the final answer has come to its end.
    var hasWholeHeader: Bool { state == .body }

    /// Takes one line of a header or trailer with its line break; false if no more is wanted.
    ///
    /// The bound counts everything: endless interim answers and trailers run into it too.
    mutating func receive(line: some Collection<UInt8>) -> Bool {
        let (sum, overflow) = headerBytes.addingReportingOverflow(line.count)
        guard !overflow, sum <= Limits.headerBytesMax else {
            stop = .headersTooLarge
            return false
        }
        headerBytes = sum
        if mayBeAsked, state == .body, isBodyEmpty, line.starts(with: Self.statusLinePrefix) {
            state = .statusLine
        }
        switch state {
        case .statusLine:
            status = Self.status(in: line)
            headers.removeAll()
            state = .header
        case .header where Self.isBlank(line):
            // An interim answer (RFC 9110, section 15.2) is followed by another header.
            let isInterim = (100..<200).contains(status) && status != 101
            state = isInterim ? .statusLine : .body
        case .header: headers.append(line: line)
        case .body: break
        }
        return true
    }

    /// Takes decoded bytes of the body; false if no more is wanted.
    ///
    /// For an announced length (Content-Length) memory is set aside up to a bound, for a server
    /// may announce anything.
    mutating func receive(body chunk: some Collection<UInt8>, announced: Int?) -> Bool {
        let room = limit.bytes - received
        guard chunk.count <= room else {
            if limit.truncates { body.append(contentsOf: chunk.prefix(room)) }
            stop = .bodyTooLarge
            return false
        }
        received += chunk.count
        if let spooling, received > spooling.over { return keep(chunk, spooling) }
        if body.isEmpty, let announced, announced > chunk.count {
            body.reserveCapacity(min(announced, limit.bytes, Self.reservedMax))
        }
        body.append(contentsOf: chunk)
        return true
    }

    /// Writes to the file, and first what came before it was needed.
    private mutating func keep(
        _ chunk: some Collection<UInt8>, _ spooling: Spooling
    ) -> Bool {
        if let spool {
            if body.count < Self.headBytes {
                body.append(contentsOf: chunk.prefix(Self.headBytes - body.count))
            }
            return isKept(spool.append(chunk))
        }
        switch BodySpool.make(in: spooling.folder) {
        case .failure(let failure):
            return isKept(failure)
        case .success(let made):
            spool = made
            guard isKept(made.append(body)) else { return false }
            if body.count < Self.headBytes {
                body.append(contentsOf: chunk.prefix(Self.headBytes - body.count))
            }
            // A copy, for the rest of the memory would be kept as well.
            body = Array(body.prefix(Self.headBytes))
            return isKept(made.append(chunk))
        }
    }

    private mutating func isKept(_ failure: BodySpool.Failure?) -> Bool {
        guard let failure else { return true }
        stop = .spoolFailed(failure)
        return false
    }

    /// Hands over the file that holds the body; nil if memory does.
    mutating func takeFile() -> BodyFile? {
        defer { spool = nil }
        return spool?.file()
    }

    /// Hands the body over; this value keeps none.
    mutating func takeBody() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &body)
        return taken
    }

    private static let statusLinePrefix = Array("HTTP/".utf8)

    /// Bytes of a body in a file that are in memory as well, for those who look at its beginning.
    private static let headBytes = 64 << 10

    /// Bytes set aside on a server's mere word.
    private static let reservedMax = 4 << 20

    private static func isBlank(_ line: some Collection<UInt8>) -> Bool {
        line.allSatisfy { $0 == 0x0A || $0 == 0x0D }
    }

    /// The number after the first space of `HTTP/1.1 200 OK`; 0 if there is none.
    private static func status(in line: some Collection<UInt8>) -> Int {
        guard let space = line.firstIndex(of: 0x20) else { return 0 }
        var number = 0
        for byte in line[space...].dropFirst().prefix(3) {
            guard byte >= 0x30, byte <= 0x39 else { break }
            number = number * 10 + Int(byte - 0x30)
        }
        return number
    }
}
