/// Writes tar archives (POSIX ustar) whose bytes depend on paths and contents alone.
struct TarWriter {
    private static let block = 512

    private(set) var bytes: [UInt8] = []

    /// Appends a regular file, readable by all, of nobody and no time.
    mutating func add(_ path: String, _ content: [UInt8]) throws(PackError) {
        guard let (prefix, name) = Self.split(path) else {
            throw PackError(.entry, "the path `\(path)` is too long for an archive")
        }
        var header = [UInt8](repeating: 0, count: Self.block)
        func put(_ text: String, at start: Int) {
            for (index, byte) in text.utf8.enumerated() { header[start + index] = byte }
        }
        func octal(_ number: Int, _ digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(name, at: 0)
        put(octal(0o644, 7), at: 100)
        put(octal(0, 7), at: 108)
        put(octal(0, 7), at: 116)
        put(octal(content.count, 11), at: 124)
        put(octal(0, 11), at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put(prefix, at: 345)
        let sum = header.reduce(0) { $0 + Int($1) }
        put(octal(sum, 6) + "\0 ", at: 148)
        bytes += header + content
        bytes += [UInt8](
            repeating: 0, count: (Self.block - content.count % Self.block) % Self.block)
    }

    /// The whole archive with its end mark.
    consuming func finish() -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: 2 * Self.block)
    }

    /// A name of at most 100 bytes, and what stands before it.
    private static func split(_ path: String) -> (prefix: String, name: String)? {
        if path.utf8.count <= 100 { return ("", path) }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        for count in 1..<max(2, parts.count) {
            let prefix = parts.prefix(count).joined(separator: "/")
            let name = parts.dropFirst(count).joined(separator: "/")
            if prefix.utf8.count <= 155, name.utf8.count <= 100, !name.isEmpty {
                return (prefix, name)
            }
        }
        return nil
    }
}
