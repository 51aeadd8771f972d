import ArgumentParser
import Foundation
import Glibc
import PullcordCommit
import PullcordModel
import PullcordSQLiteStore

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the store into a new file, beside a running daemon or without one.",
        discussion: """
            The copy is the store as it is at one moment, and is opened and checked before it \
            gets its name. To restore: stop the daemon, put the copy in the place of the store, \
            remove the files beside it that end in -wal and -shm, and start the daemon. Events \
            since the backup are found again and keep their ids.
            """)

    @Argument(help: "The new file.", completion: .file())
    var file: String

    @Flag(help: "Replace a file that is there.")
    var force = false

    @OptionGroup var options: ConfigOption

    func run() async throws {
        try await explaining {
            let path = try options.storePath()
            guard force || !FileManager.default.fileExists(atPath: file) else {
                throw Problem(
                    code: "file_exists", message: "the file is there already", place: file,
                    hint: "name another one, or give --force")
            }
            guard !Self.isSame(path, file) else {
                throw Problem(
                    code: "backup_onto_store", message: "this is the store itself", place: file,
                    hint: "name another file")
            }
            let part = file + ".part"
            try prepare(part)
            do {
                try await SQLiteReader.open(path: path).copy(to: part)
                let damage = try await SQLiteReader.open(path: part).damage()
                guard damage.isEmpty else {
                    throw Problem(
                        code: "backup_damaged", message: damage.joined(separator: "; "),
                        place: part, hint: "pullcord doctor checks the store itself")
                }
                try settle(part)
            } catch {
                discard(part, with: ["", "-wal", "-shm"])
                throw error
            }
            let bytes =
                (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0
            StandardOutput.writeLine("\(file): \(Shown.bytes(bytes)), checked")
        }
    }

    /// Whether two paths lead to one file.
    private static func isSame(_ left: String, _ right: String) -> Bool {
        var (one, other) = (stat(), stat())
        guard unsafe stat(left, &one) == 0, unsafe stat(right, &other) == 0 else { return false }
        return one.st_dev == other.st_dev && one.st_ino == other.st_ino
    }

    /// Makes an empty file for the owner alone: records may be confidential.
    private func prepare(_ part: String) throws {
        discard(part, with: [""])
        let descriptor = unsafe open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw refusal(part) }
        close(descriptor)
    }

    /// Gives the file its name when all of it is on the disk.
    private func settle(_ part: String) throws {
        discard(part, with: ["-wal", "-shm"])
        let descriptor = unsafe open(part, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw refusal(part) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0, unsafe rename(part, file) == 0 else { throw refusal(part) }
    }

    private func discard(_ part: String, with endings: [String]) {
        for ending in endings { _ = unsafe unlink(part + ending) }
    }

    private func refusal(_ path: String) -> Problem {
        let words = unsafe String(cString: strerror(errno))
        return Problem(code: "file_unwritable", message: words, place: path)
    }
}
