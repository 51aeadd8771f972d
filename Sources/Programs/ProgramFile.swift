import Foundation

/// Finds the file of a program, as a shell would.
package enum ProgramFile {
    package enum Outcome: Sendable, Equatable {
        case found(String)
        /// With the reason in words.
        case missing(String)
    }

    /// `name` is a path, relative to `folder`, or a name that is looked for in the folders of
    /// `path`.
    package static func find(_ name: String, from folder: String, path: String) -> Outcome {
        guard !name.contains("/") else {
            let file = absolute(name, from: folder)
            if let complaint = complaint(about: file) { return .missing(complaint) }
            return .found(file)
        }
        for place in path.split(separator: ":") {
            let file = "\(place)/\(name)"
            if complaint(about: file) == nil { return .found(file) }
        }
        return .missing("no folder of PATH has `\(name)` (\(path))")
    }

    /// What programs are looked for in, unless the environment says otherwise.
    package static let pathDefault = "/usr/local/bin:/usr/bin:/bin"

    static func absolute(_ name: String, from folder: String) -> String {
        let current = FileManager.default.currentDirectoryPath
        let base = folder.hasPrefix("/") ? folder : "\(current)/\(folder)"
        return URL(filePath: name.hasPrefix("/") ? name : "\(base)/\(name)").standardized.path
    }

    private static func complaint(about file: String) -> String? {
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) else {
            return "there is no \(file)"
        }
        if isFolder.boolValue { return "\(file) is a folder" }
        guard FileManager.default.isExecutableFile(atPath: file) else {
            return "\(file) may not be executed: chmod +x makes it a program"
        }
        return nil
    }
}
