import Glibc
import PullcordCommit
import PullcordModel
import PullcordSQLiteStore
import PullcordStoreConformance

/// A folder of its own for one test, removed with the last reference.
final class TemporaryStore: StorePlace {
    let folder: String
    let path: String

    init() throws {
        let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? P_tmpdir
        var template = Array("\(parent)/pullcord-store-XXXXXX".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map {
                unsafe String(cString: $0)
            }
        }
        guard let made else { throw SystemFailure(number: errno) }
        folder = made
        path = made + "/store.db"
    }

    deinit {
        guard let directory = unsafe opendir(folder) else { return }
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) {
                unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { unsafe unlink("\(folder)/\(name)") }
        }
        unsafe closedir(directory)
        unsafe rmdir(folder)
    }

    struct SystemFailure: Error {
        let number: Int32
    }

    static let now = Timestamp(milliseconds: 1_700_000_000_000)

    func open() async throws -> any Store & StoreReader { try store() }

    func store() throws(StoreError) -> SQLiteStore {
        try SQLiteStore.open(path: path, now: Self.now)
    }

    /// Opens the store in the expectation that it is refused.
    func refusal() async -> StoreError? {
        do throws(StoreError) {
            await (try store()).close()
            return nil
        } catch {
            return error
        }
    }

    /// Writes a file of these bytes beside the store, or in its place.
    func write(_ bytes: [UInt8], to path: String) {
        let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        _ = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
        }
        close(descriptor)
    }

    func status(_ suffix: String = "") -> (mode: UInt32, size: Int)? {
        var status = stat()
        guard unsafe stat(path + suffix, &status) == 0 else { return nil }
        return (status.st_mode & 0o777, Int(status.st_size))
    }
}

let orders = StreamAddress(source: SourceName("shop"), stream: StreamName("orders"))

/// Records `range` of a stream; the keys ascend with the numbers and have ten bytes.
func records(_ range: Range<Int>) -> [(key: RecordKey, state: KnownRecord)] {
    range.map {
        (
            key: RecordKey(String(1_000_000_000 + $0)),
            state: KnownRecord(
                ordinal: Int64($0), version: 1,
                fingerprint: Fingerprint(high: UInt64($0), low: ~UInt64($0)))
        )
    }
}

extension TemporaryStore {
    /// Removes the file of the store, or one beside it.
    func remove(_ suffix: String) { unsafe unlink(path + suffix) }
}
