import PullcordModel

/// Reads tar archives (POSIX ustar and pax, and GNU's long names) in memory.
///
/// Only regular files come out; folders are passed over, and anything else is refused: a pack has
/// no use for links and devices.
struct TarReader {
    private static let block = 512

    private let bytes: [UInt8]
    private var offset = 0
    /// What the extended header before an entry says of it.
    private var longName: String?
    private var longSize: Int?

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Every regular file, in the archive's order.
    mutating func files() throws(PackError) -> [(path: String, bytes: [UInt8])] {
        var files: [(path: String, bytes: [UInt8])] = []
        while let entry = try next() {
            guard files.count < Limits.packFilesMax else {
                throw PackError(.tooLarge, "it has more than \(Limits.packFilesMax) files")
            }
            files.append(entry)
        }
        return files
    }

    private mutating func next() throws(PackError) -> (path: String, bytes: [UInt8])? {
        while true {
            guard offset + Self.block <= bytes.count else {
                throw PackError(.tar, "it ends without the end mark of a tar archive")
            }
            let header = bytes[offset..<offset + Self.block]
            if header.allSatisfy({ $0 == 0 }) { return nil }
            try check(header)
            let own = try number(header, 124, 12)
            let name = longName ?? Self.name(header)
            let size = longSize ?? own
            let start = offset + Self.block
            guard size <= bytes.count - start else {
                throw PackError(.tar, "the file `\(StrangerText.printable(name))` is cut")
            }
            let content = bytes[start..<start + size]
            offset = start + (size + Self.block - 1) / Self.block * Self.block
            switch header[header.startIndex + 156] {
            case 0x30, 0x00:  // `0`: a regular file
                (longName, longSize) = (nil, nil)
                return (name, Array(content))
            case 0x35:  // `5`: a folder
                (longName, longSize) = (nil, nil)
            case 0x78: try readExtended(content)  // `x`: of the next entry
            case 0x67: break  // `g`: of all entries; nothing of it matters here
            case 0x4C:  // `L`: GNU's long name
                longName = Self.text(content)
            default:
                throw PackError(
                    .entry, "`\(StrangerText.printable(name))` is neither a file nor a folder",
                    hint: "a pack has no links and devices")
            }
        }
    }

    /// The sum of a header's bytes, its own field counted as spaces.
    private func check(_ header: ArraySlice<UInt8>) throws(PackError) {
        let stated = try number(header, 148, 8)
        let field = header.startIndex + 148..<header.startIndex + 156
        let sum = header.indices.reduce(0) { $0 + (field.contains($1) ? 0x20 : Int(header[$1])) }
        guard sum == stated else { throw PackError(.tar, "it is no tar archive, or a broken one") }
    }

    /// An octal number in a field of a header.
    private func number(
        _ header: ArraySlice<UInt8>, _ start: Int, _ count: Int
    ) throws(PackError) -> Int {
        let field = header.dropFirst(start).prefix(count)
        let digits = field.drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
        let rest = field.drop { $0 == 0x20 }.dropFirst(digits.count)
        // Twelve octal digits are 36 bits.
        guard rest.allSatisfy({ $0 == 0 || $0 == 0x20 }) else {
            throw PackError(.tar, "it is no tar archive, or a broken one")
        }
        return digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
    }

    private static func name(_ header: ArraySlice<UInt8>) -> String {
        let name = text(header.prefix(100))
        let isPOSIX = header.dropFirst(257).prefix(6).elementsEqual("ustar\0".utf8)
        let prefix = isPOSIX ? text(header.dropFirst(345).prefix(155)) : ""
        return prefix.isEmpty ? name : "\(prefix)/\(name)"
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Lines of `LENGTH KEY=VALUE` (pax): `path` and `size` matter.
    private mutating func readExtended(_ content: ArraySlice<UInt8>) throws(PackError) {
        var rest = content
        while !rest.isEmpty {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard digits.count < 10, let length = Int(String(decoding: digits, as: UTF8.self)),
                length > digits.count + 1, length <= rest.count
            else { throw PackError(.tar, "an extended header of it is broken") }
            let line = rest.prefix(length).dropFirst(digits.count + 1)
            rest = rest.dropFirst(length)
            let text = String(decoding: line.dropLast(), as: UTF8.self)
            guard let mark = text.firstIndex(of: "=") else { continue }
            let value = String(text[text.index(after: mark)...])
            switch text[..<mark] {
            case "path": longName = value
            case "size":
                guard let size = Int(value), size >= 0 else {
                    throw PackError(.tar, "an extended header of it is broken")
                }
                longSize = size
            default: break
            }
        }
    }
}
