import PullcordJQ
import PullcordJSON

/// A jq program that is asked whether it is true of a body.
///
/// A plain path, alone or compared with a constant, is read natively: most rules are
/// `.ok == false` or `.errors`, and libjq would cost each page more than all the rest.
struct BodyCondition: Sendable {
    private enum Form {
        case expression(Expression)
        case comparison(Expression, isEqual: Bool, constant: String)
    }

    private let form: Form

    init(parsing text: String) throws(JQError) {
        if let comparison = try Self.comparison(text) {
            form = comparison
        } else {
            form = .expression(try Expression(parsing: text))
        }
    }

    /// Whether libjq is not needed.
    var isNative: Bool {
        switch form {
        case .comparison: true
        case .expression(let expression): expression.path != nil
        }
    }

    /// False also where the program fails or the body is no JSON: an answer of another shape is
    /// not the answer that a rule speaks of.
    func isTrue(of body: [UInt8]) -> Bool {
        switch form {
        case .expression(let expression):
            return (try? expression.isTrue(in: body)) ?? false
        case .comparison(let path, let isEqual, let constant):
            guard let value = try? path.value(in: body) ?? Self.absent(from: body) else {
                return false
            }
            return (Self.spelt(value) == constant) == isEqual
        }
    }

    /// `PATH == CONSTANT` or `PATH != CONSTANT`; nil for anything else.
    private static func comparison(_ text: String) throws(JQError) -> Form? {
        for (mark, isEqual) in [(" == ", true), (" != ", false)] {
            let parts = text.split(separator: mark, maxSplits: 2)
            guard parts.count == 2 else { continue }
            let path = parts[0].trimmingSpaces()
            let constant = parts[1].trimmingSpaces()
            guard JSONPath(parsing: path)?.isSingle == true, isConstant(constant) else { continue }
            return .comparison(
                try Expression(parsing: path), isEqual: isEqual, constant: constant)
        }
        return nil
    }

    /// Literals with one spelling: words, whole numbers, and strings without escapes.
    private static func isConstant(_ text: String) -> Bool {
        if ["null", "true", "false", "0"].contains(text) { return true }
        if text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") {
            return text.dropFirst().dropLast().allSatisfy { $0 != "\"" && $0 != "\\" }
        }
        guard let first = text.utf8.first, (0x31...0x39).contains(first) else { return false }
        return text.utf8.count <= 15 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// What jq takes a member for that is not there: null in an object, an error elsewhere.
    private static func absent(from body: [UInt8]) -> [UInt8]? {
        let first = body.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return first == 0x7B ? Array("null".utf8) : nil
    }

    /// A value as ``isConstant(_:)`` would have it spelt.
    private static func spelt(_ value: [UInt8]) -> String {
        let text = { (try? Expression.path(.root).valueText(in: value)) ?? "" }
        switch value.first ?? 0 {
        case 0x22: return "\"\(text())\""
        case 0x2D, 0x30...0x39: return text()
        default: return String(decoding: value.prefix(8), as: UTF8.self)
        }
    }
}
