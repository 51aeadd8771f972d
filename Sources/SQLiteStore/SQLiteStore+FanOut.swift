package import PullcordCommit
package import PullcordModel

extension SQLiteStore {
    package func adopters() async throws(StoreError) -> [StreamID] {
        try await read("adopters", workReader, ParentTable.adopters)
    }

    package func adoption(of stream: StreamID) async throws -> Fingerprint? {
        try await read("adoption", detectReader(for: stream)) { database throws(Failure) in
            try ParentTable.adoption(of: stream, database)
        }
    }

    package func dueParents(
        of stream: StreamID, before time: Timestamp, after last: ParentState?, limit: Int
    ) async throws(StoreError) -> [ParentState] {
        try await read("dueParents", detectReader(for: stream)) { database throws(Failure) in
            try ParentTable.due(of: stream, before: time, after: last, limit: limit, database)
        }
    }

    package func readParents(
        of stream: StreamID, after last: RecordKey?, limit: Int
    ) async throws(StoreError) -> [ParentState] {
        try await read("readParents", detectReader(for: stream)) { database throws(Failure) in
            try ParentTable.read(of: stream, after: last, limit: limit, database)
        }
    }

    package func unseen(
        of stream: StreamID, within span: KeySpan, seen: SeenSet, after: RecordKey?, limit: Int
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)] {
        try await RecordTable.unseen(after: after, limit: limit) {
            start, rest async throws(StoreError) in
            try await read("unseen", detectReader(for: stream)) { database throws(Failure) in
                try ParentTable.unseen(
                    of: stream, within: span, seen: seen, after: start, limit: rest, database)
            }
        }
    }

    package func countLive(of stream: StreamID, within span: KeySpan) async throws -> Int {
        try await read("countLive", detectReader(for: stream)) { database throws(Failure) in
            try ParentTable.countLive(of: stream, within: span, database)
        }
    }
}

extension SQLiteReader {
    package func adoption(of stream: StreamID) async throws -> Fingerprint? {
        try await read("adoption") { database throws(Failure) in
            try ParentTable.adoption(of: stream, database)
        }
    }

    package func dueParents(
        of stream: StreamID, before time: Timestamp, after last: ParentState?, limit: Int
    ) async throws(StoreError) -> [ParentState] {
        try await read("dueParents") { database throws(Failure) in
            try ParentTable.due(of: stream, before: time, after: last, limit: limit, database)
        }
    }

    package func readParents(
        of stream: StreamID, after last: RecordKey?, limit: Int
    ) async throws(StoreError) -> [ParentState] {
        try await read("readParents") { database throws(Failure) in
            try ParentTable.read(of: stream, after: last, limit: limit, database)
        }
    }

    package func unseen(
        of stream: StreamID, within span: KeySpan, seen: SeenSet, after: RecordKey?, limit: Int
    ) async throws(StoreError) -> [(key: RecordKey, state: KnownRecord)] {
        try await RecordTable.unseen(after: after, limit: limit) {
            start, rest async throws(StoreError) in
            try await read("unseen") { database throws(Failure) in
                try ParentTable.unseen(
                    of: stream, within: span, seen: seen, after: start, limit: rest, database)
            }
        }
    }

    package func countLive(of stream: StreamID, within span: KeySpan) async throws -> Int {
        try await read("countLive") { database throws(Failure) in
            try ParentTable.countLive(of: stream, within: span, database)
        }
    }
}
