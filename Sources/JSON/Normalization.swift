/// A string of a record that is compared by what it stands for, not by how it is written.
package struct Normalization: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        /// `"1.50"`, `"1.5"` and `1.5` are equal.
        case number
        /// Times of RFC 3339 are equal that are the same moment.
        case time
    }

    package let path: JSONPath
    package let kind: Kind

    package init(_ path: JSONPath, _ kind: Kind) {
        self.path = path
        self.kind = kind
    }
}

extension PageBytes {
    /// What a value means that is compared in its normal form.
    ///
    /// Whatever is not of the kind means what it always does.
    @inline(never)
    func normal(
        _ step: Scanner.Step, at start: Int, _ flags: ScanTrie.Flags
    ) -> Scanner.Step {
        guard self[start] == 0x22, step.end &- start > 2 else { return step }
        let inside = start &+ 1..<step.end &- 1
        if flags.contains(.number), let number = try? number(at: inside.lowerBound),
            number.end == inside.upperBound
        {
            return Scanner.Step(end: step.end, meaning: number.meaning)
        }
        // No time is longer, and a long text is not worth a copy.
        if flags.contains(.time), inside.count <= 64,
            let moment = Moment(String(decoding: inside.map { self[$0] }, as: UTF8.self))
        {
            return Scanner.Step(end: step.end, meaning: .text(moment.text.utf8, seed: .string))
        }
        return step
    }
}
