import PullcordAdapter
import PullcordModel

/// What only shows when a stream's other requests are compared with the rest of it.
struct ChangeChecks {
    let stream: StreamSpec
    let spec: AdapterSpec
    let collector: Collector
    let index: PlaceIndex
    let hasBaseURL: Bool

    func run() {
        if let reconcile = stream.changes.reconcile { check(reconcile) }
        if let deletions = stream.changes.deletions { check(deletions) }
    }

    private func check(_ reconcile: ReconcileSpec) {
        if let request = reconcile.request {
            checkTarget(request)
            checkPages(request, reconcile.pages ?? stream.pages)
            for placeholder in request.templates.flatMap(\.placeholders)
            where placeholder.subject == .cursor {
                collector.error(
                    "reconcile_cursor", at: placeholder.place, path: index.path(of: placeholder),
                    "`reconcile` reads the whole list, so `${cursor}` has no value here",
                    hint: "leave the item out")
            }
            return
        }
        if let pages = reconcile.pages { checkPages(stream.request, pages) }
    }

    private func check(_ deletions: DeletionsSpec) {
        checkTarget(deletions.request)
        checkPages(deletions.request, deletions.pages)
        let cursors = deletions.request.templates.flatMap(\.placeholders)
            .filter { $0.subject == .cursor }
        if deletions.cursor == nil {
            for placeholder in cursors {
                collector.error(
                    "cursor_missing", at: placeholder.place, path: index.path(of: placeholder),
                    "`${cursor}` has no value: `deletes` has no `cursor`",
                    hint: "add `cursor: { from: .deleted_at }` to `deletes`")
            }
        } else if cursors.isEmpty {
            collector.warning(
                "cursor_unused", at: index.place("streams", stream.name.text, "deletes"),
                path: "streams.\(stream.name.text).deletes.cursor",
                "the cursor is never sent, so each poll reads all deletes",
                hint: #"send it, as in query: { since: "${cursor}" }"#)
        }
    }

    private func checkTarget(_ request: RequestSpec) {
        guard case .path(let path) = request.target, !hasBaseURL else { return }
        collector.error(
            "base_url_missing", at: path.place, path: index.path(of: path.place),
            "`path` is appended to `base_url`, which the adapter has not",
            hint: "write `base_url` at the top, or a whole `url` here")
    }

    private func checkPages(_ request: RequestSpec, _ pages: PagesSpec) {
        for placeholder in request.templates.flatMap(\.placeholders) {
            guard case .page(let value) = placeholder.subject, !pages.gives(value) else { continue }
            collector.error(
                "page_value_missing", at: placeholder.place, path: index.path(of: placeholder),
                "`${page.\(value.rawValue)}` has no value: `pages` here does not give it",
                hint: "each list of requests has its own `pages`")
        }
    }
}
