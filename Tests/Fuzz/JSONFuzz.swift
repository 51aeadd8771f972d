import Foundation
import PullcordJSON

/// Reads any bytes as JSON: the reader never crashes, and agrees with Foundation on what is JSON.
///
/// `make fuzz` builds and runs it (https://llvm.org/docs/LibFuzzer.html). A disagreement traps,
/// and libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let refusal = refusal(of: bytes)
    if let refusal {
        precondition((0...count).contains(refusal.offset), "a refusal lies in the text")
        if isOurRefusal(refusal.code) { return 0 }
    }
    let isJSON =
        (try? JSONSerialization.jsonObject(
            with: Data(bytes), options: .fragmentsAllowed)) != nil
    // Foundation lets a comma stand before the end of a list.
    if isJSON, let refusal, refusal.code == .unexpected, refusal.offset < count,
        [0x5D, 0x7D].contains(bytes[refusal.offset])
    {
        return 0
    }
    if isJSON != (refusal == nil), !isFoundationsOwn(bytes) {
        preconditionFailure("Foundation: \(isJSON), here: \(refusal.map { "\($0)" } ?? "valid")")
    }
    return 0
}

private func refusal(of bytes: [UInt8]) -> JSONError? {
    do throws(JSONError) {
        let scan = try plan.scan(bytes)
        for record in 0..<scan.count { _ = scan.field(0, of: record).map { scan.text($0) } }
        _ = try JSONValue(parsing: bytes)
        return nil
    } catch {
        return error
    }
}

/// Records and a field of each, so that the ways of a plan are walked as well.
private let plan = ScanPlan(
    records: JSONPath(steps: []), recordFields: [JSONPath(steps: [.key("a")])])

/// What is refused here on purpose and valid, or not looked at, elsewhere.
private func isOurRefusal(_ code: JSONError.Code) -> Bool {
    switch code {
    case .duplicateKey, .tooDeep, .byteOrderMark, .surrogate, .recordsMissing, .tooLarge,
        .tooManyRecords:
        true
    case .empty, .truncated, .unexpected, .trailing, .number, .escape, .control, .utf8: false
    }
}

/// Where Foundation is not RFC 8259: it guesses UTF-16 and UTF-32, and refuses numbers that no
/// `Double` holds.
private func isFoundationsOwn(_ bytes: [UInt8]) -> Bool {
    if bytes.prefix(4).contains(0) { return true }
    if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) { return true }
    return bytes.contains { $0 | 0x20 == 0x65 } || digitsInARow(bytes) > 300
}

private func digitsInARow(_ bytes: [UInt8]) -> Int {
    var (longest, here) = (0, 0)
    for byte in bytes {
        here = (0x30...0x39).contains(byte) ? here + 1 : 0
        longest = max(longest, here)
    }
    return longest
}
