import PullcordCommit
import PullcordJSON
package import PullcordModel

/// Puts the records of a page below a parent.
extension Page {
    /// The page with each key behind the parent's, and a member more in each record.
    ///
    /// `prefix` is the beginning of a JSON array of key parts, with its last comma. `member` has a
    /// name and a JSON value; nil adds none.
    ///
    /// - Throws: ``DetectError`` if a key becomes too long, a record is no object that could have
    ///   the member, or has one of that name already.
    package func below(
        prefix: [UInt8], hasPlainKeys: Bool, member: (name: String, value: [UInt8])?
    ) throws(DetectError) -> Page {
        var placed = KeyList()
        placed.reserveCapacity(count, bytes: keys.bytes.count + count * (prefix.count + 3))
        for index in 0..<count {
            var text = prefix
            let own = keys.bytes[keys.range(index)]
            if hasPlainKeys {
                JSONText.append(own, to: &text)
                text.append(0x5D)
            } else {
                text.append(contentsOf: own.dropFirst())
            }
            guard text.count <= Limits.keyBytesMax else {
                throw DetectError(
                    code: .keyTooLong, place: "record \(index + 1)",
                    message: "the key has \(text.count) bytes with its parent's; "
                        + "\(Limits.keyBytesMax) are allowed",
                    hint: "choose a field that holds an id")
            }
            placed.append(text)
        }
        var addition: [UInt8] = []
        if let member {
            try checkRoom(for: member.name)
            JSONText.append(Array(member.name.utf8), to: &addition)
            addition.append(0x3A)
            addition.append(contentsOf: member.value)
        }
        return with(keys: placed, addition: addition)
    }

    /// The page of one record's details, with the key of its summary.
    ///
    /// - Throws: ``DetectError`` if there are several records.
    package func detail(of key: RecordKey) throws(DetectError) -> Page {
        guard total <= 1 else {
            throw DetectError(
                code: .keyMissing, place: "record 2",
                message: "the details of one record hold \(total) records",
                hint: "`detail.records` names the one record in the answer")
        }
        return with(keys: KeyList(repeatElement(key, count: count)), addition: [])
    }

    private func with(keys: KeyList, addition: [UInt8]) -> Page {
        Page(
            bytes: bytes, total: total, duplicates: duplicates, keys: keys, cursors: cursors,
            otherCursors: otherCursors, pageTexts: pageTexts, lastTexts: lastTexts, scan: scan,
            chosen: chosen, addition: addition, tombstones: tombstones, positions: positions,
            moments: moments, repeated: repeated)
    }

    private func checkRoom(for name: String) throws(DetectError) {
        let plan = ScanPlan(pageFields: [JSONPath(steps: [.key(name)])])
        for index in 0..<count {
            let range = range(index)
            guard bytes[range.lowerBound] == 0x7B else {
                throw DetectError(
                    code: .keyMissing, place: "record \(index + 1)",
                    message: "the record is no object, so it cannot have a member `\(name)`",
                    hint: "leave `include` out, or make objects of them by `records`")
            }
            guard let scan = try? plan.scan(record(index)), scan.pageField(0) != nil else {
                continue
            }
            throw DetectError(
                code: .keyMissing, place: "record \(index + 1)",
                message: "the record has a member `\(name)` of its own",
                hint: "give the parent's fields another name by `as`")
        }
    }
}
