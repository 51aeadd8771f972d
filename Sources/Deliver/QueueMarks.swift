import PullcordJSON
package import PullcordModel
package import PullcordTransfer

/// What a delivery says of its place in the queue, so that a receiver can see for itself what it
/// has missed.
package enum QueueMarks {
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
    package static func members(of delivery: Delivery) -> String {
        guard let sequence = delivery.sequence else { return "" }
        let previous = delivery.previous.map { JSONText.quoted($0.text) } ?? "null"
        return ",\"sequence\":\(sequence),\"previous_id\":\(previous)"
    }
}
