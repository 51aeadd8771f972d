import PullcordAdapter
package import PullcordModel
package import PullcordYAML

/// Gathers complaints while files are read; nothing in a reader throws.
package final class Collector {
    /// Complaints that are kept: a person reads the first few, a hostile file has millions.
    static let complaintsMax = 1000

    let checkers: Checkers
    private(set) var diagnostics: [Diagnostic] = []
    package private(set) var errorCount = 0
    /// An alias puts one mistake into many places of the tree; it is told once.
    private var told: Set<String> = []
    private var sources: [(file: String, text: String)] = []
    /// Secrets that stand in the files themselves; excerpts must not show them.
    var secrets: [Secret] = []

    package init(checkers: Checkers) { self.checkers = checkers }

    func add(_ diagnostic: Diagnostic) {
        if diagnostic.severity == .error { errorCount += 1 }
        let identity = "\(diagnostic.place) \(diagnostic.code) \(diagnostic.message)"
        guard diagnostics.count < Self.complaintsMax, told.insert(identity).inserted else { return }
        diagnostics.append(diagnostic)
        guard diagnostics.count == Self.complaintsMax else { return }
        diagnostics.append(
            Diagnostic(
                code: "too_many_complaints", place: diagnostic.place, keyPath: "",
                message: "only the first \(Self.complaintsMax) complaints are told"))
        errorCount += 1
    }

    package func error(
        _ code: String, at place: Place, path: String, found: String = "", _ message: String,
        allowed: [String] = [], suggestion: String? = nil, hint: String = "",
        related: Place? = nil
    ) {
        add(
            Diagnostic(
                code: code, place: place, keyPath: path, found: found, message: message,
                allowed: allowed, suggestion: suggestion, hint: hint, related: related))
    }

    func warning(
        _ code: String, at place: Place, path: String, found: String = "", _ message: String,
        suggestion: String? = nil, hint: String = ""
    ) {
        add(
            Diagnostic(
                .warning, code: code, place: place, keyPath: path, found: found, message: message,
                suggestion: suggestion, hint: hint))
    }

    /// Takes over a template's complaint.
    func add(_ complaint: TemplateError, path: String) {
        error(
            complaint.code.rawValue, at: complaint.place, path: path, found: complaint.found,
            complaint.message, allowed: complaint.allowed, suggestion: complaint.suggestion,
            hint: complaint.hint)
    }

    /// Reads a file as YAML; nil if not even a part of it can be looked at.
    package func parse(_ bytes: [UInt8], file: String) -> YAMLNode? {
        sources.append((file, String(decoding: bytes, as: UTF8.self)))
        do {
            let document = try YAMLDocument.parse(bytes, file: file)
            document.complaints.forEach(add)
            return document.root
        } catch {
            add(error)
            return nil
        }
    }

    private func add(_ complaint: YAMLError) {
        error(
            complaint.code.rawValue, at: complaint.place, path: "", complaint.message,
            hint: complaint.hint, related: complaint.related)
    }

    package func report() -> DiagnosticReport {
        DiagnosticReport(diagnostics: diagnostics, sources: sources, secrets: secrets)
    }
}
