import PullcordAdapter
import PullcordConfig
import PullcordJSON
import PullcordModel
import PullcordTransfer

/// The rules by which records are told apart and compared, as a hash that is stored.
enum ComparisonRules {
    /// `high` stands for what a record is: request, list, filter and key.
    ///
    /// `low` stands for what counts in a record: mask and fingerprint.
    static func identity(of stream: StreamSpec, _ source: BoundSource) -> Fingerprint {
        var records = IdentityHasher()
        for text in requestTexts(stream, source) { records.add(text) }
        records.add("records \(stream.records.text)")
        // Of JSON nothing is said, as before there were other formats.
        if stream.format != .json { records.add("format \(stream.format)") }
        records.add("when \(stream.condition?.text ?? "")")
        for key in stream.key { records.add("key \(key.text)") }
        if let tombstone = stream.changes.tombstone { records.add("tombstone \(tombstone.text)") }
        if let transform = stream.changes.transform { records.add("transform \(transform.text)") }

        var contents = IdentityHasher()
        contents.add("fingerprint \(Fingerprinting.version)")
        switch stream.mask {
        case .all: break
        case .ignoring(let paths): for path in paths { contents.add("ignore \(path.text)") }
        case .only(let paths): for path in paths { contents.add("only \(path.text)") }
        }
        for path in stream.unordered { contents.add("unordered \(path.text)") }
        let normal = stream.changes.normal.map { "\($0.kind.rawValue) \($0.path.text)" }
        for text in normal.sorted() { contents.add("normalize \(text)") }
        return Fingerprint(high: records.finish().high, low: contents.finish().high)
    }

    /// What is asked for, without who asks and on which port: a key that was replaced, or a
    /// server that was started anew, gives the same records.
    private static func requestTexts(_ stream: StreamSpec, _ source: BoundSource) -> [String] {
        let secret = Set(source.adapter.parameters.filter { $0.kind == .secret }.map(\.name))
        let context = TemplateContext(
            parameters: source.parameters.filter { !secret.contains($0.key) })
        var templates = stream.request.templates
        templates += source.adapter.query.map(\.value) + source.adapter.headers.map(\.value)
        templates += stream.pages.templates + source.adapter.programTemplates(for: stream)
        let base = source.adapter.baseURL.map { text(of: $0, context) } ?? ""
        return [withoutPort(base)] + templates.map { text(of: $0, context) }
    }

    /// The text with what is the same for a source; what changes from poll to poll, or is
    /// secret, stands for itself.
    private static func text(of template: Template, _ context: TemplateContext) -> String {
        template.segments.map { segment in
            switch segment {
            case .literal(let text): return text
            case .placeholder(let placeholder):
                let single = Template(segments: [segment], place: placeholder.place)
                return ((try? single.render(context)) ?? nil) ?? "${\(placeholder.subject)}"
            }
        }.joined()
    }

    private static func withoutPort(_ url: String) -> String {
        guard let host = (try? RequestURL(url))?.target.host else { return url }
        let parts = url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true)
        return parts.count > 2 ? "\(host)/\(parts[2])" : host
    }
}
