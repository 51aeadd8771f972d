import PullcordAdapter
import PullcordModel

/// A time zone by its name, with its rules.
struct NamedRules {
    let name: String
    let rules: any ZoneRules

    static let utc = NamedRules(name: "UTC", rules: UniversalTime())
}

extension Field {
    /// A name of the IANA database.
    func zone() -> NamedRules? {
        guard let text = filledText() else { return nil }
        guard let rules = collector.checkers.zones.rules(text.text) else {
            collector.error(
                "zone_unknown", at: text.place, path: path, found: text.text,
                "`\(text.text)` is no zone of the IANA database",
                allowed: ["UTC", "Europe/Berlin", "America/New_York", "…"],
                hint: "abbreviations such as CET mean several zones")
            return nil
        }
        return NamedRules(name: text.text, rules: rules)
    }
}
