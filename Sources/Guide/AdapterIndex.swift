package import PullcordAdapter
import PullcordModel

/// The table of the adapters of a folder, for its README.
package enum AdapterIndex {
    /// One adapter and its file, as seen from the folder.
    package struct Entry: Sendable {
        let file: String
        let spec: AdapterSpec

        package init(file: String, spec: AdapterSpec) {
            self.file = file
            self.spec = spec
        }
    }

    /// Everything between the comments of ``GeneratedPart/adapters``, sorted by name.
    package static func markdown(_ entries: [Entry]) -> String {
        let rows = entries.sorted { $0.spec.name < $1.spec.name }.map { entry in
            Markdown.row(
                "[\(entry.spec.name)](\(entry.file))",
                entry.spec.streams.map { Markdown.code($0.name.text) }.joined(separator: ", "),
                entry.spec.summary, entry.spec.documentation.map(link) ?? "")
        }
        let head = [
            Markdown.row("adapter", "streams", "reads", "API"),
            Markdown.row("---", "---", "---", "---"),
        ]
        return (head + rows).joined(separator: "\n")
    }

    /// The host is what people know an API by.
    private static func link(_ url: String) -> String {
        let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return "[\(host)](\(url))"
    }
}
