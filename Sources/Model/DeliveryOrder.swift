/// In which order a subscription gets its deliveries.
package enum DeliveryOrder: String, Sendable, CaseIterable {
    /// The changes of one record one after the other; records do not wait for each other.
    case perRecord = "per_record"
    /// Everything one after the other.
    case fifo
    /// Nothing waits for anything.
    case none
    /// As ``perRecord``, but what has not been sent when the record changes again is left out.
    case latest
}
