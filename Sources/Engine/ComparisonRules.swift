import PullcordAdapter
import PullcordConfig
import PullcordJSON
import PullcordModel

/// The rules by which records are told apart and compared, as a hash that is stored.
enum ComparisonRules {
    /// `high` stands for what a record is: request, list, filter and key.
    ///
    /// `low` stands for what counts in a record: mask and fingerprint.
    static func identity(of stream: StreamSpec, _ source: BoundSource) -> Fingerprint {
        var records = IdentityHasher()
        for text in requestTexts(stream, source) { records.add(text) }
        records.add("records \(stream.records.text)")
        records.add("when \(stream.condition?.text ?? "")")
        for key in stream.key { records.add("key \(key.text)") }

        var contents = IdentityHasher()
        contents.add("fingerprint \(Fingerprinting.version)")
        switch stream.mask {
        case .all: break
        case .ignoring(let paths): for path in paths { contents.add("ignore \(path.text)") }
        case .only(let paths): for path in paths { contents.add("only \(path.text)") }
        }
        for path in stream.unordered { contents.add("unordered \(path.text)") }
        return Fingerprint(high: records.finish().high, low: contents.finish().high)
    }

    /// What is asked for, without where it is asked and who asks: a server that has moved and a
    /// key that was replaced give the same records.
    private static func requestTexts(_ stream: StreamSpec, _ source: BoundSource) -> [String] {
        let secret = Set(source.adapter.parameters.filter { $0.kind == .secret }.map(\.name))
        let context = TemplateContext(
            parameters: source.parameters.filter { !secret.contains($0.key) })
        return stream.request.templates.map { template in
            (try? template.render(context)) ?? "\(template.segments.count) parts"
        }
    }
}
