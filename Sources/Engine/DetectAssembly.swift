import PullcordAdapter
import PullcordDetect
import PullcordJQ
import PullcordJSON
import PullcordPoll

extension DetectPlan {
    /// Compiles a stream's expressions; they were checked before, so a failure is a mistake of
    /// ours or of a checker.
    init(
        _ stream: StreamSpec, poll: PollPlan, moment: ExpressionText? = nil,
        more pageFields: [ExpressionText] = []
    ) throws {
        let values = { (texts: [ExpressionText]) in
            try texts.map { try Expression(parsing: $0.text) }
        }
        let paths = { (texts: [ExpressionText]) in
            texts.compactMap { JSONPath(pattern: $0.text) }
        }
        let mask: ScanPlan.Mask =
            switch stream.mask {
            case .all: .all
            case .ignoring(let texts): .ignoring(paths(texts))
            case .only(let texts): .only(paths(texts))
            }
        self.init(
            records: try Expression(parsing: stream.records.text, as: .records),
            when: try stream.condition.map { try Expression(parsing: $0.text) },
            key: try values(stream.key),
            cursor: try stream.cursor.flatMap { try Self.recordCursor($0) },
            mask: mask, unordered: paths(stream.unordered),
            normal: stream.changes.normal.compactMap(Normalization.init),
            transform: try stream.changes.transform.map { try Expression(parsing: $0.text) },
            tombstone: try stream.changes.tombstone.map { try Expression(parsing: $0.text) },
            moment: try moment.map { try Expression(parsing: $0.text) },
            pageFields: try values(poll.pageFields + pageFields),
            lastFields: try values(poll.lastFields),
            otherCursors: try stream.cursors.dropFirst().compactMap {
                try Self.recordCursor($0.spec)
            })
    }

    private static func recordCursor(_ spec: CursorSpec) throws -> Cursor? {
        try spec.from.map { Cursor(try Expression(parsing: $0.text), format: spec.format) }
    }
}
