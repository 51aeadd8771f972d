import GRDB
import PullcordCommit
import PullcordModel

/// The rows of `subscription`: numbers for names, and which are stopped.
enum SubscriptionTable {
    static func register(
        _ names: [SubscriptionName], _ database: Database
    ) throws(Failure) -> [SubscriptionID] {
        let insertion = try PreparedStatement(
            "INSERT INTO subscription (name) VALUES (?1) ON CONFLICT DO NOTHING", database)
        let selection = try PreparedStatement(
            "SELECT id FROM subscription WHERE name = ?1", database)
        var ids: [SubscriptionID] = []
        for name in names {
            try insertion.bind(1, text: name.text)
            try insertion.run()
            try selection.bind(1, text: name.text)
            guard let id = try selection.first({ SubscriptionID($0.integer(0)) }) else {
                throw Failure(.fault, "subscription \(name) was not registered")
            }
            ids.append(id)
        }
        return ids
    }

    static func setHealth(
        _ text: String?, for subscription: SubscriptionID, _ database: Database
    ) throws(Failure) {
        let update = try PreparedStatement(
            "UPDATE subscription SET health = ?2 WHERE id = ?1", database)
        try update.bind(1, subscription.number)
        try update.bind(2, text: text)
        try update.run()
        guard update.changes == 1 else {
            throw Failure(.fault, "subscription \(subscription.number) is not registered")
        }
    }

    static func setDisabled(
        _ reason: String?, for subscription: SubscriptionID, at time: Timestamp,
        _ database: Database
    ) throws(Failure) {
        let update = try PreparedStatement(
            """
            UPDATE subscription SET disabled_reason = ?2,
                disabled_at = CASE WHEN ?2 IS NULL THEN NULL ELSE ?3 END
            WHERE id = ?1
            """, database)
        try update.bind(1, subscription.number)
        try update.bind(2, text: reason)
        try update.bind(3, time)
        try update.run()
        guard update.changes == 1 else {
            throw Failure(.fault, "subscription \(subscription.number) is not registered")
        }
    }
}
