package import PullcordJQ
package import PullcordJSON
package import PullcordModel

/// How the records of a stream are found in a page and told apart.
package struct DetectPlan: Sendable {
    /// Where a record's cursor value is and how it is written.
    package struct Cursor: Sendable {
        package let value: Expression
        package let format: CursorFormat

        package init(_ value: Expression, format: CursorFormat) {
            self.value = value
            self.format = format
        }
    }

    /// Where the records are; parsed in the role ``Expression/Role/records``.
    package let records: Expression
    /// Which records count; nil for all.
    package let when: Expression?
    /// What tells records apart: 1 to 8 parts.
    package let key: [Expression]
    package let cursor: Cursor?
    /// Cursors beside the first, of each of which a page's greatest value is wanted.
    package let otherCursors: [Cursor]
    package let mask: ScanPlan.Mask
    package let unordered: [JSONPath]
    package let normal: [Normalization]
    /// Makes the record of what the API sent; nil leaves it as it is.
    package let transform: Expression?
    /// Which records are deleted; nil for none.
    package let tombstone: Expression?
    /// When the record of a line was deleted, in the cursor's format; nil where no line says it.
    package let moment: Expression?
    /// What the pages need of the answer, such as a token or a URL.
    package let pageFields: [Expression]
    /// What the pages need of the page's last record, whether it counts or not.
    package let lastFields: [Expression]

    /// Whether reading a page depends on its bytes alone: a program may ask for the time, the
    /// environment or a random number.
    package var dependsOnBytesAlone: Bool {
        let all =
            [records] + [when, transform, tombstone, moment].compactMap { $0 } + key
            + [cursor?.value].compactMap { $0 }
            + pageFields + lastFields + otherCursors.map(\.value)
        return all.allSatisfy { expression in
            expression.path != nil
                || !["now", "env", "ENV", "input", "rand", "local"].contains {
                    expression.text.contains($0)
                }
        }
    }

    package init(
        records: Expression, when: Expression? = nil, key: [Expression], cursor: Cursor? = nil,
        mask: ScanPlan.Mask = .all, unordered: [JSONPath] = [], normal: [Normalization] = [],
        transform: Expression? = nil, tombstone: Expression? = nil, moment: Expression? = nil,
        pageFields: [Expression] = [], lastFields: [Expression] = [], otherCursors: [Cursor] = []
    ) {
        precondition((1...Limits.keyPartsMax).contains(key.count), "a key has 1 to 8 parts")
        self.records = records
        self.when = when
        self.key = key
        self.cursor = cursor
        self.otherCursors = otherCursors
        self.mask = mask
        self.unordered = unordered
        self.normal = normal
        self.transform = transform
        self.tombstone = tombstone
        self.moment = moment
        self.pageFields = pageFields
        self.lastFields = lastFields
    }
}
