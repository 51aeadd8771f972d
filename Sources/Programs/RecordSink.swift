import PullcordModel
import PullcordTransfer

/// What a program has brought.
struct Gathered: Sendable {
    /// All of it, or its beginning and the file that holds it.
    var body: [UInt8]
    var file: BodyFile?
    /// Nothing at all was written.
    var isEmpty: Bool
    /// What a tap said beside its records; nil for a program that prints them.
    var singer: SingerFindings?
}

/// Takes what a program prints as it is.
struct RecordSink: OutputSink {
    private var gatherer: BodyGatherer
    private var last: UInt8?
    private let limit: Int
    /// Whether the output is lines, the last of which has to be whole.
    private let isLines: Bool

    init(limit: Int, spoolsOver: Int?, folder: String, isLines: Bool = true) {
        gatherer = BodyGatherer(limit: limit, spoolsOver: spoolsOver, folder: folder)
        self.limit = limit
        self.isLines = isLines
    }

    mutating func take(_ bytes: ArraySlice<UInt8>) throws(ProgramFailure) {
        try gatherer.keep(bytes, limit: limit)
        last = bytes.last ?? last
    }

    mutating func finish() throws(ProgramFailure) -> Gathered {
        // Half an object is no JSON, but half a number may well be.
        if isLines, let last, ![0x0A, 0x0D, 0x7D].contains(last) {
            throw ProgramFailure(
                "its output ends in the middle of a line",
                hint: "end each record with a line break")
        }
        let (body, file) = gatherer.finish()
        return Gathered(body: body, file: file, isEmpty: last == nil)
    }
}

extension BodyGatherer {
    /// Takes bytes, or says why no more can be taken.
    mutating func keep(
        _ bytes: some Collection<UInt8>, limit: Int
    ) throws(ProgramFailure) {
        switch take(bytes) {
        case nil: return
        case .tooLarge:
            throw ProgramFailure(
                "it wrote more than \(limit) bytes",
                hint: "raise `exec.output_max`, or let it print less at a time")
        case .file(let reason):
            throw ProgramFailure(
                "the file that holds its output cannot be written: \(reason)",
                hint: "free the disk of TMPDIR, or of the store")
        }
    }
}
