import PullcordAdapter
import PullcordModel

/// How files are reached; handed in, so that reading them is the caller's business.
package struct FileAccess: Sendable {
    package enum Content: Sendable {
        case bytes([UInt8])
        case missing
        /// With the reason in words, such as `permission denied`.
        case unreadable(String)
    }

    package var read: @Sendable (String) -> Content
    /// The names of what is in a folder, in any order; empty if there is no such folder.
    package var list: @Sendable (String) -> [String]
    /// Whether a path lies within an archive, whose files may name none outside of it.
    package var isSealed: @Sendable (String) -> Bool = { _ in false }

    package init(
        read: @escaping @Sendable (String) -> Content,
        list: @escaping @Sendable (String) -> [String]
    ) {
        self.read = read
        self.list = list
    }
}

/// The environment and the files that the values of a bridge file come from.
struct Installation {
    enum Resolution {
        case text(String)
        /// A value is absent on purpose.
        case absent
        /// The environment is not at hand, so nothing can be said.
        case unknown
        /// Complained about.
        case failed
    }

    /// Bytes of a file that is named by `${file:…}`.
    static let fileBytesMax = 64 << 10

    /// nil if values are not to be looked at.
    let environment: [String: String]?
    let files: FileAccess
    let folder: String
    let collector: Collector
    /// What time it is; nil if that is not to be looked at.
    var now: Timestamp?
    /// Whether what looks secret was made up for a test, and is no secret.
    var isInvented = false

    /// Renders a template of the bridge file, and complains about every value that is missing.
    func resolve(_ template: Template, path: String) -> Resolution {
        // What was not understood was complained about when the file was read.
        guard template.isWhole else { return .failed }
        guard let environment else {
            return template.literalText.map { .text($0) } ?? .unknown
        }
        var context = TemplateContext(environment: environment)
        var isComplete = true
        for placeholder in template.placeholders {
            let hasFallback = placeholder.hasFallback
            switch placeholder.subject {
            case .environment(let name):
                guard environment[name] == nil, !hasFallback else { continue }
                let near = Suggestion.nearest(to: name, among: environment.keys.sorted())
                collector.error(
                    "env_missing", at: placeholder.place, path: path,
                    "the environment variable `\(name)` is not set", suggestion: near,
                    hint: "set it before starting, or write `| default \"…\"`")
                isComplete = false
            case .file(let name):
                if let text = read(name, placeholder, path, isOptional: hasFallback) {
                    context.files[name] = text
                } else if !hasFallback {
                    isComplete = false
                }
            // Complained about when the file was read.
            case .parameter, .cursor, .namedCursor, .page, .pollStarted, .event, .recordKey,
                .record, .parent, .request, .session:
                isComplete = false
            }
        }
        guard isComplete else { return .failed }
        do {
            return try template.render(context).map { .text($0) } ?? .absent
        } catch {
            collector.add(error, path: path)
            return .failed
        }
    }

    /// The values of its placeholders, which may be secret.
    func values(of template: Template) -> [Secret] {
        template.placeholders.compactMap { placeholder in
            switch placeholder.subject {
            case .environment(let name): environment?[name].map { Secret($0) }
            case .file(let name): text(of: name).map { Secret($0) }
            case .parameter, .cursor, .namedCursor, .page, .pollStarted, .event, .recordKey,
                .record, .parent, .request, .session:
                nil
            }
        }
    }

    private func text(of name: String) -> String? {
        guard case .bytes(let bytes) = files.read(Paths.resolve(name, in: folder)) else {
            return nil
        }
        return Self.trimmed(bytes)
    }

    /// The text of a file without the line break at its end.
    private func read(
        _ name: String, _ placeholder: Placeholder, _ path: String, isOptional: Bool
    ) -> String? {
        let reason: String
        switch files.read(Paths.resolve(name, in: folder)) {
        case .missing:
            if isOptional { return nil }
            reason = "there is no such file"
        case .unreadable(let words): reason = words
        case .bytes(let bytes) where bytes.count > Self.fileBytesMax:
            reason = "it has more than \(Self.fileBytesMax) bytes"
        case .bytes(let bytes):
            if let text = Self.trimmed(bytes) { return text }
            reason = "it is not UTF-8"
        }
        collector.error(
            "file_unreadable", at: placeholder.place, path: path,
            "the file `\(name)` cannot be read: \(reason)")
        return nil
    }

    private static func trimmed(_ bytes: [UInt8]) -> String? {
        var bytes = bytes[...]
        if bytes.last == 0x0A { bytes.removeLast() }
        if bytes.last == 0x0D { bytes.removeLast() }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// Paths as texts.
package enum Paths {
    /// The folder of a file; empty for one without.
    package static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// A path as seen from a folder; an absolute one stays as it is.
    package static func resolve(_ path: String, in folder: String) -> String {
        var path = path
        while path.hasPrefix("./") { path = String(path.dropFirst(2)) }
        if path == "." || path.isEmpty { return folder.isEmpty ? "." : folder }
        if path.hasPrefix("/") || folder.isEmpty || folder == "." { return path }
        return folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
    }

    package static func name(of path: String) -> String {
        String(path.split(separator: "/").last ?? "")
    }
}
