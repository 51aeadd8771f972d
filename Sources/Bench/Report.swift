import Foundation

/// Prints figures in columns as they come, so that a long run can be watched.
enum Report {
    static func title(_ text: String) {
        print("\n\(text)")
        fflush(nil)
    }

    /// A figure beside its peer's, with what it should be.
    static func ratio(
        _ name: String, _ own: Double, _ peer: Double, unit: String, peerName: String,
        atLeast target: Double
    ) {
        let ratio = own / peer
        let verdict = ratio >= target ? "met" : "MISSED"
        line(
            name,
            "\(figure(own)) \(unit), \(peerName) \(figure(peer)): \(figure(ratio)) x, "
                + "target >= \(figure(target)) x \(verdict)")
    }

    /// A figure that must not be more than something.
    static func bound(_ name: String, _ value: Double, unit: String = "", atMost target: Double) {
        let verdict = value <= target ? "met" : "MISSED"
        line(name, "\(figure(value)) \(unit), target <= \(figure(target)) \(verdict)")
    }

    static func line(_ name: String, _ text: String) {
        print(
            "  " + name.padding(toLength: max(30, name.count + 1), withPad: " ", startingAt: 0)
                + text)
        fflush(nil)
    }

    /// Three significant digits, without an exponent.
    static func figure(_ value: Double) -> String {
        guard value.isFinite else { return "?" }
        if value >= 1000 { return String(Int(value.rounded())) }
        if value >= 100 { return String(format: "%.0f", value) }
        if value >= 10 { return String(format: "%.1f", value) }
        return String(format: value >= 0.995 ? "%.2f" : "%.3f", value)
    }
}

extension [Double] {
    var median: Double { isEmpty ? .nan : sorted()[count / 2] }

    /// The value that `share` of the values are below.
    func quantile(_ share: Double) -> Double {
        guard !isEmpty else { return .nan }
        return sorted()[Swift.min(count - 1, Int(Double(count) * share))]
    }
}
