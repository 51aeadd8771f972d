import PullcordModel

/// What the reader looks for in a page, compiled once and used for every page.
///
/// ``scan(_:)`` validates the whole page (RFC 8259), finds the records, takes fields out of
/// them and fingerprints each, all in one pass.
package struct ScanPlan: Sendable {
    /// Which parts of a record its fingerprint covers.
    package enum Mask: Sendable, Hashable {
        case all
        case ignoring([JSONPath])
        case only([JSONPath])
    }

    /// nil for a plan that only takes page fields.
    package let records: JSONPath?
    package let recordFields: [JSONPath]
    package let pageFields: [JSONPath]
    package let mask: Mask
    package let unordered: [JSONPath]
    package let normal: [Normalization]
    package let bounds: Bounds
    let trie: ScanTrie

    /// The bounds that a scan checks: those of ``Limits``, or lower ones.
    package struct Bounds: Sendable, Equatable {
        package let depth: Int
        package let bytes: Int
        package let records: Int

        package init(
            depth: Int = Limits.depthMax, bytes: Int = Limits.pageBytesMax,
            records: Int = Limits.recordsPerPageMax
        ) {
            self.depth = min(depth, Limits.depthMax)
            self.bytes = min(bytes, Limits.pageBytesMax)
            self.records = min(records, Limits.recordsPerPageMax)
        }
    }

    /// Compiles a plan.
    ///
    /// - Parameters:
    ///   - records: Where the records are; a trailing `[]` and `// []` are heeded.
    ///   - recordFields: What to take out of each record, by slot; each names one value.
    ///   - pageFields: What to take out of the page, by slot; each names one value.
    ///   - mask: What of a record counts.
    ///   - unordered: Arrays of a record that are compared as sets with repetition.
    ///   - normal: Strings of a record that are compared by what they stand for.
    ///   - bounds: What a page may be at most.
    package init(
        records: JSONPath, recordFields: [JSONPath] = [], pageFields: [JSONPath] = [],
        mask: Mask = .all, unordered: [JSONPath] = [], normal: [Normalization] = [],
        bounds: Bounds = Bounds()
    ) {
        precondition(
            (recordFields + pageFields).allSatisfy(\.isSingle), "a captured path names one value")
        self.records = records
        self.recordFields = recordFields
        self.pageFields = pageFields
        self.mask = mask
        self.unordered = unordered
        self.normal = normal
        self.bounds = bounds
        trie = ScanTrie(
            records: records, recordFields: recordFields, pageFields: pageFields, mask: mask,
            unordered: unordered, normal: normal)
    }

    /// A plan without records: it validates the page and takes fields of it.
    package init(pageFields: [JSONPath], bounds: Bounds = Bounds()) {
        precondition(pageFields.allSatisfy(\.isSingle), "a captured path names one value")
        records = nil
        recordFields = []
        self.pageFields = pageFields
        mask = .all
        unordered = []
        normal = []
        self.bounds = bounds
        trie = ScanTrie(
            records: nil, recordFields: [], pageFields: pageFields, mask: .all, unordered: [])
    }

    /// Only validates.
    package static let validation = ScanPlan(pageFields: [])
    /// Takes the whole value as its one page field.
    package static let whole = ScanPlan(pageFields: [.root])

    /// Reads one page.
    ///
    /// - Throws: ``JSONError`` for anything that is not strictly JSON and for missing records.
    package func scan(_ bytes: consuming [UInt8]) throws(JSONError) -> PageScan {
        guard bytes.count <= bounds.bytes else {
            throw JSONError(ScanStop(code: .tooLarge, offset: bounds.bytes), in: bytes)
        }
        let outcome = unsafe bytes.withUnsafeBytes { buffer -> Result<ScanResult, ScanStop> in
            guard let page = unsafe PageBytes(buffer) else {
                return .failure(ScanStop(code: .empty, offset: 0))
            }
            var scanner = Scanner(page: page, trie: trie, bounds: bounds)
            do throws(ScanStop) {
                try scanner.scan()
                return .success(scanner.result)
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .failure(let stop): throw JSONError(stop, in: bytes)
        case .success(let result):
            if let records, !result.isRecordsFound {
                let finding = RecordsMissing.look(for: records, in: bytes)
                if case .error(let error) = finding { throw error }
            }
            return PageScan(bytes: bytes, result: result)
        }
    }
}

/// What one scan found, before it is given out as ``PageScan``.
struct ScanResult {
    /// A place in the page; `end` 0 means absent.
    struct Slot: Sendable {
        var start: UInt32 = 0
        var end: UInt32 = 0
    }

    var places: [Slot] = []
    var fingerprints: [Fingerprint] = []
    var recordSlots: [Slot] = []
    var pageSlots: [Slot]
    var isRecordsFound = false
}
