import FoundationEssentials

/// Where an order book is kept between two runs.
package struct OrderBookFile: Sendable {
    private static let bytesMax = 1 << 20

    private let path: String

    package init(path: String) { self.path = path }

    /// The book of the run before; nil if there is no file.
    package func load() throws(DemoError) -> OrderBook? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        guard (size ?? 0) <= Self.bytesMax else { return try OrderBook(decoding: []) }
        let bytes: [UInt8]
        do {
            bytes = Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw failure("read", error)
        }
        return try OrderBook(decoding: bytes)
    }

    /// Replaces the file in one step: a crash leaves the old one or the new one.
    package func save(_ book: OrderBook) throws(DemoError) {
        let bytes = try book.encoded()
        do {
            try Data(bytes).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw failure("save", error)
        }
    }

    private func failure(_ verb: String, _ error: any Error) -> DemoError {
        DemoError(
            code: .io, operation: "\(verb) \(path)", message: "\(error)",
            hint: "look at the permissions of the folder and at the free space")
    }
}
