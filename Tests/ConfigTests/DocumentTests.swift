import Foundation
import PullcordConfig
import PullcordModel
import Testing

/// Every YAML sample of the documents, and every adapter that is shipped, is right.
@Suite
struct DocumentTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func samples(of document: String) throws -> [String] {
        let text = try String(contentsOf: root.appending(path: document), encoding: .utf8)
        return text.components(separatedBy: "```yaml\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
    }

    /// Samples within a list are indented with it.
    private static func unindented(_ text: String) -> String {
        let lines = text.components(separatedBy: "\n")
        let indent = lines.first?.prefix { $0 == " " }.count ?? 0
        return lines.map { String($0.dropFirst(min(indent, $0.prefix { $0 == " " }.count))) }
            .joined(separator: "\n")
    }

    private static func check(_ files: [String: String], _ path: String) -> DiagnosticReport {
        let loader = Loader(
            checkers: Checkers(
                expressions: ExpressionChecker(check: { _ in nil }, isPlainPath: { _ in true }),
                allowEntries: AllowEntryChecker { _ in nil },
                zones: ZoneChecker { $0 == "UTC" || $0.contains("/") ? UniversalTime() : nil }),
            files: FileAccess(
                read: { files[$0].map { .bytes(Array($0.utf8)) } ?? .missing },
                list: { _ in files.keys.map { String($0) } }))
        return loader.check([path])
    }

    @Test(arguments: ["README.md", "adapters/README.md"])
    func `every sample that is a whole file checks clean`(document: String) throws {
        let samples = try Self.samples(of: document).map(Self.unindented)
        #expect(samples.count >= 3)
        // Test files are run by AuthoringTests.
        let adapters = samples.filter { $0.hasPrefix("adapter:") && !$0.contains("\ncases:") }
        for sample in adapters {
            let report = Self.check(["a.yaml": sample], "a.yaml")
            #expect(!report.hasErrors, "\(report.text())")
        }
        for sample in samples.filter({ $0.hasPrefix("store:") }) {
            var files = ["pullcord.yaml": sample]
            for adapter in adapters {
                let name = adapter.dropFirst("adapter: ".count).prefix { $0 != "\n" }
                files["adapters/\(name).yaml"] = adapter
            }
            let report = Self.check(files, "pullcord.yaml")
            #expect(!report.hasErrors, "\(report.text())")
        }
    }

    @Test func `every adapter of the folder checks clean and is in the guide`() throws {
        let folder = Self.root.appending(path: "adapters")
        let guide = try String(contentsOf: folder.appending(path: "README.md"), encoding: .utf8)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".yaml") }
        #expect(names.count >= 4)
        var files: [String: String] = [:]
        for name in names {
            files[name] = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        }
        for name in names {
            let report = Self.check(files, name)
            #expect(report.diagnostics.isEmpty, "\(report.text())")
            #expect(guide.contains("](\(name))"))
        }
    }
}
