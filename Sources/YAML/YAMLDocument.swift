import PullcordModel

/// One YAML file, read whole: its root, and what is wrong with it although it could be read.
package struct YAMLDocument: Sendable {
    package let root: YAMLNode
    /// Mistakes that do not hide the rest of the file: equal keys, unknown aliases, odd tags.
    ///
    /// Whoever reads ``root`` must report them; a file with complaints is not valid.
    package let complaints: [YAMLError]

    /// Reads exactly one document (YAML 1.2 core schema over libyaml's YAML 1.1 syntax).
    ///
    /// - Parameters:
    ///   - bytes: UTF-8, at most ``YAMLLimits/fileBytesMax``.
    ///   - file: the name that places carry.
    /// - Returns: the document, which may still have ``complaints``.
    /// - Throws: ``YAMLError`` for a file that cannot be read to its end.
    package static func parse(_ bytes: [UInt8], file: String) throws(YAMLError) -> YAMLDocument {
        let start = Place(file: file, line: 1, column: 1)
        guard bytes.count <= YAMLLimits.fileBytesMax else {
            throw YAMLError(
                code: .tooLarge, place: start,
                message: "the file has \(bytes.count) bytes; at most "
                    + "\(YAMLLimits.fileBytesMax) are read",
                hint: "split it into several files")
        }
        let source = try SourceText(bytes, file: file)
        // libyaml is told the encoding, so it does not look for a byte order mark itself.
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        guard let reader = EventReader(hasMark ? Array(bytes.dropFirst(3)) : bytes) else {
            throw YAMLError(code: .memory, place: start, message: "memory ran out")
        }
        var composer = Composer(reader: reader, source: source)
        return try composer.document()
    }

    init(root: YAMLNode, complaints: [YAMLError]) {
        self.root = root
        self.complaints = complaints
    }
}
