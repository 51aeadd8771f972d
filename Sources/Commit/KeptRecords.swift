package import PullcordModel

/// Which records of a stream the store keeps whole.
package enum KeptRecords: Int64, Sendable, CaseIterable {
    case none = 0
    /// Some: it was switched on, and not every record has been read since.
    case some = 1
    /// Every record that was read since, but those over ``Limits/recordBytesKept``.
    case all = 2
}

/// What a batch does to the records that are kept whole.
package struct KeptUpdate: Sendable, Equatable {
    /// A record as it is from now on; nil bytes where it is kept no longer.
    package struct Record: Sendable, Equatable {
        package let ordinal: Int64
        package let version: Int64
        package let bytes: [UInt8]?

        package init(ordinal: Int64, version: Int64, bytes: [UInt8]?) {
            self.ordinal = ordinal
            self.version = version
            self.bytes = bytes
        }
    }

    package var records: [Record]
    /// Whether every record is there from now on that an API gave.
    package var isComplete: Bool
    /// How many are to be dropped, because none are to be kept; nil to drop none.
    package var dropLimit: Int?

    package init(records: [Record] = [], isComplete: Bool = false, dropLimit: Int? = nil) {
        self.records = records
        self.isComplete = isComplete
        self.dropLimit = dropLimit
    }

    /// Nothing is kept, and nothing was.
    package static let nothing = KeptUpdate()
}

/// Where an event came from.
package struct EventProvenance: Sendable, Equatable {
    /// nil for an event that an older Pullcord committed.
    package let page: PageOrigin?
    /// The record's fingerprint before the change; nil if it was not there.
    package let before: Fingerprint?

    package init(page: PageOrigin?, before: Fingerprint?) {
        self.page = page
        self.before = before
    }
}
