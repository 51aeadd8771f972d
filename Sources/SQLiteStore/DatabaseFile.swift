import Glibc
import PullcordCommit

/// The file of a store, by its real path and by its identity on the disk.
struct DatabaseFile: Sendable {
    /// Without symbolic links, so that two names of one store meet at one lock.
    let path: String

    /// Names a file that is there or may be made; the folder must be there.
    init(_ path: String) throws(Failure) {
        var status = stat()
        if unsafe stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT != S_IFDIR else {
                throw Failure(systemError: EISDIR, path)
            }
            self.path = try Self.real(path)
            return
        }
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { String(path[...$0]) } ?? "."
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        let real = try Self.real(folder)
        self.path = real == "/" ? "/\(name)" : "\(real)/\(name)"
    }

    /// Names a file that must be there already.
    init(existing path: String) throws(Failure) {
        self.path = try Self.real(path)
    }

    /// Makes an empty file, readable for its owner only, if there is none, and refuses one that
    /// is no database.
    ///
    /// To be called by the owner only, and before SQLite opens the file: closing it later would
    /// drop SQLite's own locks (https://sqlite.org/howtocorrupt.html, section 2.2).
    func prepare() throws(Failure) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Failure(systemError: errno, path) }
        defer { Glibc.close(descriptor) }
        // SQLite would take a file of a few bytes for an empty one.
        let expected = Array("SQLite format 3\0".utf8)
        var header = [UInt8](repeating: 0, count: expected.count)
        let count = unsafe header.withUnsafeMutableBytes {
            unsafe pread(descriptor, $0.baseAddress, $0.count, 0)
        }
        guard count >= 0 else { throw Failure(systemError: errno, path) }
        guard count == 0 || header == expected else {
            throw Failure(
                .corrupt, "the file is no database", hint: "name another file for the store")
        }
    }

    private static func real(_ path: String) throws(Failure) -> String {
        guard let real = unsafe realpath(path, nil) else {
            throw Failure(systemError: errno, path)
        }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    /// Which file stands at the path now; nil if there is none.
    func identity() -> Identity? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return Identity(device: UInt64(status.st_dev), node: UInt64(status.st_ino))
    }

    /// Bytes of the write-ahead log; 0 if there is none.
    func logSize() -> Int {
        var status = stat()
        guard unsafe stat(path + "-wal", &status) == 0 else { return 0 }
        return Int(status.st_size)
    }

    struct Identity: Sendable, Equatable {
        let device: UInt64
        let node: UInt64
    }
}
