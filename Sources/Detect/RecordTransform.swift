import PullcordJQ
import PullcordJSON
import PullcordModel

/// Makes the records of a page out of what the API sent, one by one.
///
/// A program may give none, which leaves the record out, or several.
struct RecordTransform {
    private let expression: Expression

    init(_ expression: Expression) { self.expression = expression }

    /// All records that come of those of a page, as one JSON array.
    func records(of scan: PageScan) throws(DetectError) -> [UInt8] {
        var result: [UInt8] = [0x5B]
        for record in 0..<scan.count {
            let bytes = Array(scan.bytes[scan.range(record)])
            for made in try outputs(of: bytes, record, scan) {
                if result.count > 1 { result.append(0x2C) }
                result += made
                guard result.count < Limits.pageBytesMax else {
                    throw DetectError(
                        code: .jq(.bytes), place: place(record, scan),
                        message:
                            "`transform` makes more than \(Limits.pageBytesMax) bytes of a page")
                }
            }
        }
        result.append(0x5D)
        return result
    }

    private func outputs(
        of bytes: [UInt8], _ record: Int, _ scan: PageScan
    ) throws(DetectError) -> [[UInt8]] {
        do throws(JQError) {
            switch expression {
            case .path: return try expression.value(in: bytes).map { [$0] } ?? []
            case .program(let program): return try program.run(on: bytes)
            }
        } catch {
            throw DetectError(error, at: place(record, scan))
        }
    }

    private func place(_ record: Int, _ scan: PageScan) -> String {
        "record \(record + 1) (byte \(scan.range(record).lowerBound))"
    }
}
