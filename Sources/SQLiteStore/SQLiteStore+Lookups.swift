package import PullcordCommit
package import PullcordModel

/// One of what there may be thousands of.
extension SQLiteStore {
    package func streams(of source: SourceName) async throws(StoreError) -> [StreamState] {
        try await read("streams", questionReader) { database throws(Failure) in
            try StreamTable.all(of: source, database)
        }
    }

    package func subscription(
        _ name: SubscriptionName
    ) async throws(StoreError) -> SubscriptionSummary? {
        try await read("subscription", questionReader) { database throws(Failure) in
            try ReadQueries.subscription(name, database)
        }
    }

    package func subscription(
        _ id: SubscriptionID
    ) async throws(StoreError) -> SubscriptionSummary? {
        try await read("subscription", questionReader) { database throws(Failure) in
            try ReadQueries.subscription(id, database)
        }
    }
}
