import ArgumentParser
import Foundation
import PullcordConfig
import PullcordModel
import PullcordPacks

struct AdapterPackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack",
        abstract: "Put the adapters of a folder into one archive.",
        discussion: """
            Writes a .tar.gz of all adapters in the folder, those in folders of their own included \
            and their tests left out, and prints the lines that a bridge file takes it by. Equal adapters make equal bytes. \
            An adapter with mistakes is told of, and then nothing is written.
            """)

    @Argument(help: "A folder of adapters.", completion: .directory)
    var folder: String

    @Option(name: [.customShort("o"), .long], help: "The archive to write, as in acme.tar.gz.")
    var output: String

    func run() async throws {
        try await explaining {
            let files = try adapters()
            let report = Workplace.loader.check(files.map(\.path))
            if report.hasErrors { throw report }
            Workplace.show(report)
            let archive: [UInt8]
            do {
                archive = try Pack.write(files.map { (path: $0.name, bytes: $0.bytes) })
                let packed = Self.check(try Pack.read(archive), as: output)
                if packed.hasErrors { throw packed }
            } catch let error as PackError {
                throw Problem(
                    code: error.code.rawValue, message: error.message, place: folder,
                    hint: error.hint)
            }
            do {
                try Data(archive).write(to: URL(filePath: output), options: .atomic)
            } catch {
                throw Problem(
                    code: "file_unwritable", message: "the archive cannot be written",
                    place: output, hint: error.localizedDescription)
            }
            let count = files.count == 1 ? "1 adapter" : "\(files.count) adapters"
            StandardError.writeLine("\(output): \(count), \(Shown.bytes(archive.count))")
            StandardOutput.writeLine(
                "adapters:\n  - { archive: \(output), sha256: \(Pack.checksum(archive)) }")
        }
    }

    /// What is wrong with adapters that were right where they are: what they extend may be missing.
    private static func check(_ files: [String: [UInt8]], as path: String) -> DiagnosticReport {
        let shelf = PackShelf(files, at: path)
        return Workplace.loader(over: shelf.over(Workplace.files))
            .check(files.keys.sorted().map { "\(path)/\($0)" })
    }

    private struct File {
        /// As seen from the folder.
        let name: String
        let path: String
        let bytes: [UInt8]
    }

    /// What bridge files could find by name in the folder, and what those files extend.
    private func adapters() throws -> [File] {
        let names = FileManager.default.subpaths(atPath: folder) ?? []
        let files = names.sorted().compactMap { name -> File? in
            let parts = name.split(separator: "/")
            let isYAML = name.hasSuffix(".yaml") || name.hasSuffix(".yml")
            let isTest = parts.dropLast().contains("tests") || name.hasSuffix(".test.yaml")
            guard isYAML, !isTest, !parts.contains(where: { $0.hasPrefix(".") }) else {
                return nil
            }
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            guard case .bytes(let bytes) = Workplace.files.read(path),
                AdapterCatalogue.isAdapter(bytes)
            else { return nil }
            return File(name: name, path: path, bytes: bytes)
        }
        guard !files.isEmpty else {
            throw Problem(
                code: "adapters_missing", message: "there is no adapter in the folder",
                place: folder, hint: "an adapter is a file NAME.yaml, or NAME/adapter.yaml")
        }
        return files
    }
}
