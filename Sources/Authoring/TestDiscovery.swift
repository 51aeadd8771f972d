import Foundation
package import PullcordModel

/// Finds test files.
package enum TestDiscovery {
    /// Files of one run: a mistaken path such as `/` must not be walked for ever.
    static let entriesMax = 100_000

    /// The files that these paths name, each once: a folder stands for every file in it, however
    /// deep, that lies in a folder `tests` or ends in `.test.yaml`, an adapter for its tests; any
    /// other file is taken for a test.
    package static func files(in paths: [String]) throws(Problem) -> [String] {
        var found: [String] = []
        var seen: Set<String> = []
        for path in paths.map({ Self.withFolder($0) }) {
            let attributes = try? FileManager.default.attributesOfItem(
                atPath: URL(filePath: path).resolvingSymlinksInPath().path)
            guard let attributes else {
                throw Problem(
                    code: "file_missing", message: "there is no such file or folder", place: path)
            }
            let isFolder = attributes[.type] as? FileAttributeType == .typeDirectory
            let files = isFolder ? try tests(in: path) : tests(of: path)
            found += files.filter { seen.insert($0).inserted }
        }
        return found
    }

    /// A path that tells that it is in a folder `tests`, where that is the current folder.
    private static func withFolder(_ path: String) -> String {
        let here = URL(filePath: FileManager.default.currentDirectoryPath).lastPathComponent
        guard here == "tests", !path.hasPrefix("/") else { return path }
        let rest = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        if rest.isEmpty || rest == "." { return "../tests" }
        return rest.contains("/") ? path : "../tests/\(rest)"
    }

    /// The tests of an adapter, where it has some.
    private static func tests(of path: String) -> [String] {
        guard !TestReader.isTest(path), let dot = path.lastIndex(of: ".") else { return [path] }
        let file = URL(filePath: path)
        let name = file.deletingPathExtension().lastPathComponent
        let folder = path.prefix(path.utf8.count - file.lastPathComponent.utf8.count)
        let found = ["\(folder)tests/\(name).yaml", "\(path[..<dot]).test.yaml"]
            .filter { FileManager.default.fileExists(atPath: $0) }
        return found.isEmpty ? [path] : found
    }

    private static func tests(in folder: String) throws(Problem) -> [String] {
        guard let walker = FileManager.default.enumerator(atPath: folder) else { return [] }
        var found: [String] = []
        var count = 0
        while let entry = walker.nextObject() as? String {
            count += 1
            guard count <= entriesMax else {
                throw Problem(
                    code: "too_many_files",
                    message: "there are more than \(entriesMax) files in the folder",
                    place: folder, hint: "name the folder of the tests")
            }
            let path = folder.hasSuffix("/") ? folder + entry : "\(folder)/\(entry)"
            if TestReader.isTest(path), !entry.split(separator: "/").contains(".git") {
                found.append(path)
            }
        }
        return found.sorted()
    }
}
