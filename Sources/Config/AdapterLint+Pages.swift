import PullcordAdapter
import PullcordModel

/// What is risky about how a list is read.
extension AdapterLint {
    func checkReading(_ stream: StreamSpec) {
        checkTies(stream)
        checkDescending(stream)
        checkPageSize(stream)
        checkFilteredRecords(stream)
        checkWindow(stream)
    }

    private func items(of stream: StreamSpec) -> [NamedTemplate] {
        stream.request.query + spec.query
    }

    private func path(_ stream: StreamSpec) -> String { "streams.\(stream.name.text)" }

    /// Pages that go on behind a time, which several records may share.
    private func checkTies(_ stream: StreamSpec) {
        guard case .keyset(let from, then: nil, _) = stream.pages.scheme,
            !stream.key.contains(where: { $0.text == from.text })
        else { return }
        let cursor = stream.cursor.flatMap { $0.from?.text == from.text ? $0 : nil }
        guard cursor?.format.isTime ?? Self.isTimeLike(from.text) else { return }
        collector.warning(
            "cursor_ties", at: from.place, path: path(stream) + ".pages.keyset", found: from.text,
            "records with one time may stand on two pages, and nothing orders them",
            hint: "name a second field if the API can go on behind both, as in "
                + "keyset: { from: \(from.text), then: .id }")
    }

    /// Whether the last word of a path names a time.
    private static func isTimeLike(_ path: String) -> Bool {
        let words = path.lowercased().split { !$0.isLetter && !$0.isNumber }
        guard let last = words.last else { return false }
        return last == "at"
            || ["date", "time", "timestamp", "modified", "updated", "created", "changed"]
                .contains { last.hasSuffix($0) }
    }

    /// An order that contradicts `ascending`.
    private func checkDescending(_ stream: StreamSpec) {
        guard let cursor = stream.cursor, cursor.isAscending else { return }
        for item in items(of: stream) {
            let name = item.name.lowercased()
            guard ["sort", "order", "direction"].contains(where: name.contains),
                let text = item.value.literalText?.lowercased()
            else { continue }
            let last = text.split { !$0.isLetter }.last
            guard text.hasPrefix("-") || last == "desc" || last == "descending" else { continue }
            collector.warning(
                "cursor_descending", at: item.value.place,
                path: index.enclosingPath(of: item.value.place), found: text,
                "`ascending: true` needs the oldest change first, and this asks for the newest",
                hint: "ask for the other order, or leave `ascending` out")
        }
    }

    /// A request for smaller pages than the one that counts as full.
    private func checkPageSize(_ stream: StreamSpec) {
        guard stream.pages.stops.contains(.short), let size = stream.pages.size else { return }
        for item in items(of: stream) where Self.bounds.contains(item.name.lowercased()) {
            guard let text = item.value.literalText, let asked = Int(text), asked > 0, asked < size
            else { continue }
            collector.warning(
                "page_size_differs", at: item.value.place,
                path: index.enclosingPath(of: item.value.place), found: text,
                "with `stop: short` and `size: \(size)` a page of \(asked) is always the last",
                hint: "write \"${page.size}\" here")
        }
    }

    /// A list from which records are taken before anybody counts them.
    private func checkFilteredRecords(_ stream: StreamSpec) {
        let counts =
            switch stream.pages.scheme {
            case .number, .offset, .keyset: true
            case .single, .link, .nextURL, .token, .merged, .range:
                !stream.pages.stops.isDisjoint(with: [.empty, .short])
            }
        guard counts, Self.chooses(stream.records.text) else { return }
        collector.warning(
            "records_filtered", at: stream.records.place, path: path(stream) + ".records",
            found: stream.records.text,
            "records are left out before they are counted, and the count says where the list ends",
            hint: "take the whole list here, and choose by `when`")
    }

    private static func chooses(_ program: String) -> Bool {
        let words = program.split { !$0.isLetter && $0 != "_" }
        return words.contains("select")
    }

    /// A list of what lies within a time that goes by.
    private func checkWindow(_ stream: StreamSpec) {
        guard stream.detect == .snapshot, stream.belief.confirmation == nil, stream.parent == nil
        else { return }
        let stamps: Set<String> = ["timestamp", "ts", "nonce", "_", "t"]
        var templates = items(of: stream)
            .filter { !stamps.contains($0.name.lowercased()) }.map(\.value)
        switch stream.request.target {
        case .path(let path), .url(let path): templates.append(path)
        }
        let found = templates.flatMap(\.placeholders).first { $0.subject == .pollStarted }
        guard let found else { return }
        collector.warning(
            "list_window", at: found.place, path: index.path(of: found),
            "the list depends on when the poll starts: what falls out of it would be taken for "
                + "deleted",
            hint: "use a `cursor`, or `detect: feed` if items only ever come")
    }
}
