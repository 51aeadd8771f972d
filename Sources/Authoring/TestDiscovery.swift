import Foundation
package import PullcordModel

/// Finds test files.
package enum TestDiscovery {
    /// Files of one run: a mistaken path such as `/` must not be walked for ever.
    static let entriesMax = 100_000

    /// The files that these paths name, each once: a file is taken whatever its name, a folder
    /// stands for every file in it, however deep, that lies in a folder `tests` or ends in
    /// `.test.yaml`.
    package static func files(in paths: [String]) throws(Problem) -> [String] {
        var found: [String] = []
        var seen: Set<String> = []
        for path in paths {
            let attributes = try? FileManager.default.attributesOfItem(
                atPath: URL(filePath: path).resolvingSymlinksInPath().path)
            guard let attributes else {
                throw Problem(
                    code: "file_missing", message: "there is no such file or folder", place: path)
            }
            let isFolder = attributes[.type] as? FileAttributeType == .typeDirectory
            let files = isFolder ? try tests(in: path) : [path]
            found += files.filter { seen.insert($0).inserted }
        }
        return found
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
