import Foundation
import Glibc
import PullcordEngine
import PullcordModel

/// What `/proc` and the file system say; see proc(5).
extension HostFigures {
    /// `started` is when the process began: a hardened unit sees nothing of `/proc` but processes,
    /// and so not when the machine did.
    static func read(store path: String, started: Timestamp? = nil) -> HostFigures {
        var figures = HostFigures()
        figures.started = started.map { Double($0.milliseconds) / 1000 }
        figures.readProcess()
        figures.openFiles = (try? files.contentsOfDirectory(atPath: "/proc/self/fd"))?.count
        figures.openFilesMax = limit()
        figures.storeBytes = size(path)
        figures.logBytes = size(path + "-wal") ?? 0
        let folder = (path as NSString).deletingLastPathComponent
        let disk = try? files.attributesOfFileSystem(forPath: folder.isEmpty ? "." : folder)
        figures.freeBytes = (disk?[.systemFreeSize] as? NSNumber)?.intValue
        return figures
    }

    private static var files: FileManager { .default }

    private static func size(_ path: String) -> Int? {
        ((try? files.attributesOfItem(atPath: path))?[.size] as? NSNumber)?.intValue
    }

    private static func limit() -> Int? {
        for line in lines("/proc/self/limits") where line.hasPrefix("Max open files") {
            let words = line.dropFirst("Max open files".count).split(separator: " ")
            return words.first.flatMap { Int($0) }
        }
        return nil
    }

    private static func lines(_ path: String) -> [Substring] {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
    }

    private mutating func readProcess() {
        // The name may hold anything: the fields begin behind its last parenthesis.
        guard let text = Self.lines("/proc/self/stat").first,
            let end = text.lastIndex(of: ")")
        else { return }
        let fields = text[text.index(after: end)...].split(separator: " ")
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        let page = sysconf(Int32(_SC_PAGESIZE))
        guard fields.count > 21, ticks > 0, let user = Double(fields[11]),
            let system = Double(fields[12])
        else { return }
        processorSeconds = (user + system) / ticks
        virtualBytes = Int(fields[20])
        residentBytes = Int(fields[21]).map { $0 * page }
    }
}
