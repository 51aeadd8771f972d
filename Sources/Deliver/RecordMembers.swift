import PullcordModel

/// The members of a webhook's `data` that are as large as the record: `record`, and in a stream
/// with `keep: record` also `previous`, `changed` and `patch`.
///
/// Where all of them were too much, they are left out one after the other, `patch` first, then
/// `previous`, then the record (which is `null` then), then `changed`; `"truncated":true` says so.
struct RecordMembers {
    private enum Part: CaseIterable {
        case record, previous, changed, patch

        var name: StaticString {
            switch self {
            case .record: #""record":"#
            case .previous: #","previous":"#
            case .changed: #","changed":"#
            case .patch: #","patch":"#
            }
        }
    }

    private static let mark = Array(#","truncated":true"#.utf8)

    private var parts: [(part: Part, bytes: [UInt8])] = []
    /// Whether something was left out.
    private(set) var isTruncated = false

    private var isRecordLeftOut = false

    init(_ event: Event) {
        parts.append((.record, event.record ?? Envelope.null))
        guard let difference = event.difference else { return }
        parts.append((.previous, difference.previous))
        if let changed = difference.changed { parts.append((.changed, changed)) }
        if let patch = difference.patch { parts.append((.patch, patch)) }
    }

    /// A record that a program made: what was before goes with the record that it was of.
    init(record: [UInt8]) { parts = [(.record, record)] }

    /// The record, as it is sent; nil once it was left out.
    var record: [UInt8]? {
        isRecordLeftOut ? nil : parts.first { $0.part == .record }?.bytes
    }

    /// How many bytes are appended.
    var count: Int {
        parts.reduce(isTruncated ? Self.mark.count : 0) {
            $0 + $1.part.name.utf8CodeUnitCount + $1.bytes.count
        }
    }

    /// Leaves out the next part; false if there is none left.
    mutating func shrink() -> Bool {
        isTruncated = true
        for part in [Part.patch, .previous, .record, .changed] {
            guard let index = parts.firstIndex(where: { $0.part == part }) else { continue }
            if part != .record {
                parts.remove(at: index)
                return true
            }
            guard parts[index].bytes != Envelope.null else { continue }
            parts[index].bytes = Envelope.null
            isRecordLeftOut = true
            return true
        }
        return false
    }

    func append(to body: inout [UInt8]) {
        for (part, bytes) in parts {
            body += Array(part.name.description.utf8)
            body += bytes
        }
        if isTruncated { body += Self.mark }
    }
}
