import PullcordCommit
import PullcordModel
import PullcordZstd

/// The large parts of a batch as they go into the file.
struct PackedBatch: Sendable {
    /// One for each of the batch's kept records; nil for one that is kept no longer.
    let kept: [[UInt8]?]
    /// One for each of the batch's events.
    let differences: [PackedDifference?]

    init(_ batch: CommitBatch) {
        guard !batch.kept.records.isEmpty || batch.events.contains(where: \.isDifferent) else {
            kept = []
            differences = batch.events.map { _ in nil }
            return
        }
        let packer = Packer()
        kept = batch.kept.records.map { $0.bytes.map { packer.pack($0) } }
        differences = batch.events.map { outgoing in
            outgoing.event.difference.map { PackedDifference($0, packer) }
        }
    }
}

/// The columns of an event that tell what was before.
struct PackedDifference: Sendable {
    let previous: [UInt8]
    let changed: [UInt8]?
    let patch: [UInt8]?

    init(_ difference: RecordDifference, _ packer: borrowing Packer) {
        previous = packer.pack(difference.previous)
        changed = difference.changed.map { packer.pack($0) }
        patch = difference.patch.map { packer.pack($0) }
    }

    /// nil without a record before.
    init?(previous: [UInt8]?, changed: [UInt8]?, patch: [UInt8]?) {
        guard let previous else { return nil }
        self.previous = previous
        self.changed = changed
        self.patch = patch
    }

    /// What a patch or a list of paths may have at most: more than any that is written.
    private static let bytesMax = 4 * Limits.recordBytesKept

    func unpacked() throws(Failure) -> RecordDifference {
        let unpacker = Unpacker()
        return RecordDifference(
            previous: try unpacker.bytes(previous, limit: Self.bytesMax),
            changed: try changed.map { bytes throws(Failure) in
                try unpacker.bytes(bytes, limit: Self.bytesMax)
            },
            patch: try patch.map { bytes throws(Failure) in
                try unpacker.bytes(bytes, limit: Self.bytesMax)
            })
    }
}

extension Unpacker {
    /// As ``unpack(_:limit:)``, in the words of a store.
    borrowing func bytes(_ packed: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
        do throws(ZstdError) {
            return try unpack(packed, limit: limit)
        } catch {
            throw Failure(.corrupt, error.message, hint: error.hint)
        }
    }
}

extension OutgoingEvent {
    fileprivate var isDifferent: Bool { event.difference != nil }
}
