package import PullcordCommit
package import PullcordModel

/// One, or a page, of what there may be thousands of.
extension SQLiteStore {
    package func sources(_ query: SourceQuery) async throws(StoreError) -> [SourceSummary] {
        try await read("sources", questionReader) { database throws(Failure) in
            try StreamTable.sources(query, database)
        }
    }

    package func subscriptions(
        _ query: SubscriptionQuery
    ) async throws(StoreError) -> [SubscriptionSummary] {
        try await read("subscriptions", questionReader) { database throws(Failure) in
            try ReadQueries.subscriptions(query, database)
        }
    }

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
