/// Writes metrics as Prometheus reads them.
///
/// See https://prometheus.io/docs/instrumenting/exposition_formats/ and
/// https://prometheus.io/docs/specs/om/open_metrics_spec/.
package struct Exposition: Sendable {
    package enum Format: Sendable, Equatable {
        /// The text format 0.0.4.
        case text
        /// OpenMetrics 1.0.0.
        case openMetrics

        package var contentType: String {
            switch self {
            case .text: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }
    }

    /// What the figures of a family mean.
    package enum Kind: String, Sendable {
        /// Only grows; the family's name ends in `_total`.
        case counter
        case gauge
        /// Always 1: the labels are what it tells; the family's name ends in `_info`.
        case info
        case histogram
    }

    /// Names of labels with their values, in the order in which they are written.
    package typealias Labels = [(name: String, value: String)]

    package let format: Format
    private(set) var bytes: [UInt8] = []
    private var family = ""

    package init(_ format: Format) { self.format = format }

    /// Begins a family, whose samples follow.
    package mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        family = name
        var title = name
        var word = kind.rawValue
        switch (format, kind) {
        case (.text, .info): word = "gauge"
        case (.openMetrics, .counter): title = Self.without("_total", name)
        case (.openMetrics, .info): title = Self.without("_info", name)
        case (.text, _), (.openMetrics, _): break
        }
        write("# HELP \(title) ")
        for byte in help.utf8 { append(byte, escapesQuotes: format == .openMetrics) }
        write("\n# TYPE \(title) \(word)\n")
    }

    /// One figure of the family.
    package mutating func sample(_ labels: Labels = [], _ value: Double) {
        write(family)
        write(labels)
        write(" \(Self.text(of: value))\n")
    }

    package mutating func sample(_ labels: Labels = [], _ value: Int) {
        write(family)
        write(labels)
        write(" \(value)\n")
    }

    /// One histogram of the family.
    package mutating func sample(_ labels: Labels = [], _ histogram: Histogram) {
        var total = 0
        for (index, count) in histogram.counts.enumerated() {
            total += count
            let bound =
                index < histogram.bounds.count ? bound(histogram.bounds[index]) : "+Inf"
            write("\(family)_bucket")
            write(labels + [("le", bound)])
            write(" \(total)\n")
        }
        write("\(family)_sum")
        write(labels)
        write(" \(Self.text(of: histogram.sum))\n\(family)_count")
        write(labels)
        write(" \(total)\n")
    }

    /// A family of one figure without labels.
    package mutating func single(
        _ name: String, _ kind: Kind, _ help: String, _ value: Double
    ) {
        family(name, kind, help)
        sample([], value)
    }

    /// The whole text.
    package consuming func finish() -> [UInt8] {
        if format == .openMetrics { write("# EOF\n") }
        return bytes
    }

    private mutating func write(_ text: String) { bytes += text.utf8 }

    private mutating func write(_ labels: Labels) {
        guard !labels.isEmpty else { return }
        write("{")
        for (index, label) in labels.enumerated() {
            write("\(index > 0 ? "," : "")\(label.name)=\"")
            for byte in label.value.utf8 { append(byte, escapesQuotes: true) }
            write("\"")
        }
        write("}")
    }

    private mutating func append(_ byte: UInt8, escapesQuotes: Bool) {
        switch byte {
        case 0x0A: write("\\n")
        case 0x5C: write("\\\\")
        case 0x22 where escapesQuotes: write("\\\"")
        default: bytes.append(byte)
        }
    }

    /// OpenMetrics has bounds of histograms written as floating-point numbers.
    private func bound(_ value: Double) -> String {
        format == .openMetrics ? "\(value)" : Self.text(of: value)
    }

    private static func without(_ suffix: String, _ name: String) -> String {
        name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
    }

    /// Whole numbers without a fraction, everything else with as many digits as tell it apart.
    private static func text(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return "\(value)"
    }
}
