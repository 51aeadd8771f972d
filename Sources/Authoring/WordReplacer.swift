/// Puts words in the place of others in one pass over a text, however many they are.
struct WordReplacer {
    private struct Word {
        let bytes: [UInt8]
        let stand: [UInt8]
    }

    /// By their first bytes, the longest first.
    private var words: [ArraySlice<UInt8>: [Word]] = [:]

    /// Shorter words are found in too many places that mean something else.
    static let bytesMin = 3

    mutating func add(_ word: String, _ stand: String) {
        let bytes = Array(word.utf8)
        guard bytes.count >= Self.bytesMin else { return }
        let head = bytes[..<Self.bytesMin]
        words[head, default: []].append(Word(bytes: bytes, stand: Array(stand.utf8)))
        words[head]?.sort { $0.bytes.count > $1.bytes.count }
    }

    func replaced(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if let word = word(in: bytes, at: index) {
                result += word.stand
                index += word.bytes.count
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private func word(in bytes: [UInt8], at index: Int) -> Word? {
        guard index + Self.bytesMin <= bytes.count,
            index == 0 || !Self.isPart(bytes[index - 1]),
            let found = words[bytes[index..<index + Self.bytesMin]]
        else { return nil }
        return found.first { word in
            let end = index + word.bytes.count
            return end <= bytes.count && bytes[index..<end].elementsEqual(word.bytes)
                && (end == bytes.count || !Self.isPart(bytes[end]))
        }
    }

    /// Letters and digits, those beyond ASCII included.
    private static func isPart(_ byte: UInt8) -> Bool {
        byte >= 0x80 || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
            || (0x61...0x7A).contains(byte)
    }
}
