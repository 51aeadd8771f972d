import Foundation
import Glibc

/// A folder for one run, for this user alone, which goes with all that is in it.
final class PrivateFolder: Sendable {
    private static let prefix = "pullcord-run-"

    let path: String

    /// Makes one in another folder; its name tells whose it is.
    init(in folder: String) throws(ProgramFailure) {
        var name = Array("\(folder)/\(Self.prefix)\(getpid())-XXXXXX".utf8CString)
        let made = unsafe name.withUnsafeMutableBufferPointer { buffer -> String? in
            guard let start = buffer.baseAddress, unsafe mkdtemp(start) != nil else { return nil }
            return unsafe String(cString: start)
        }
        guard let made else {
            throw ProgramFailure(
                "no folder for the run could be made in \(folder): \(ChildGroup.words(errno))",
                hint: "TMPDIR names another place")
        }
        path = made
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file that only this user can read; returns its path.
    func write(_ bytes: [UInt8], to name: String) throws(ProgramFailure) -> String {
        let file = "\(path)/\(name)"
        let isWritten = FileManager.default.createFile(
            atPath: file, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
        guard isWritten else {
            throw ProgramFailure("\(file) cannot be written", hint: "is the disk full?")
        }
        return file
    }

    /// Up to so many bytes of a file that the program may have written; nil without one.
    func read(_ name: String, limit: Int) throws(ProgramFailure) -> [UInt8]? {
        guard let handle = FileHandle(forReadingAtPath: "\(path)/\(name)") else { return nil }
        defer { try? handle.close() }
        let bytes = (try? handle.read(upToCount: limit + 1)) ?? Data()
        guard bytes.count <= limit else {
            throw ProgramFailure("its cursor has more than \(limit) bytes")
        }
        return Array(bytes)
    }

    /// Takes away what processes have left behind that were killed.
    static func sweep(_ folder: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasPrefix(prefix) {
            let owner = name.dropFirst(prefix.count).prefix { $0 != "-" }
            guard let process = pid_t(owner), process > 0, kill(process, 0) != 0,
                errno == ESRCH
            else { continue }
            try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }
}
