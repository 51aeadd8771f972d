package import PullcordCommit
package import PullcordModel

extension SQLiteStore {
    package func decide(
        _ decision: QuarantineDecision, for stream: StreamAddress, at time: Timestamp
    ) async throws(StoreError) -> Bool {
        try await committer.write("decide") { database throws(Failure) in
            try QuarantineTable.decide(decision, for: stream, at: time, database)
        }
    }

    package func quarantines() async throws(StoreError) -> [Quarantine] {
        try await read("quarantines", questionReader, QuarantineTable.all)
    }

    package func quarantine(of stream: StreamID) async throws(StoreError) -> Quarantine? {
        try await read("quarantine", workReader) { database throws(Failure) in
            try QuarantineTable.one(of: stream, database)
        }
    }

    package func scansMissed(
        _ keys: [RecordKey], of stream: StreamID
    ) async throws(StoreError) -> [Int] {
        try await read("scansMissed", workReader) { database throws(Failure) in
            try MissingTable.scans(of: keys, stream, database)
        }
    }
}

extension SQLiteReader {
    package func quarantines() async throws(StoreError) -> [Quarantine] {
        try await read("quarantines", QuarantineTable.all)
    }

    package func quarantine(of stream: StreamID) async throws(StoreError) -> Quarantine? {
        try await read("quarantine") { database throws(Failure) in
            try QuarantineTable.one(of: stream, database)
        }
    }

    package func scansMissed(
        _ keys: [RecordKey], of stream: StreamID
    ) async throws(StoreError) -> [Int] {
        try await read("scansMissed") { database throws(Failure) in
            try MissingTable.scans(of: keys, stream, database)
        }
    }
}
