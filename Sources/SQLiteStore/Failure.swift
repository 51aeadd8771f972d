import GRDB
import PullcordCommit
import PullcordModel

/// What went wrong inside the database, before it is known which operation suffered from it.
struct Failure: Error, Sendable {
    let code: StoreError.Code
    let message: String
    var hint = ""

    init(_ code: StoreError.Code, _ message: String, hint: String = "") {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// Reads a result code of SQLite, extended or not (https://sqlite.org/rescode.html).
    init(result: Int32, message: String) {
        let text = "\(message) (SQLite result \(result))"
        switch result & 0xFF {
        case 13:
            let room = Limits.probeBytes >> 20
            self.init(.full, text, hint: "free some space on this disk, \(room) MB at least")
        case 10: self.init(.io, text, hint: "look at the disk and at the kernel's log")
        case 11: self.init(.corrupt, text, hint: "restore the file from a backup")
        case 26:
            self.init(.corrupt, text, hint: "the file is no database: name another file")
        case 5, 6:
            self.init(.busy, text, hint: "another program holds a transaction open: end it")
        case 3, 8, 14, 23:
            self.init(.io, text, hint: "the file and its folder must be writable for this user")
        default: self.init(.fault, text)
        }
    }

    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as DatabaseError:
            self.init(
                result: error.extendedResultCode.rawValue, message: error.message ?? "unknown")
        default: self.init(.fault, String(describing: error))
        }
    }

    static let closed = Failure(.closed, "the store has been closed")

    /// Whether nothing may be written any more.
    ///
    /// After a failed write or sync nobody knows what the disk holds: the kernel may have
    /// dropped the pages and will report the next sync as a success
    /// (https://wiki.postgresql.org/wiki/Fsync_Errors).
    var isFinal: Bool {
        switch code {
        case .io, .corrupt, .fenced, .closed: true
        case .owned, .newerSchema, .full, .busy, .fault: false
        }
    }

    func during(_ operation: String, of path: String) -> StoreError {
        StoreError(code: code, operation: operation, path: path, message: message, hint: hint)
    }
}
