import Glibc
import PullcordCommit
import PullcordModel

/// The lock that makes one process the owner of a store, held until it is closed or the process
/// ends in whatever way (flock(2)).
///
/// The file stays when the lock is given up: whoever deleted it could delete the next owner's.
final class OwnerLock: Sendable {
    private let descriptor: Int32

    /// Throws ``Failure`` with `owned` and the owner's words if another process holds the lock.
    init(path: String, now: Timestamp) throws(Failure) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Failure(systemError: errno, path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let error = errno
            let owner = Self.read(descriptor)
            Glibc.close(descriptor)
            guard error == EWOULDBLOCK else { throw Failure(systemError: error, path) }
            throw Failure(
                .owned, "owned by \(owner.isEmpty ? "another process" : owner)",
                hint: "stop that process first, or name another store")
        }
        self.descriptor = descriptor
        let text = Array("process \(getpid()) since \(now)".utf8)
        // The words are for people; the lock holds without them.
        guard ftruncate(descriptor, 0) == 0 else { return }
        _ = unsafe text.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    deinit {
        // Closing alone would leave the lock to a child that was forked and has not yet executed
        // its program.
        flock(descriptor, LOCK_UN)
        Glibc.close(descriptor)
    }

    /// The words of the process that holds the lock; nil if nobody does.
    ///
    /// It takes the lock for a moment where it is free, shared with others who ask.
    static func owner(path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { Glibc.close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else {
            flock(descriptor, LOCK_UN)
            return nil
        }
        guard errno == EWOULDBLOCK else { return nil }
        let words = read(descriptor)
        return words.isEmpty ? "another process" : words
    }

    private static func read(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe pread(descriptor, $0.baseAddress, $0.count, 0)
        }
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}

extension Failure {
    /// An error number of the operating system, with the path that it concerns.
    init(systemError number: Int32, _ path: String) {
        let words = unsafe String(cString: strerror(number))
        let hint =
            switch number {
            case ENOENT, ENOTDIR: "make the folder first"
            case EACCES, EPERM, EROFS: "the file and its folder must be writable for this user"
            case EISDIR: "name a file, not a folder"
            case ELOOP: "the lock file must not be a symbolic link"
            default: ""
            }
        self.init(number == ENOSPC ? .full : .io, "\(path): \(words)", hint: hint)
    }
}
