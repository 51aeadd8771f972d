import GRDB
import PullcordCommit
import Synchronization

/// Watches, before every transaction, that the store is still ours and, after it, that its log
/// stays small.
final class Guardian: Sendable {
    /// Bytes of the log above which writing waits for readers, so that it can start afresh.
    static let logBytesMax = 64 << 20

    private let file: DatabaseFile
    private let identity: DatabaseFile.Identity?
    private let generation: Int64
    private let nextBound = Mutex(Guardian.logBytesMax)

    init(_ file: DatabaseFile, generation: Int64) {
        self.file = file
        self.generation = generation
        identity = file.identity()
    }

    /// Throws ``Failure`` with `fenced` if the store has another owner, with `io` if its file
    /// was deleted or replaced: what is written into it then is lost.
    func check(_ database: Database) throws(Failure) {
        guard let identity, file.identity() == identity else {
            throw Failure(
                .io, "the file was deleted or replaced while it was open",
                hint: "put the file back, if you can")
        }
        let sql = "SELECT generation FROM owner"
        let found = try PreparedStatement(sql, database).first { $0.integer(0) }
        guard found == generation else {
            throw Failure(
                .fenced, "another process has taken the store over",
                hint: "run one Pullcord for each store, and leave its lock file alone")
        }
    }

    /// Starts the log afresh once it is too long.
    ///
    /// SQLite copies the log into the file by itself, but starts it afresh only at a moment
    /// without readers; where readers never pause, somebody has to wait for them.
    func boundLog(_ database: Database) {
        let size = file.logSize()
        guard size > nextBound.withLock({ $0 }) else { return }
        // A reader that stays long makes this fail; the next attempt comes a quarter later. All
        // writers wait meanwhile, so it must not take long.
        _ = try? PreparedStatement("PRAGMA busy_timeout = 200", database).first { _ in () }
        try? truncateLog(database)
        _ = try? PreparedStatement("PRAGMA busy_timeout = 5000", database).first { _ in () }
        let rest = file.logSize()
        nextBound.withLock {
            $0 = max(Self.logBytesMax, rest + Self.logBytesMax / 4)
        }
    }

    /// Copies the log into the file and empties it (https://sqlite.org/pragma.html).
    func truncateLog(_ database: Database) throws(Failure) {
        _ = try PreparedStatement("PRAGMA wal_checkpoint(TRUNCATE)", database).first { _ in () }
    }
}
