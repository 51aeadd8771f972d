import Crypto
import PullcordModel

/// Gives each event, and each batch, a trace of its own.
///
/// The trace is the event's id in other digits, so that one leads to the other; the parent is a
/// hash of the delivery and the number of the attempt.
enum EventTrace {
    /// `id` is that of the event or of the batch.
    static func context(of id: EventID, _ delivery: Delivery, attempt: Int) -> TraceContext? {
        let trace = id.bytes ?? Array(hash("pullcord trace 1", [id.text]).prefix(16))
        let parent = hash(
            "pullcord attempt 1",
            [id.text, "\(delivery.subscription.number)", "\(delivery.id)", "\(attempt)"])
        return TraceContext(trace: trace, parent: Array(parent.prefix(8)))
    }

    private static func hash(_ scheme: String, _ fields: [String]) -> [UInt8] {
        var hash = SHA256()
        // None of the fields can hold a line feed.
        hash.update(data: Array(([scheme] + fields).joined(separator: "\n").utf8))
        return Array(hash.finalize())
    }
}
