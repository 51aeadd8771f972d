import Foundation
import PullcordAdapter
import PullcordConfig
import PullcordModel
import Testing

/// The files of this repository, and adapters in memory.
enum Fixture {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let checkers = Checkers(
        expressions: ExpressionChecker(
            check: { _ in nil },
            isPlainPath: { $0.hasPrefix(".") && !$0.contains("|") && !$0.contains("(") }),
        allowEntries: AllowEntryChecker { _ in nil },
        zones: ZoneChecker { $0 == "UTC" || $0.contains("/") ? UniversalTime() : nil })

    static let guide = "adapters/README.md"

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The adapters that are shipped.
    static func catalogue() -> AdapterCatalogue {
        let files = FileAccess(
            read: { path in
                guard let data = FileManager.default.contents(atPath: path) else { return .missing }
                return .bytes(Array(data))
            },
            list: { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] })
        return Loader(checkers: checkers, files: files)
            .catalogue(folders: [root.appending(path: "adapters").path])
    }

    static func adapter(_ text: String) throws -> AdapterSpec {
        let loader = Loader(
            checkers: checkers,
            files: FileAccess(
                read: { $0 == "a.yaml" ? .bytes(Array(text.utf8)) : .missing },
                list: { _ in ["a.yaml"] }))
        switch loader.adapter("a.yaml") {
        case .success(let spec): return spec
        case .failure(let report):
            Issue.record("\(report.text())")
            throw report
        }
    }

    /// An adapter with one stream.
    static func stream(_ lines: String, top: String = "") throws -> AdapterSpec {
        let indented = lines.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
        return try adapter(
            "adapter: a\nbase_url: https://x.example\n\(top)streams:\n  things:\n\(indented)\n")
    }
}
