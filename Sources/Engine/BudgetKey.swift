import PullcordAdapter
import PullcordConfig
import PullcordModel
import PullcordTransfer

/// Who shares the limits of an API: a hash, so that no credential is kept for it.
enum BudgetKey {
    static func of(_ stream: StreamSpec, _ source: BoundSource) -> Fingerprint {
        of(stream, source, share: source.adapter.limits.budget.share)
    }

    static func of(
        _ stream: StreamSpec, _ source: BoundSource, share: BudgetSpec.Share
    ) -> Fingerprint {
        let context = TemplateContext(parameters: source.parameters)
        var hasher = IdentityHasher()
        hasher.add(host(stream, source, context))
        switch share {
        case .host: break
        case .credential:
            for template in source.adapter.auth.templates {
                hasher.add(((try? template.render(context)) ?? nil) ?? "")
            }
            // Where the credential goes by a header or query item, only its kind tells it.
            for parameter in source.adapter.parameters where parameter.kind == .secret {
                hasher.add(source.parameters[parameter.name] ?? "")
            }
        case .source: hasher.add("source \(source.spec.name)")
        }
        return hasher.finish()
    }

    /// Host and port, as far as the parameters tell; the text itself where they do not.
    private static func host(
        _ stream: StreamSpec, _ source: BoundSource, _ context: TemplateContext
    ) -> String {
        let template: Template? =
            switch stream.request.target {
            case .url(let url): url
            case .path: source.adapter.baseURL
            }
        let text = template.map { template in
            ((try? template.render(context)) ?? nil) ?? template.beginning
        }
        guard let text else { return "" }
        return (try? RequestURL(text))?.origin.lowercased() ?? text
    }
}

extension Template {
    /// What stands before the first placeholder.
    fileprivate var beginning: String {
        guard case .literal(let text)? = segments.first else { return "" }
        return text
    }
}
