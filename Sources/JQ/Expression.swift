package import PullcordJSON

/// A jq text of an adapter: a plain path, read natively, or a program, run by libjq.
package enum Expression: Sendable {
    case path(JSONPath)
    case program(JQProgram)

    /// What an expression is used for: only records may end in `[]` or `// []` natively.
    package enum Role: Sendable {
        case value, records
    }

    /// Reads a text; what is no plain path is compiled by libjq.
    package init(parsing text: String, as role: Role = .value) throws(JQError) {
        if let path = JSONPath(parsing: text), role == .records || path.isSingle {
            self = .path(path)
        } else {
            self = .program(try JQProgram(compiling: text))
        }
    }

    package var text: String {
        switch self {
        case .path(let path): path.description
        case .program(let program): program.text
        }
    }

    /// The path, if it is a plain one.
    package var path: JSONPath? {
        guard case .path(let path) = self else { return nil }
        return path
    }

    /// The bytes of the one value that the expression gives; nil for none.
    ///
    /// They are the input's own wherever the expression only chooses.
    ///
    /// - Throws: ``JQError``; code `value` if there are several values.
    package func value(in bytes: [UInt8]) throws(JQError) -> [UInt8]? {
        switch self {
        case .path(let path):
            let scan = try Self.scan(path, bytes)
            return scan.pageField(0).map { Array(scan.raw($0)) }
        case .program(let program):
            if let ranges = try program.runKeepingBytes(on: bytes, outputsMax: 2) {
                try one(ranges.count)
                return ranges.first.map { Array(bytes[$0]) }
            }
            let outputs = try program.run(on: bytes)
            try one(outputs.count)
            return outputs.first
        }
    }

    /// The value as text: a string decoded, a number in canonical decimal, `true`, `false`, an
    /// object or array as its JSON; nil for null and for none.
    package func valueText(in bytes: [UInt8]) throws(JQError) -> String? {
        guard let value = try value(in: bytes) else { return nil }
        let scan = try Self.scan(.root, value)
        guard let field = scan.pageField(0), field.kind != .null else { return nil }
        return scan.text(field) ?? String(decoding: value, as: UTF8.self)
    }

    /// Whether any value that the expression gives is true as jq sees it: all but null and
    /// false are.
    package func isTrue(in bytes: [UInt8]) throws(JQError) -> Bool {
        switch self {
        case .path(let path):
            let scan = try Self.scan(path, bytes)
            guard let field = scan.pageField(0) else { return false }
            return field.kind != .null && scan.raw(field).first != 0x66
        case .program(let program):
            return try program.run(on: bytes).contains { $0.first != 0x6E && $0.first != 0x66 }
        }
    }

    private func one(_ count: Int) throws(JQError) {
        guard count > 1 else { return }
        throw JQError(
            code: .value, place: "jq \(text)", message: "the expression gives several values",
            hint: "wrap it in first(…) or in [ ]")
    }

    private static func scan(_ path: JSONPath, _ bytes: [UInt8]) throws(JQError) -> PageScan {
        do throws(JSONError) {
            let plan = path == .root ? ScanPlan.whole : ScanPlan(pageFields: [path])
            return try plan.scan(bytes)
        } catch {
            throw JQError(
                code: .input, place: "byte \(error.offset)", message: error.message,
                hint: error.hint)
        }
    }
}
