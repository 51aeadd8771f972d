import PullcordAdapter
import PullcordModel
import PullcordYAML

extension Field {
    /// An expression over the body, or the name of a header.
    func answerValue() -> AnswerValue? {
        guard node.mapping != nil else { return expression().map { .body($0) } }
        guard let keys = MappingReader(self, StreamKeys.answerHeader) else { return nil }
        return keys["header"]?.headerName().map { .header($0) }
    }

    /// Whether a parameter may be meant.
    var hasPlaceholder: Bool { node.scalar?.text.contains("${") ?? false }

    /// A text that is one parameter as a whole, whose value is known once a source gives it.
    func soleParameter() -> Template? {
        guard let template = template() else { return nil }
        guard case .parameter? = template.solePlaceholder?.subject else {
            return refuse(
                "parameter_whole", "only a whole parameter can stand here",
                allowed: ["${params.NAME}"])
        }
        return template
    }
}
