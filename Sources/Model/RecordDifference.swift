/// What an event tells of the record before it, in a stream with `keep: record`.
///
/// It is found once, when the change is, so that the event always gives the same bytes.
package struct RecordDifference: Sendable, Equatable {
    /// The record's bytes before the change.
    package let previous: [UInt8]
    /// A JSON array of JSON Pointers (RFC 6901): what differs of what means something; nil for
    /// `deleted`.
    package let changed: [UInt8]?
    /// A JSON Patch (RFC 6902) that makes the new record of the old one; nil for `deleted`.
    package let patch: [UInt8]?

    package init(previous: [UInt8], changed: [UInt8]? = nil, patch: [UInt8]? = nil) {
        self.previous = previous
        self.changed = changed
        self.patch = patch
    }
}
