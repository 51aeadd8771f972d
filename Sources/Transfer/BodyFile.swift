import Glibc

/// The body of an answer that is too large for memory: a file without a name, which is gone when
/// nobody uses it any more, however the process ends.
package final class BodyFile: Sendable {
    /// Bytes of the body, decoded.
    package let count: Int
    private let descriptor: CInt

    /// Takes over the descriptor.
    init(descriptor: CInt, count: Int) {
        self.descriptor = descriptor
        self.count = count
    }

    deinit { close(descriptor) }

    /// Up to so many bytes from an offset on; fewer only where the body ends.
    ///
    /// - Throws: ``TransferError`` with `spool` if the file cannot be read.
    package func bytes(at offset: Int, count wanted: Int) throws(TransferError) -> [UInt8] {
        let size = max(0, min(wanted, count - offset))
        var failure: CInt = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            while filled < size {
                let read = unsafe pread(
                    descriptor, buffer.baseAddress.map { unsafe $0 + filled }, size - filled,
                    off_t(offset + filled))
                if read > 0 {
                    filled += read
                } else if read == 0 || errno != EINTR {
                    failure = read == 0 ? EIO : errno
                    return
                }
            }
        }
        guard failure == 0 else {
            throw TransferError(
                code: .spool, url: "", phase: .body, mayHaveBeenSent: true,
                message: "the file that holds the body cannot be read: "
                    + BodySpool.reason(of: failure))
        }
        return bytes
    }
}

/// Takes in the body of an answer, and becomes its file.
///
/// It lives on the thread of the engine. The kernel keeps what is written in memory as long as it
/// has room, and writes it out by itself.
final class BodySpool {
    private(set) var count = 0
    private var descriptor: CInt

    /// Takes over the descriptor of an empty file.
    init(descriptor: CInt) { self.descriptor = descriptor }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Makes a file without a name in a folder; the failure is an `errno`.
    static func make(in folder: String) -> Result<BodySpool, Failure> {
        var path = Array("\(folder)/pullcord-body-XXXXXX".utf8CString)
        let descriptor = unsafe path.withUnsafeMutableBufferPointer { buffer -> CInt in
            guard let start = buffer.baseAddress else { return -1 }
            let made = unsafe mkstemp(start)
            guard made >= 0 else { return made }
            _ = fcntl(made, F_SETFD, FD_CLOEXEC)
            unsafe unlink(start)
            return made
        }
        guard descriptor >= 0 else { return .failure(Failure(number: errno)) }
        return .success(BodySpool(descriptor: descriptor))
    }

    /// Writes bytes behind those before; the failure is an `errno`.
    func append(_ bytes: some Collection<UInt8>) -> Failure? {
        let written = bytes.withContiguousStorageIfAvailable { unsafe write($0) }
        guard let written else {
            return unsafe Array(bytes).withUnsafeBufferPointer { unsafe write($0) }
        }
        return written
    }

    /// Hands the file over; this object is spent.
    func file() -> BodyFile {
        defer { descriptor = -1 }
        return BodyFile(descriptor: descriptor, count: count)
    }

    @unsafe private func write(_ buffer: UnsafeBufferPointer<UInt8>) -> Failure? {
        var done = 0
        while done < buffer.count {
            let written = unsafe Glibc.write(
                descriptor, buffer.baseAddress.map { unsafe $0 + done }, buffer.count - done)
            if written > 0 {
                done += written
            } else if written == 0 || errno != EINTR {
                return Failure(number: written == 0 ? ENOSPC : errno)
            }
        }
        count += done
        return nil
    }

    /// Why a file could not be made or written.
    struct Failure: Error, Sendable, Equatable {
        /// As `errno` has it.
        let number: CInt
    }

    static func reason(of number: CInt) -> String {
        unsafe String(cString: strerror(number))
    }
}
