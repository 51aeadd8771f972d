import CSpawn
import Foundation
import Glibc

/// Processes that a run has started and that have left its group, as daemons do (setsid(2)).
///
/// They are known by a variable of the run that they have inherited, as proc(5) shows it; one that
/// has thrown its environment away is not found.
struct Fugitives {
    /// How often is looked anew, for what was started meanwhile.
    private static let roundsMax = 4
    /// Bytes of an environment that are looked at.
    private static let environmentMax = 1 << 20

    /// As in `NAME=value`; no other run has it.
    let variable: String

    /// Kills all that there are.
    func kill() {
        for _ in 0..<Self.roundsMax {
            guard killOnce() > 0 else { return }
        }
    }

    private func killOnce() -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let own = getpid()
        return names.compactMap { pid_t($0) }.count { process in
            guard process > 1, process != own else { return false }
            // Opened before the look, so that it is still the same process that is killed.
            let handle = Descriptor(pullcord_pidfd(process))
            guard handle.number >= 0, isMarked(process) else { return false }
            return pullcord_pidfd_kill(handle.number) == 0
        }
    }

    private func isMarked(_ process: pid_t) -> Bool {
        // Those of other users cannot be read, and are not ours.
        let file = Descriptor(unsafe open("/proc/\(process)/environ", O_RDONLY | O_CLOEXEC))
        guard file.number >= 0 else { return false }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count < Self.environmentMax {
            let count = unsafe read(file.number, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return bytes.split(separator: 0).contains { $0.elementsEqual(variable.utf8) }
    }
}
