import PullcordAdapter
import PullcordConfig
import PullcordModel

/// Values as sentences name them.
enum Words {
    static func of(_ duration: Duration) -> String {
        DurationText.write(duration.wholeMilliseconds)
    }

    static func of(_ expression: ExpressionText) -> String { "`\(expression.text)`" }

    static func of(_ expressions: [ExpressionText]) -> String { list(expressions.map { of($0) }) }

    static func of(_ share: Double) -> String {
        let percent = share * 100
        return percent == percent.rounded()
            ? "\(Int(percent)) %" : "\((percent * 10).rounded() / 10) %"
    }

    static func of(_ value: AnswerValue) -> String {
        switch value {
        case .body(let expression): of(expression)
        case .header(let name): "the header \(name)"
        }
    }

    static func of(_ reading: ValueReading) -> String {
        switch reading.source {
        case .header(let name): name
        case .body(let expression): of(expression)
        }
    }

    static func of(_ rate: BudgetSpec.Rate) -> String {
        "\(rate.count) requests in \(of(rate.window))"
    }

    static func of(_ cursor: CursorSpec, overlap: Int64) -> String {
        cursor.format.isTime ? DurationText.write(overlap) : String(overlap)
    }

    /// `a`, `a and b`, `a, b and c`.
    static func list(_ words: [String], _ last: String = "and") -> String {
        guard let end = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " \(last) " + end
    }

    static func count(_ number: Int, _ one: String, _ many: String) -> String {
        number == 1 ? "1 \(one)" : "\(number) \(many)"
    }
}
