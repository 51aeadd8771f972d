import PullcordJSON

/// Paths of manifests as jq.
enum JSONPathText {
    static func key(_ name: String) -> String { path([name]) }

    /// Keys, `*` for each element; `.` for none.
    static func path(_ parts: [String]) -> String {
        var text = ""
        for part in parts {
            if part == "*" || part == "**" {
                text += text.isEmpty ? ".[]" : "[]"
            } else {
                let step = JSONPath(steps: [.key(part)]).description
                text += !text.isEmpty && step.hasPrefix(".[") ? String(step.dropFirst()) : step
            }
        }
        return text.isEmpty ? "." : text
    }
}
