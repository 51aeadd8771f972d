import GRDB
import PullcordCommit
import PullcordModel

/// The rows of `subscription`: numbers for names, and which are stopped.
enum SubscriptionTable {
    static func register(
        _ registrations: [SubscriptionRegistration], _ database: Database
    ) throws(Failure) -> [SubscriptionID] {
        let insertion = try PreparedStatement(
            """
            INSERT INTO subscription (name, ordering, is_numbered) VALUES (?1, ?2, ?3)
            ON CONFLICT (name) DO UPDATE
                SET ordering = ?2, is_numbered = ?3, in_file = 1
            """, database)
        try PreparedStatement("UPDATE subscription SET in_file = 0 WHERE in_file = 1", database)
            .run()
        let selection = try PreparedStatement(
            "SELECT id FROM subscription WHERE name = ?1", database)
        var ids: [SubscriptionID] = []
        for registration in registrations {
            let name = registration.name
            try insertion.bind(1, text: name.text)
            try insertion.bind(2, Codes.number(registration.order))
            try insertion.bind(3, registration.isNumbered ? 1 : 0)
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
