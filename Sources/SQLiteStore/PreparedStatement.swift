import GRDB
import GRDBSQLite
import PullcordCommit
import PullcordModel

/// One prepared statement of a connection: the only place that calls SQLite's C interface.
///
/// GRDB compiles and keeps the statement; binding, stepping and reading go straight to SQLite,
/// because they happen several times for every record of every poll. It must be used on the
/// connection's own queue only, and not while another use of the same text is under way.
@safe
struct PreparedStatement {
    /// Keeps the handle alive.
    private let statement: Statement
    private let handle: OpaquePointer
    private let connection: OpaquePointer

    init(_ sql: String, _ database: Database) throws(Failure) {
        guard let connection = unsafe database.sqliteConnection else { throw .closed }
        do {
            statement = try database.cachedStatement(sql: sql)
        } catch {
            throw Failure(error)
        }
        unsafe self.connection = connection
        unsafe handle = statement.sqliteStatement
    }

    // MARK: Binding; the first place is 1

    func bind(_ place: Int32, _ value: Int64?) throws(Failure) {
        guard let value else { return try check(unsafe sqlite3_bind_null(handle, place)) }
        try check(unsafe sqlite3_bind_int64(handle, place, value))
    }

    func bind(_ place: Int32, _ value: Int) throws(Failure) { try bind(place, Int64(value)) }

    func bind(_ place: Int32, _ value: Timestamp?) throws(Failure) {
        try bind(place, value?.milliseconds)
    }

    func bind(_ place: Int32, text: String?) throws(Failure) {
        guard var text else { return try check(unsafe sqlite3_bind_null(handle, place)) }
        let result = text.withUTF8 { unsafe bindText(place, $0) }
        try check(result)
    }

    /// Binds a part of `bytes` as text, as it stands.
    func bind(_ place: Int32, text bytes: [UInt8], _ range: Range<Int>) throws(Failure) {
        let result = unsafe bytes.withUnsafeBufferPointer {
            unsafe bindText(place, UnsafeBufferPointer(rebasing: $0[range]))
        }
        try check(result)
    }

    func bind(_ place: Int32, bytes: [UInt8]?) throws(Failure) {
        guard let bytes else { return try check(unsafe sqlite3_bind_null(handle, place)) }
        let result = unsafe bytes.withUnsafeBytes {
            // A null pointer would be NULL, and not a blob of no bytes.
            unsafe $0.isEmpty
                ? sqlite3_bind_zeroblob(handle, place, 0)
                : sqlite3_bind_blob64(
                    handle, place, $0.baseAddress, UInt64($0.count), transientBytes)
        }
        try check(result)
    }

    func bind(_ place: Int32, _ fingerprint: Fingerprint?) throws(Failure) {
        guard let fingerprint else {
            return try check(unsafe sqlite3_bind_null(handle, place))
        }
        let words = (fingerprint.high.bigEndian, fingerprint.low.bigEndian)
        let result = unsafe withUnsafeBytes(of: words) {
            unsafe sqlite3_bind_blob64(
                handle, place, $0.baseAddress, UInt64($0.count), transientBytes)
        }
        try check(result)
    }

    private func bindText(_ place: Int32, _ text: UnsafeBufferPointer<UInt8>) -> Int32 {
        unsafe text.withMemoryRebound(to: CChar.self) {
            unsafe $0.isEmpty
                ? sqlite3_bind_text(handle, place, "", 0, nil)
                : sqlite3_bind_text64(
                    handle, place, $0.baseAddress, UInt64($0.count), transientBytes,
                    UInt8(SQLITE_UTF8))
        }
    }

    // MARK: Stepping

    /// Goes to the next row; false after the last one.
    func step() throws(Failure) -> Bool {
        switch unsafe sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let result:
            let failure = self.failure(result)
            reset()
            throw failure
        }
    }

    /// Makes the statement ready for the next use; what is bound stays bound.
    func reset() {
        // The result repeats the error of the last step, which was thrown there.
        _ = unsafe sqlite3_reset(handle)
    }

    /// Runs a statement that has no rows to read.
    func run() throws(Failure) {
        _ = try step()
        reset()
    }

    /// Reads the first row, if there is one, and resets.
    func first<Value>(
        _ read: (PreparedStatement) throws(Failure) -> Value
    ) throws(Failure) -> Value? {
        defer { reset() }
        return try step() ? try read(self) : nil
    }

    /// Reads every row and resets.
    func all<Value>(
        _ read: (PreparedStatement) throws(Failure) -> Value
    ) throws(Failure) -> [Value] {
        defer { reset() }
        var values: [Value] = []
        while try step() { values.append(try read(self)) }
        return values
    }

    /// How many rows the last INSERT, UPDATE or DELETE of this connection changed.
    var changes: Int { unsafe Int(sqlite3_changes64(connection)) }

    var lastInsertedRow: Int64 { unsafe sqlite3_last_insert_rowid(connection) }

    // MARK: Reading the current row; the first column is 0

    func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

    func optionalInteger(_ column: Int32) -> Int64? {
        isNull(column) ? nil : integer(column)
    }

    func text(_ column: Int32) -> String {
        unsafe String(decoding: buffer(column), as: UTF8.self)
    }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    func bytes(_ column: Int32) -> [UInt8]? {
        guard !isNull(column) else { return nil }
        return unsafe Array(buffer(column))
    }

    /// Reads 16 bytes; nil for NULL.
    func fingerprint(_ column: Int32) throws(Failure) -> Fingerprint? {
        guard !isNull(column) else { return nil }
        let buffer = unsafe UnsafeRawBufferPointer(self.buffer(column))
        guard buffer.count == 16 else {
            throw Failure(.corrupt, "a fingerprint does not have 16 bytes")
        }
        let high = unsafe buffer.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
        let low = unsafe buffer.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        return Fingerprint(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
    }

    /// Orders the bytes of a column and a part of `other`: negative, zero or positive.
    func compare(_ column: Int32, with other: [UInt8], _ range: Range<Int>) -> Int {
        let mine = unsafe buffer(column)
        return unsafe other.withUnsafeBufferPointer {
            let theirs = unsafe UnsafeBufferPointer(rebasing: $0[range])
            return unsafe ByteOrder.compare(mine, theirs)
        }
    }

    /// Valid until the next step.
    private func buffer(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
        let start = unsafe sqlite3_column_blob(handle, column)
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        return unsafe UnsafeBufferPointer(
            start: start?.assumingMemoryBound(to: UInt8.self), count: start == nil ? 0 : count)
    }

    // MARK: Errors

    private func check(_ result: Int32) throws(Failure) {
        guard result != SQLITE_OK else { return }
        throw failure(result)
    }

    private func failure(_ result: Int32) -> Failure {
        unsafe Failure(result: result, message: String(cString: sqlite3_errmsg(connection)))
    }
}

/// Tells SQLite to copy what is bound (https://sqlite.org/c3ref/c_static.html).
private var transientBytes: sqlite3_destructor_type? {
    unsafe unsafeBitCast(OpaquePointer(bitPattern: -1), to: sqlite3_destructor_type?.self)
}
