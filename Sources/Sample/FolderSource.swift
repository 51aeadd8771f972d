import Foundation
import PullcordKit

/// The files of a folder as records: `files` is the whole list, so that a file that is removed is
/// a delete, and `lines` is what was added to the end of one file since the last poll.
struct FolderSource: RecordSource {
    /// Files of one page.
    private static let pageSize = 100
    /// Bytes of new lines that are read at a time.
    private static let stepBytes = 1 << 20

    let streams = [
        RecordStream("files", key: ["name"], ignore: ["seen"]),
        RecordStream("lines", key: ["offset"], reading: .changes),
    ]

    let parameters = [
        SourceParameter("folder", isRequired: true), SourceParameter("log"),
    ]

    private struct File: Codable {
        let name: String
        let bytes: Int
        let modified: Date
    }

    private struct Line: Codable {
        let offset: Int
        let text: String
    }

    func page(_ request: PageRequest) async throws -> RecordPage {
        let folder = URL(filePath: request.parameters["folder"] ?? ".")
        return request.stream == "files"
            ? try files(of: folder, from: request.page.flatMap { Int($0) } ?? 0)
            : try lines(of: folder.appending(path: request.parameters["log"] ?? "log"), request)
    }

    private func files(of folder: URL, from start: Int) throws -> RecordPage {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        let page = names.dropFirst(start).prefix(Self.pageSize)
        let files = page.compactMap { name -> File? in
            let facts = try? FileManager.default.attributesOfItem(
                atPath: folder.appending(path: name).path)
            // One that went away since the list was read is not there any more.
            guard let facts else { return nil }
            return File(
                name: name, bytes: facts[.size] as? Int ?? 0,
                modified: facts[.modificationDate] as? Date ?? .distantPast)
        }
        let end = start + page.count
        return RecordPage(
            json: Array(try Self.encoder.encode(files)), next: end < names.count ? "\(end)" : nil)
    }

    private func lines(of file: URL, _ request: PageRequest) throws -> RecordPage {
        guard let handle = FileHandle(forReadingAtPath: file.path) else {
            throw SourceFailure("there is no \(file.lastPathComponent) yet", isTemporary: false)
        }
        defer { try? handle.close() }
        let start = (request.page ?? request.cursor).flatMap { UInt64($0) } ?? 0
        let size = try handle.seekToEnd()
        guard start < size else {
            return RecordPage(records: [], cursor: "\(min(start, size))")
        }
        try handle.seek(toOffset: start)
        let bytes = try handle.read(upToCount: Self.stepBytes) ?? Data()
        guard let last = bytes.lastIndex(of: 0x0A) else {
            // Half a line is read when it is whole.
            return RecordPage(records: [], cursor: "\(start)")
        }
        var offset = Int(start)
        let lines = bytes[...last].dropLast().split(
            separator: 0x0A, omittingEmptySubsequences: false
        ).map { text -> Line in
            defer { offset += text.count + 1 }
            return Line(offset: offset, text: String(decoding: text, as: UTF8.self))
        }
        let hasMore = UInt64(offset) < size && bytes.count == Self.stepBytes
        return RecordPage(
            json: Array(try Self.encoder.encode(lines)), next: hasMore ? "\(offset)" : nil,
            cursor: "\(offset)")
    }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = .sortedKeys
        return encoder
    }
}
