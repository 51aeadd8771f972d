import PullcordJSON
package import PullcordModel
package import PullcordTransfer

/// What a delivery says of its place in the queue, so that a receiver can see for itself what it
/// has missed.
package enum QueueMarks {
    /// What stands in the headers of a batch: all of it belongs to the same replay, or to none.
    package static func headers(ofBatch deliveries: [Delivery]) -> [HTTPField] {
        guard let replay = deliveries.first?.replay else { return [] }
        return [HTTPField("pullcord-replay", replay.description)]
    }

    /// `pullcord-sequence` and `pullcord-previous` where the subscription has numbers,
    /// `pullcord-gap` after a dead letter, `pullcord-replay` in a replay.
    package static func headers(of delivery: Delivery) -> [HTTPField] {
        let marks: [(String, String?)] = [
            ("pullcord-sequence", delivery.sequence.map { String($0) }),
            ("pullcord-previous", delivery.previous?.text),
            ("pullcord-gap", delivery.gap?.text),
            ("pullcord-replay", delivery.replay?.description),
        ]
        return marks.compactMap { name, value in value.map { HTTPField(name, $0) } }
    }

    /// `sequence` and `previous_id` as members of `data`, each behind a comma; empty where there
    /// are no numbers.
    ///
    /// In a batch, which has one `webhook-id` and one set of headers for all, they come behind the
    /// event's `id` and before the `gap`.
    package static func members(of delivery: Delivery, inBatch: Bool) -> String {
        guard inBatch else { return members(of: delivery) }
        let gap = delivery.gap.map { ",\"gap\":\(JSONText.quoted($0.text))" } ?? ""
        return ",\"id\":\(JSONText.quoted(delivery.event.id.text))\(members(of: delivery))\(gap)"
    }

    package static func members(of delivery: Delivery) -> String {
        guard let sequence = delivery.sequence else { return "" }
        let previous = delivery.previous.map { JSONText.quoted($0.text) } ?? "null"
        return ",\"sequence\":\(sequence),\"previous_id\":\(previous)"
    }
}
