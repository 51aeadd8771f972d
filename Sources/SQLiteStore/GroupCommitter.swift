import GRDB
import PullcordCommit
package import PullcordModel
import Synchronization

/// Lets writes that wait at the same time share one transaction and one sync.
///
/// While one transaction is being synced, the writes that arrive are gathered; the next
/// transaction takes them all. A write that fails is left out and fails alone.
final class GroupCommitter: Sendable {
    /// Rows of one transaction: beyond it, waiting for the others costs more than the shared sync
    /// saves.
    static let rowsPerTransaction = 4000
    /// Writes that may wait; the callers above are few hundred, so more is a mistake of ours.
    static let waitingMax = 65_536

    private let connection: Connection
    private let guardian: Guardian
    private let path: String
    private let syncWatch: SyncWatch?
    private let state = Mutex(State())

    init(
        _ connection: Connection, _ guardian: Guardian, path: String, syncWatch: SyncWatch? = nil
    ) {
        self.syncWatch = syncWatch
        self.connection = connection
        self.guardian = guardian
        self.path = path
    }

    private struct State {
        var waiting: [Request] = []
        var isDraining = false
        /// Why nothing is written any more.
        var refusal: Failure?
    }

    private struct Request: Sendable {
        let operation: String
        let rows: Int
        /// Writes, and returns what to do once that is on disk.
        let write: @Sendable (Database) throws(Failure) -> (@Sendable () -> Void)
        let fail: @Sendable (Failure) -> Void
        /// Undoes what `write` did outside the database, after a transaction was rolled back.
        let undo: @Sendable () -> Void
    }

    /// Runs `body` in a transaction and returns once it is on disk.
    ///
    /// `body` may run twice: a transaction is repeated without the write that failed in it.
    func write<Value: Sendable>(
        _ operation: String, rows: Int = 1, undo: @escaping @Sendable () -> Void = {},
        _ body: @escaping @Sendable (Database) throws(Failure) -> Value
    ) async throws(StoreError) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            enqueue(
                Request(
                    operation: operation, rows: rows,
                    write: { database throws(Failure) in
                        let value = try body(database)
                        return { continuation.resume(returning: .success(value)) }
                    },
                    fail: { continuation.resume(returning: .failure($0)) }, undo: undo))
        }
        switch result {
        case .success(let value): return value
        case .failure(let failure): throw failure.during(operation, of: path)
        }
    }

    /// Refuses every later write; those that wait are still written.
    func refuse(_ failure: Failure) {
        state.withLock { if $0.refusal == nil { $0.refusal = failure } }
    }

    /// Why nothing is written or read any more; nil while all is well.
    var refusal: Failure? { state.withLock { $0.refusal } }

    private func enqueue(_ request: Request) {
        let (refusal, starts) = state.withLock { state -> (Failure?, Bool) in
            if let refusal = state.refusal { return (refusal, false) }
            guard state.waiting.count < Self.waitingMax else {
                return (Failure(.busy, "\(Self.waitingMax) writes are waiting already"), false)
            }
            state.waiting.append(request)
            let starts = !state.isDraining
            state.isDraining = true
            return (nil, starts)
        }
        if let refusal { return request.fail(refusal) }
        if starts { connection.start { self.drain($0) } }
    }

    /// Runs on the writer's queue until nothing waits.
    private func drain(_ database: Database) {
        while true {
            let requests = state.withLock { state -> [Request] in
                let count = Self.share(of: state.waiting)
                let requests = Array(state.waiting.prefix(count))
                state.waiting.removeFirst(count)
                if requests.isEmpty { state.isDraining = false }
                return requests
            }
            guard !requests.isEmpty else { return }
            transact(requests, database)
            guardian.boundLog(database)
        }
    }

    /// How many of the waiting fit into one transaction, at least one.
    private static func share(of waiting: [Request]) -> Int {
        var rows = 0
        for (index, request) in waiting.enumerated() {
            rows = rows &+ max(1, request.rows)
            if rows > rowsPerTransaction, index > 0 { return index }
        }
        return waiting.count
    }

    private func transact(_ requests: [Request], _ database: Database) {
        var done: [@Sendable () -> Void] = []
        do throws(Failure) {
            // After a failed sync nothing may be reported as written.
            if let refusal, refusal.code != .closed { throw refusal }
            try PreparedStatement("BEGIN IMMEDIATE", database).run()
            try guardian.check(database)
            for request in requests { done.append(try request.write(database)) }
            let start = syncWatch?.time.monotonic()
            try PreparedStatement("COMMIT", database).run()
            if let syncWatch, let start { syncWatch.synced(syncWatch.time.monotonic() - start) }
        } catch {
            // A statement that failed may have ended the transaction already.
            try? PreparedStatement("ROLLBACK", database).run()
            for request in requests { request.undo() }
            if error.isFinal { refuse(error.atRest) }
            guard requests.count > 1, !error.isFinal else {
                for request in requests { request.fail(error) }
                return
            }
            for request in requests { transact([request], database) }
            return
        }
        for action in done { action() }
    }
}

extension Failure {
    /// What later calls are told.
    fileprivate var atRest: Failure {
        guard code == .io || code == .corrupt else { return self }
        return Failure(
            code, "the store stopped after: \(message)",
            hint: hint.isEmpty ? "restart Pullcord" : "\(hint), then restart Pullcord")
    }
}

/// Hears how long it takes to make transactions durable.
package struct SyncWatch: Sendable {
    package let time: any TimeSource
    package let synced: @Sendable (Duration) -> Void

    package init(time: any TimeSource, synced: @escaping @Sendable (Duration) -> Void) {
        self.time = time
        self.synced = synced
    }
}
