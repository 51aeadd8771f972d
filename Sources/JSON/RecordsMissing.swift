/// Says what stands where the records should be; only asked when they were not found.
enum RecordsMissing {
    /// How the way to the records ended.
    enum Finding {
        /// Nothing, or null or false, at the end of the path.
        case nothing
        /// The error to report.
        case error(JSONError)
    }

    private static let keysNamed = 8
    /// An object larger than this is not searched for keys to name.
    private static let objectBytesMax = 64 << 10

    /// Reads the page again, and takes every step of the path.
    static func look(for path: JSONPath, in bytes: [UInt8]) -> Finding {
        let ways = (0...path.steps.count).map { JSONPath(steps: Array(path.steps.prefix($0))) }
        var last = 0
        guard let scan = try? ScanPlan(pageFields: ways).scan(bytes),
            let root = scan.pageField(0)
        else {
            return .error(
                JSONError(code: .recordsMissing, offset: 0, message: "no records at \(path)"))
        }
        var field = root
        while last + 1 < ways.count, let next = scan.pageField(last + 1) {
            field = next
            last += 1
        }
        let isAtEnd = last == path.steps.count
        let isNothing = field.kind == .null || (isAtEnd && scan.raw(field).first == 0x66)
        if path.isOptional, isNothing || canHold(field, path, last) { return .nothing }
        guard !isAtEnd, canHold(field, path, last) else {
            return .error(wrong(path, at: ways[last], field))
        }
        return .error(absent(path, at: ways[last], path.steps[last], scan, field))
    }

    /// Whether the value has members or elements as the next step wants them.
    private static func canHold(_ field: JSONField, _ path: JSONPath, _ last: Int) -> Bool {
        guard last < path.steps.count else { return false }
        return switch path.steps[last] {
        case .key: field.kind == .object
        case .index: field.kind == .array
        case .each: false
        }
    }

    private static func absent(
        _ path: JSONPath, at way: JSONPath, _ step: JSONPath.Step, _ scan: PageScan,
        _ field: JSONField
    ) -> JSONError {
        var hint = ""
        if field.range.count <= objectBytesMax,
            case .object(let members)? = try? JSONValue(parsing: Array(scan.raw(field)))
        {
            let names = members.prefix(keysNamed).map(\.key).joined(separator: ", ")
            let more = members.count > keysNamed ? ", …" : ""
            hint = members.isEmpty ? "the object is empty" : "there is: \(names)\(more)"
        }
        return JSONError(
            code: .recordsMissing, offset: field.range.lowerBound,
            message: "no records at \(path): \(way) has no \(JSONPath(steps: [step]))", hint: hint)
    }

    private static func wrong(
        _ path: JSONPath, at way: JSONPath, _ field: JSONField
    ) -> JSONError {
        let hint =
            switch field.kind {
            case .null: "if that means none, write \(path) // []"
            case .array: "if those are the records, write records: \(way)"
            default: ""
            }
        return JSONError(
            code: .recordsMissing, offset: field.range.lowerBound,
            message: "no records at \(path): \(way) is a JSON \(field.kind.rawValue)",
            hint: hint)
    }
}
