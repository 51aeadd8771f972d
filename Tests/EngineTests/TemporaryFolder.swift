import Foundation

/// A folder of its own for one test, removed with the last reference.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "pullcord-engine-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        path = url.path
    }

    /// Puts another, empty file in the place of one, as a careless restore does.
    func replace(_ name: String) throws {
        let file = "\(path)/\(name)"
        try FileManager.default.moveItem(atPath: file, toPath: "\(file).old")
        try Data().write(to: URL(filePath: file))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
