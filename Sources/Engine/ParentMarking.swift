import PullcordCommit
import PullcordDetect
import PullcordJQ
import PullcordJSON
import PullcordModel

/// Writes down records as parents of the streams below, with the changes that they come from.
struct ParentMarking {
    let children: [FanOut.Child]
    /// The rules that what is written down is brought up to by this poll; nil if it is up to date.
    let filling: Fingerprint?
    /// Whether every record was there before anything was known.
    let isFirst: Bool
    /// The fields of the records' own parent; nil where there is none.
    let above: [UInt8]?

    /// What the changes of a page mean for the streams below.
    func marks(of found: PageChanges) -> [ParentMark] {
        guard !children.isEmpty else { return [] }
        return found.changes.flatMap { change in
            children.map { child in
                let isWanted = change.record.map { self.isWanted($0, child) } ?? true
                return ParentMark(
                    child: child.id, key: change.key,
                    news: change.kind == .deleted ? .gone : isWanted ? .changed : .unwanted,
                    fields: change.record.map { fields(of: $0, child, isWanted) } ?? [],
                    isFirst: isFirst || (filling != nil && change.kind != .created))
            }
        }
    }

    /// The records of a page that have not changed, while everything is written down anew.
    func fill(from page: Page, known: [KnownRecord?]) -> [ParentMark] {
        guard filling != nil else { return [] }
        return (0..<page.count).flatMap { index in
            guard known[index]?.fingerprint == page.fingerprint(index), !page.isTombstone(index)
            else {
                return [] as [ParentMark]
            }
            let record = page.record(index)
            return children.map { child in
                let isWanted = self.isWanted(record, child)
                return ParentMark(
                    child: child.id, key: page.keys.key(index),
                    news: isWanted ? .same : .unwanted,
                    fields: fields(of: record, child, isWanted), isFirst: true)
            }
        }
    }

    /// Whether a record is asked for; one that nobody can tell of is, so that nothing is missed.
    private func isWanted(_ record: [UInt8], _ child: FanOut.Child) -> Bool {
        guard let condition = child.condition else { return true }
        return (try? condition.isTrue(in: record)) ?? true
    }

    /// A field that cannot be read is absent, as one that is null.
    private func fields(
        of record: [UInt8], _ child: FanOut.Child, _ isWanted: Bool
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        if !isWanted {
            writer.key("?")
            writer.raw(Array("false".utf8))
        }
        for field in child.fields {
            guard let value = (try? field.value.value(in: record)) ?? nil else { continue }
            writer.key(field.name)
            writer.raw(value)
        }
        for field in child.inherited {
            guard let above, let value = ParentFields(above).raw(field.from) else { continue }
            writer.key(field.name)
            writer.raw(value)
        }
        writer.endObject()
        return writer.bytes
    }
}

/// The fields of a parent as they are written down: a JSON object.
struct ParentFields {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// A field as JSON; nil if it is absent.
    func raw(_ name: String) -> [UInt8]? { (try? expression(name).value(in: bytes)) ?? nil }

    /// A field as text; nil if it is absent or null.
    func text(_ name: String) -> String? {
        (try? expression(name).valueText(in: bytes)) ?? nil
    }

    private func expression(_ name: String) -> Expression {
        .path(JSONPath(steps: [.key(name)]))
    }
}
