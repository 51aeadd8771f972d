import PullcordModel

/// The end of what a program writes to standard error.
struct ErrorTail: Sendable {
    private var bytes: [UInt8] = []
    private var isCut = false

    /// Bytes of the lines that a message tells, unless one alone is longer.
    private static let toldBytes = 600

    mutating func add(_ more: ArraySlice<UInt8>) {
        bytes += more
        guard bytes.count > Limits.programErrorBytes * 2 else { return }
        keepEnd()
    }

    private mutating func keepEnd() {
        guard bytes.count > Limits.programErrorBytes else { return }
        bytes.removeFirst(bytes.count - Limits.programErrorBytes)
        isCut = true
    }

    /// Its last lines, whole ones only: a secret of which a part is cut off could not be masked.
    var lastLines: String {
        var tail = self
        tail.keepEnd()
        var rest = tail.bytes[...]
        if tail.isCut {
            let end = rest.firstIndex(of: 0x0A) ?? rest.firstIndex(of: 0x20) ?? rest.endIndex
            rest = rest[min(end + 1, rest.endIndex)...]
        }
        var lines: [ArraySlice<UInt8>] = []
        var count = 0
        for line in rest.split(separator: 0x0A).reversed() {
            count += line.count
            guard lines.isEmpty || count <= Self.toldBytes else { break }
            lines.append(line)
        }
        return lines.reversed().map { String(decoding: $0, as: UTF8.self) }
            .joined(separator: "\n")
    }
}
