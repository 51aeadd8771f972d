import Foundation
import PullcordConfig
import PullcordGuide
import PullcordModel

/// A Markdown file with parts that are made.
struct GeneratedFile {
    let path: String

    /// Writes a part anew; what stands around it stays as it is.
    func write(_ contents: String, as part: GeneratedPart) throws {
        guard case .bytes(let bytes) = Workplace.files.read(path) else {
            throw Problem(
                code: "file_unreadable", message: "the file cannot be read", place: path)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let new = part.replacing(in: text, with: contents) else {
            throw Problem(
                code: "part_missing", message: "the file has no place for it", place: path,
                hint: "write a line \(part.begin) and a line \(part.end) where it belongs")
        }
        if new == text { return }
        do {
            try Data(new.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw Problem(
                code: "file_unwritable", message: "the file cannot be written", place: path,
                hint: error.localizedDescription)
        }
    }
}
