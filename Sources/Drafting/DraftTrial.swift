package import PullcordModel

/// An error that `pullcord check` finds in a draft.
package struct DraftComplaint: Sendable, Equatable {
    /// The keys that lead there: `streams.issues.pages.link`.
    package let keyPath: String
    package let message: String

    package init(keyPath: String, message: String) {
        self.keyPath = keyPath
        self.message = message
    }
}

extension AdapterDraft {
    /// Leaves out whatever `check` refuses, and what nothing uses then, until nothing is refused.
    ///
    /// A stream with an error goes as a whole: one that pages wrongly would tell of false
    /// deletes. Nil of the draft's streams may be left; the caller must look.
    ///
    /// - Parameters:
    ///   - origin: the place that stands for what has none of its own.
    ///   - check: every error in a file's text.
    /// - Returns: what was left out.
    package mutating func settle(
        from origin: Place, check: (String) -> [DraftComplaint]
    ) -> [Leftover] {
        var leftovers: [Leftover] = []
        // Each round leaves something out, so it ends.
        for _ in 0...(streams.count + entries.count + 1) {
            dropUnusedParameters()
            let complaints = streams.isEmpty ? [] : check(text)
            guard !complaints.isEmpty else { break }
            let found = leaveOut(complaints, origin)
            guard !found.isEmpty else {
                leftovers += streams.map {
                    Leftover(
                        at: $0.origin ?? origin, "stream \($0.name)",
                        "\(complaints[0].keyPath): \(complaints[0].message)")
                }
                streams = []
                break
            }
            leftovers += found
        }
        return leftovers
    }

    private mutating func leaveOut(_ complaints: [DraftComplaint], _ origin: Place) -> [Leftover] {
        var leftovers: [Leftover] = []
        for complaint in complaints {
            let path = complaint.keyPath.split(separator: ".").map(String.init)
            guard let first = path.first else { continue }
            if first == "streams", path.count > 1 {
                guard let index = streams.firstIndex(where: { $0.name == path[1] }) else {
                    continue
                }
                leftovers.append(
                    Leftover(
                        at: streams[index].origin ?? origin, "stream \(path[1])",
                        "`\(complaint.keyPath)` would be refused: \(complaint.message)",
                        remedy: "write the stream by hand"))
                streams.remove(at: index)
            } else if let index = entries.firstIndex(where: { $0.key == first }),
                first != "base_url", first != "params"
            {
                leftovers.append(
                    Leftover(
                        at: origin, first,
                        "`\(complaint.keyPath)` would be refused: \(complaint.message)",
                        remedy: "write `\(first)` by hand"))
                entries.remove(at: index)
            }
        }
        return leftovers
    }

    /// Parameters that nothing names any more.
    package mutating func dropUnusedParameters() {
        guard let index = entries.firstIndex(where: { $0.key == "params" }),
            case .map(let parameters) = entries[index].value
        else { return }
        var rest = self
        rest.entries.remove(at: index)
        let text = rest.text
        entries[index].value = .map(
            parameters.filter { parameter in
                ["}", " "].contains { text.contains("${params.\(parameter.key)\($0)") }
                    || text.contains("${params.\(parameter.key)|")
            })
    }
}
