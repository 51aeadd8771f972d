import Foundation
import PullcordConfig
import PullcordDrafting
import PullcordModel

extension AdapterNewCommand {
    /// Converts a manifest; true if something was left out.
    func draftAirbyte(_ path: String) throws -> Bool {
        let bytes = try Self.bytes(of: path)
        let conversion = try AirbyteManifest.convert(
            bytes, file: path, name: name ?? Self.adapterName(ofManifest: path))
        return try finish(conversion, path)
    }

    /// Lists what an OpenAPI file describes, or writes what was chosen; true if something was
    /// left out.
    func draftOpenAPI(_ path: String) throws -> Bool {
        let document = try OpenAPIDocument(try Self.bytes(of: path), file: path)
        guard all || !stream.isEmpty else {
            list(document, path)
            return false
        }
        let chosen = try document.chosen(all ? nil : stream)
        return try finish(document.draft(of: chosen, name: name), path)
    }

    private func list(_ document: OpenAPIDocument, _ path: String) {
        var table = Table("STREAM", "REQUEST", "RECORDS", "KEY", "PAGES", "SINCE", "BELOW")
        for collection in document.collections {
            let printable = StrangerText.printable
            table.add(
                collection.name, printable(collection.request), printable(collection.records),
                collection.key.isEmpty ? "?" : printable(collection.key.joined(separator: ", ")),
                collection.pages, printable(collection.since ?? "–"), collection.parent ?? "–")
        }
        guard !document.collections.isEmpty else {
            StandardOutput.writeLine(
                "no operation of \(path) answers with an array of objects")
            return
        }
        let palette = Palette(isOn: StandardOutput.hasColours)
        for line in table.lines(width: StandardOutput.width, palette: palette) {
            StandardOutput.writeLine(line)
        }
        StandardOutput.writeLine(
            "\nwrite some of them with --stream NAME (several), or all with --all")
    }

    private func finish(_ conversion: DraftConversion, _ path: String) throws -> Bool {
        var draft = conversion.draft
        let origin = Place(file: path, line: 1, column: 1)
        var leftovers = conversion.leftovers
        leftovers += draft.settle(from: origin, check: DraftPlace.complaints(in:))
        leftovers.sort { $0.place < $1.place }
        try tell(leftovers)
        guard !draft.streams.isEmpty else {
            throw Problem(
                code: "draft_empty", message: "no stream could be carried over", place: path,
                hint: leftovers.isEmpty ? "is it the right file?" : "the report says why")
        }
        try place.write(draft)
        let isPartial = leftovers.contains { $0.weight == .leftOut }
        let count = leftovers.count { $0.weight == .leftOut }
        place.say(
            (place.isStream ? "" : "written to \(place.path(for: draft)): ")
                + "\(draft.streams.count) of \(conversion.streamsFound) streams"
                + (count == 0 ? "" : "; \(count) things were left out"))
        place.warn(of: draft)
        place.suggest(draft)
        return isPartial
    }

    private func tell(_ leftovers: [Leftover]) throws {
        let text = leftovers.map { "\($0)\n" }.joined()
        guard let report else {
            StandardError.write(text)
            return
        }
        do {
            try Data(text.utf8).write(to: URL(filePath: report), options: .atomic)
        } catch {
            let reason = (error as NSError).localizedFailureReason ?? "the file cannot be written"
            throw Problem(code: "file_unwritable", message: reason, place: report)
        }
    }

    private static func bytes(of path: String) throws -> [UInt8] {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        if let size = attributes?[.size] as? Int, size > DraftLimits.documentBytesMax {
            throw Problem(
                code: "file_too_large",
                message: "the file has more than \(DraftLimits.documentBytesMax) bytes",
                place: path)
        }
        switch Workplace.files.read(path) {
        case .bytes(let bytes): return bytes
        case .missing:
            throw Problem(code: "file_unreadable", message: "there is no such file", place: path)
        case .unreadable(let reason):
            throw Problem(code: "file_unreadable", message: reason, place: path)
        }
    }

    /// `source-sentry/manifest.yaml` is `sentry`; a file by another name is called like itself.
    private static func adapterName(ofManifest path: String) -> String {
        let url = URL(filePath: path)
        var name = url.deletingPathExtension().lastPathComponent
        if name == "manifest" {
            name = url.deletingLastPathComponent().lastPathComponent
        }
        for prefix in ["source-", "source_"] where name.hasPrefix(prefix) {
            name = String(name.dropFirst(prefix.count))
        }
        return Names.adapter(name)
    }
}
