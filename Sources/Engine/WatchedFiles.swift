import Glibc
package import Logging
import PullcordCommit
package import PullcordConfig
package import PullcordModel
import Synchronization

/// The files that a configuration was read from, and whether one of them has changed since.
///
/// Looking costs a system call a file. A file that was not there counts too: it may come.
package final class WatchedFiles: Sendable {
    private struct Stamp: Equatable {
        var device: UInt64
        var node: UInt64
        var size: Int64
        var seconds: Int64
        var nanoseconds: Int64
    }

    private struct State {
        /// As they were when they were read; nil for one that was not there.
        var read: [String: Stamp?] = [:]
        /// As they were at the last look, if one had changed by then.
        var seen: [String: Stamp?]?
    }

    private let state = Mutex(State())

    package init() {}

    /// Takes that what was read is not in force: the next look finds it new.
    func unread() {
        state.withLock { state in
            for path in state.read.keys { state.read.updateValue(nil, forKey: path) }
        }
    }

    /// The same files with a memory of what is read, which begins anew.
    package func beginning(over files: FileAccess) -> FileAccess {
        state.withLock { $0 = State() }
        var watched = files
        watched.read = { path in
            // The look comes first: a change between the two is noticed then.
            let stamp = Self.stamp(of: path)
            _ = self.state.withLock { $0.read.updateValue(stamp, forKey: path) }
            return files.read(path)
        }
        return watched
    }

    /// The files that were read, sorted.
    package var paths: [String] { state.withLock { $0.read.keys.sorted() } }

    /// Whether a file has changed and been left alone since the last look: an editor may write in
    /// several steps.
    package func haveSettled() -> Bool {
        let paths = state.withLock { Array($0.read.keys) }
        let now = Dictionary(uniqueKeysWithValues: paths.map { ($0, Self.stamp(of: $0)) })
        return state.withLock { state in
            guard now != state.read else {
                state.seen = nil
                return false
            }
            defer { state.seen = now }
            return state.seen == now
        }
    }

    private static func stamp(of path: String) -> Stamp? {
        var found = stat()
        guard unsafe stat(path, &found) == 0 else { return nil }
        return Stamp(
            device: UInt64(found.st_dev), node: UInt64(found.st_ino), size: Int64(found.st_size),
            seconds: Int64(found.st_mtim.tv_sec), nanoseconds: Int64(found.st_mtim.tv_nsec))
    }
}

extension Keeper {
    /// Reloads when the files of the configuration have changed, within three seconds.
    package static func files(
        _ files: WatchedFiles, of runtime: Runtime, time: any TimeSource, log: Logger
    ) -> Keeper {
        Keeper("files", time: time, log: log) {
            guard files.haveSettled() else { return .seconds(1) }
            do {
                try await runtime.reload()
            } catch is Problem {
                // The log has told of it; the next change is another chance.
            } catch let error as StoreError {
                files.unread()
                throw error
            }
            return .seconds(1)
        }
    }
}
