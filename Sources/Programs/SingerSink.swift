import PullcordJSON
import PullcordModel
import PullcordTransfer

/// What a tap said of one stream beside its records.
struct SingerFindings: Sendable {
    /// `key_properties` of its SCHEMA; nil if there was none.
    var key: [String]?
    /// The value of the last STATE, as it came; nil if there was none.
    var state: [UInt8]?
    /// Whether anything was said of the stream at all.
    var isMentioned = false
    /// Other streams that were spoken of.
    var others: Set<String> = []
}

/// Takes the messages of a Singer tap, and keeps the records of one stream, one a line and as
/// they came.
struct SingerSink: OutputSink {
    private static let fields = ["type", "stream", "record", "value", "key_properties"]
    private static let othersMax = 100

    private let plan: ScanPlan
    private let stream: String
    private let limit: Int
    private var gatherer: BodyGatherer
    private var line: [UInt8] = []
    private var number = 0
    private var hasRecords = false
    private var findings = SingerFindings()

    init(stream: String, limit: Int, spoolsOver: Int?, folder: String) {
        plan = ScanPlan(pageFields: Self.fields.compactMap { JSONPath(parsing: ".\($0)") })
        self.stream = stream
        self.limit = limit
        gatherer = BodyGatherer(limit: limit, spoolsOver: spoolsOver, folder: folder)
    }

    mutating func take(_ bytes: ArraySlice<UInt8>) throws(ProgramFailure) {
        var rest = bytes
        while let end = rest.firstIndex(of: 0x0A) {
            line += rest[..<end]
            try takeLine()
            rest = rest[(end + 1)...]
        }
        line += rest
        guard line.count <= Limits.pieceBytesMax else {
            throw refusal("has more than \(Limits.pieceBytesMax) bytes")
        }
    }

    mutating func finish() throws(ProgramFailure) -> Gathered {
        try takeLine()
        let (body, file) = gatherer.finish()
        return Gathered(body: body, file: file, isEmpty: !hasRecords, singer: findings)
    }

    private mutating func takeLine() throws(ProgramFailure) {
        defer { line.removeAll(keepingCapacity: line.capacity <= 1 << 20) }
        number += 1
        guard !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) else { return }
        let scan: PageScan
        do throws(JSONError) {
            scan = try plan.scan(line)
        } catch {
            throw refusal("is no Singer message: \(error.message)")
        }
        let field = { (name: String) in
            Self.fields.firstIndex(of: name).flatMap { scan.pageField($0) }
        }
        guard let type = field("type").flatMap({ scan.text($0) }) else {
            throw refusal("is no Singer message: it has no `type`")
        }
        if type == "STATE" {
            findings.state = field("value").map { Array(scan.raw($0)) }
            return
        }
        guard let name = field("stream").flatMap({ scan.text($0) }) else { return }
        guard name == stream else {
            if findings.others.count < Self.othersMax { findings.others.insert(name) }
            return
        }
        findings.isMentioned = true
        switch type {
        case "SCHEMA": try takeKey(field("key_properties").map { scan.raw($0) })
        case "RECORD":
            guard let record = field("record"), record.kind == .object else {
                throw refusal("is a RECORD without `record`")
            }
            hasRecords = true
            try gatherer.keep(scan.raw(record) + [0x0A], limit: limit)
        case "BATCH":
            throw ProgramFailure(
                "line \(number) is a BATCH message: records in files of the tap's own",
                hint: "take `batch_config` out of the tap's `config`")
        // ACTIVATE_VERSION says that a full table begins or ends, which the end of the run does
        // here; what is not known yet concerns targets only.
        default: break
        }
    }

    private mutating func takeKey(_ text: ArraySlice<UInt8>?) throws(ProgramFailure) {
        guard let text, case .array(let items)? = try? JSONValue(parsing: Array(text)) else {
            return
        }
        var key: [String] = []
        for case .string(let name) in items { key.append(name) }
        if let known = findings.key, known != key {
            throw refusal("is a SCHEMA with another key than the one before")
        }
        findings.key = key
    }

    private func refusal(_ what: String) -> ProgramFailure {
        ProgramFailure(
            "line \(number) of its output \(what)",
            hint: "a tap writes nothing but messages to standard output; what is for people "
                + "goes to standard error")
    }
}
